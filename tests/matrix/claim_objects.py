"""What the pages of one claim name: its workbook, upload and record, and the sample that is drawn of it."""

from __future__ import annotations

import datetime as dt
import io
from typing import TYPE_CHECKING, Any

from awarding.accounts.roles import Role
from awarding.workflow.services import apply_transition
from centres.models import CohortStaff
from mitigations.models import Claim, EracDocument, EracUpload, VerifierRecord
from mitigations.workflow import CLAIM
from qa_sampling.services.allocation import allocate_claim
from qa_sampling.services.evidence import add_evidence
from qa_sampling.services.sample import pick_piece, request_evidence
from tests.factories import make_claim
from tests.factories.verification import fill_claim
from tests.matrix.scene import PDF

if TYPE_CHECKING:
    from tests.matrix.scene import Scene


OWN_MEANING = {
    "api:claim-detail": {"pk": "claim_id"},
    "mitigations:upload": {"upload_id": "erac_upload_id"},
}


def parameters(scene: Scene) -> dict[str, Any]:
    """The scene's claim is filled in, signed and given to the external verifier. The first area: others build on that."""
    claim, person = scene.claim, scene.contact.person
    fill_claim(claim)
    document = EracDocument.objects.create(
        claim=claim, version=9, key=f"key-{claim.pk}", adoption_id=claim.adoption_id, issued_by=person
    )
    upload = EracUpload.objects.create(
        claim=claim, document=document, file=scene.stored, state=EracUpload.State.CHECKED, uploaded_by=person
    )
    scene.claim = claim = apply_transition(CLAIM, claim, "submit_to_verifier", actor=scene.contact)
    seen = scene.standing(Role.EXTERNAL_VERIFIER)
    allocate_claim(actor=scene.admin, claim=claim, verifier=seen.person)
    pick = pick_piece(actor=seen, claim=claim, learner=scene.learner, unit=scene.unit)
    request_evidence(actor=seen, claim=claim, due_on=dt.date(2030, 1, 1))
    evidence = add_evidence(actor=scene.contact, pick=pick, handle=io.BytesIO(PDF), name="work.pdf", size=len(PDF))
    for move in ("submit_to_panel", "submit_to_verifier"):
        scene.reach(move)
    _waiting_inside(scene)
    return {
        "claim_id": claim.pk,
        "row_key": scene.learner.row_key,
        "cohort_id": claim.cohort_id,
        "qan": claim.qualification.qan,
        "erac_upload_id": upload.pk,
        "document_id": document.pk,
        "version": document.version,
        "pick_id": pick.pk,
        "evidence_id": evidence.pk,
        "record_id": VerifierRecord.objects.create(
            claim=claim, decision="supported", standards="All", reasons="Sound", file=scene.stored, signed_by=person
        ).pk,
    }


def grow(scene: Scene) -> None:
    """More claims on their way, and the rest of the first claim's cells in its sample."""
    for _ in range(2):
        for move in ("submit_to_verifier", "submit_to_panel", "allocate", ""):
            claim = scene.reach("submit_to_verifier" if move == "allocate" else move, learners=3)
            _staff(scene, claim)
            if move == "allocate":
                allocate_claim(actor=scene.admin, claim=claim, verifier=scene.person(Role.EXTERNAL_VERIFIER))
        _waiting_inside(scene)
    seen = scene.standing(Role.EXTERNAL_VERIFIER)
    for learner in scene.claim.learners.all():
        for unit in scene.claim.units.all():
            pick_piece(actor=seen, claim=scene.claim, learner=learner, unit=unit)


def _staff(scene: Scene, claim: Claim) -> None:
    for role in (Role.TEACHER, Role.INTERNAL_VERIFIER):
        CohortStaff.objects.create(cohort=claim.cohort, person=scene.person(role))


def _waiting_inside(scene: Scene) -> None:
    """A claim with the internal and one with the direct-claims verifier; everything has been where it is for long."""
    for state in ("with_iv", "with_dcv"):
        claim = make_claim(scene.tenant.centre, scene.contact, learners=1)
        _staff(scene, claim)
        Claim.objects.filter(pk=claim.pk).update(state=state)
    Claim.objects.update(state_since=dt.datetime(2024, 1, 1, tzinfo=dt.UTC))
