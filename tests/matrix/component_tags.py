"""Requests for component grades, for the matrix: written as rows, whatever the claim's framework and the day are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from awarding.accounts.standing import Standing
from mitigations.models import Claim, ComponentTag

if TYPE_CHECKING:
    from tests.matrix.world import Tenant


def make_component_tag(claim: Claim, contact: Standing, *, unit: int = 0, state: str = "requested") -> ComponentTag:
    """A request about the claim's first learner in one of its units."""
    return ComponentTag.objects.create(
        centre=claim.centre, claim=claim, learner=claim.learners.first(), unit=claim.units.all()[unit], grade="Pass",
        state=state, drafted_by=contact.person,
    )  # fmt: skip


def grow_component_tags(tenant: Tenant, contact: Standing) -> None:
    """Two more requests on the first claim, turned down before."""
    claim = Claim.objects.get(pk=tenant.parameters["claim_id"])
    for _ in range(2):
        make_component_tag(claim, contact, state="refused")
