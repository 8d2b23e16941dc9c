"""Claims on their way through external verification."""

from __future__ import annotations

from dataclasses import dataclass

from awarding.accounts.roles import Role
from awarding.accounts.standing import Standing
from awarding.tenancy.models import AwardingOrganisation
from awarding.workflow.services import apply_transition
from centres.models import Centre
from mitigations.models import Claim, ClaimCell, ClaimLearner, ClaimUnit
from mitigations.workflow import CLAIM
from qa_sampling.services.allocation import allocate_claim
from tests.factories.claims import make_claim
from tests.factories.organisation import make_centre, make_standing


@dataclass
class Scene:
    """A claim and everybody who touches it."""

    ao: AwardingOrganisation
    centre: Centre
    contact: Standing
    admin: Standing
    verifier: Standing
    claim: Claim

    def learner(self, position: int) -> ClaimLearner:
        return ClaimLearner.objects.get(claim=self.claim, position=position)

    def unit(self, position: int) -> ClaimUnit:
        return ClaimUnit.objects.get(claim=self.claim, position=position)


def fill_claim(claim: Claim, value: str = "Pass") -> None:
    """The same grade in every cell."""
    units = list(ClaimUnit.objects.filter(claim=claim))
    ClaimCell.objects.bulk_create(
        ClaimCell(claim=claim, learner=learner, unit=unit, value=value)
        for learner in ClaimLearner.objects.filter(claim=claim)
        for unit in units
    )


def make_scene(ao: AwardingOrganisation, *, learners: int = 2, units: int = 2) -> Scene:
    """A filled claim that waits for a verifier. Needs the AO's scope."""
    centre = make_centre()
    contact = make_standing(ao, Role.QUALITY_CONTACT, centre)
    admin, verifier = make_standing(ao, Role.AO_ADMIN), make_standing(ao, Role.EXTERNAL_VERIFIER)
    claim = make_claim(centre, contact, learners=learners, units=units)
    fill_claim(claim)
    claim = apply_transition(CLAIM, claim, "submit_to_verifier", actor=contact)
    return Scene(ao, centre, contact, admin, verifier, claim)


def make_allocated(ao: AwardingOrganisation, **sizes: int) -> Scene:
    """As make_scene, and allocated to the verifier."""
    scene = make_scene(ao, **sizes)
    allocate_claim(actor=scene.admin, claim=scene.claim, verifier=scene.verifier.person)
    scene.claim.refresh_from_db()
    return scene
