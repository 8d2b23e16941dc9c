"""What the areas of the matrix start from: a tenant, its first claim with the external verifier, and who acts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from awarding.accounts.models import User
from awarding.accounts.roles import AO_ROLES, Role
from awarding.accounts.standing import Standing
from awarding.files.models import StoredFile
from awarding.files.services import store_file
from awarding.workflow.services import apply_transition
from mitigations.models import Claim, ClaimLearner, ClaimUnit
from mitigations.workflow import CLAIM
from tests.factories import make_claim
from tests.factories.verification import fill_claim

if TYPE_CHECKING:
    from tests.matrix.world import Tenant

PDF = b"%PDF-1.7\n%%EOF\n"


@dataclass
class Scene:
    """The tenant, its first claim, the claim's quality contact, and a file of the centre's."""

    tenant: Tenant
    claim: Claim
    contact: Standing
    stored: StoredFile

    def person(self, role: Role) -> User:
        return self.tenant.people[role]

    def standing(self, role: Role) -> Standing:
        centre = None if role in AO_ROLES else self.tenant.centre.pk
        return Standing(self.person(role), self.tenant.ao, frozenset({(role, centre)}))

    @property
    def admin(self) -> Standing:
        return self.standing(Role.AO_ADMIN)

    @property
    def learner(self) -> ClaimLearner:
        return self.claim.learners.all()[0]

    @property
    def unit(self) -> ClaimUnit:
        return self.claim.units.all()[0]

    def reach(self, move: str, *, learners: int = 1) -> Claim:
        """Another claim of the centre, filled in and moved on."""
        claim = make_claim(self.tenant.centre, self.contact, learners=learners)
        fill_claim(claim)
        return apply_transition(CLAIM, claim, move, actor=self.contact) if move else claim


def file_of(contact: Standing, name: str) -> StoredFile:
    return store_file(actor=contact, purpose="registrations", name=name, content=b"ULN\n", media_type="text/csv")
