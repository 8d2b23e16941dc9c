"""One thing of each kind that an address of the portal can name, by the parameter's name.

Each area has a file of its own beside this one, `<area>_objects.py`, which is found by its name. It says with
`parameters(scene)` what its addresses name, adds with `grow(scene)` two more of everything that its pages list, and may
say in OWN_MEANING what a route means by a parameter that names another thing elsewhere.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from awarding.accounts.roles import Role
from awarding.accounts.standing import Standing
from awarding.tenancy.scope import open_scope
from mitigations.models import Claim
from tests.matrix import claim_objects
from tests.matrix.scene import Scene, file_of

if TYPE_CHECKING:
    from tests.matrix.world import Tenant

_FOUND = [import_module(f"tests.matrix.{file.stem}") for file in sorted(Path(__file__).parent.glob("*_objects.py"))]
# The claim is filled in and on its way before others say something about it.
AREAS = [claim_objects, *(area for area in _FOUND if area is not claim_objects)]

# {"route": {"parameter": "key of parameters_of"}}
OWN_MEANING: dict[str, dict[str, str]] = {
    route: names for area in AREAS for route, names in getattr(area, "OWN_MEANING", {}).items()
}


def parameters_of(tenant: Tenant, claim: Claim, contact: Standing) -> dict[str, Any]:
    """{"claim_id": ..., "qan": ..., ...} for the tenant's own things."""
    scene = Scene(tenant, claim, contact, file_of(contact, "learners.csv"))
    return {name: value for area in AREAS for name, value in area.parameters(scene).items()}


def grow(tenant: Tenant) -> None:
    """Two more of everything that lists show, at the tenant's own centre."""
    with open_scope(tenant.ao):
        roles = frozenset({(Role.QUALITY_CONTACT, tenant.centre.pk)})
        contact = Standing(tenant.people[Role.QUALITY_CONTACT], tenant.ao, roles)
        claim = Claim.objects.get(pk=tenant.parameters["claim_id"])
        scene = Scene(tenant, claim, contact, file_of(contact, "more.csv"))
        for area in AREAS:
            area.grow(scene)
