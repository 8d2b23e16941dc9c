"""One thing of each kind that an address of Q-TAGs can name."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from awarding.accounts.roles import Role
from awarding.accounts.standing import Standing
from awarding.files.models import StoredFile
from centres.models import Learner
from qtag.models import Award, Declaration, EvidenceFile, GradeUpload, Judgement, Submission
from qtag.services.recording import record_circumstance
from qtag.services.sheets import issue_sheet
from tests.factories.qtags import grade_all, make_eligible, make_submission, record_steps, staff_cohort

if TYPE_CHECKING:
    from tests.matrix.scene import Scene
    from tests.matrix.world import Tenant

COHORT_STAFF = (Role.TEACHER, Role.LEAD_INTERNAL_VERIFIER, Role.HEAD_OF_DEPARTMENT)
OWN_MEANING = {
    "qtag:send_back": {"move": "qtag_move"},
    "qtag:sheet": {"version": "sheet_version"},
    "results:qtags_release": {"code": "release_code"},
}


def parameters(scene: Scene) -> dict[str, Any]:
    """A submission with three graded learners; the first is open and has evidence and a circumstance."""
    tenant, contact = scene.tenant, scene.contact
    submission = make_submission(tenant.centre, contact)
    teacher = _staff(tenant, submission)
    learners = submission.judgements.values("registration__learner_id")
    Learner.objects.filter(pk__in=learners).update(family_name=scene.learner.registration.learner.family_name)
    for judgement in submission.judgements.select_related("registration__qualification"):
        make_eligible(teacher, judgement)
    grade_all(teacher, submission)
    record_steps(teacher, submission)
    first = Judgement.objects.filter(submission=submission).order_by("pk")[0]
    record_circumstance(
        actor=teacher, judgement_id=first.pk, kind="access", what="Extra time", taken_into_account="In every test"
    )
    declaration = Declaration.objects.create(
        centre=tenant.centre, adoption=submission.adoption, content={}, digest="0" * 64, statements=[],
        signed_by=tenant.people[Role.HEAD_OF_CENTRE], signed_as="head_of_centre", document=scene.stored,
        signed_at=dt.datetime(2021, 6, 18, tzinfo=dt.UTC),
    )  # fmt: skip
    Award.objects.create(
        submission=submission, centre=tenant.centre, state="recorded", accepted_by=tenant.people[Role.AO_ADMIN]
    )
    piece = first.evidence.get()
    return {
        **_sheet(teacher, submission, scene.stored),
        "attached_id": EvidenceFile.objects.create(piece=piece, file=scene.stored, uploaded_by=teacher.person).pk,
        "submission_id": submission.pk,
        "judgement_id": first.pk,
        "adoption_id": submission.adoption_id,
        "declaration_id": declaration.pk,
        "step": "collect",
        "section": "evidence",
        "kind": "evidence",
        "piece_id": piece.pk,
        "qtag_move": "recall",
        "release_code": "level_2",
    }


def grow(scene: Scene) -> None:
    """Two more submissions, each of two learners."""
    for _ in range(2):
        submission = make_submission(scene.tenant.centre, scene.contact, learners=2)
        _staff(scene.tenant, submission)


def _sheet(teacher: Standing, submission: Submission, file: StoredFile) -> dict[str, Any]:
    """The teacher's workbook, and one that they sent back."""
    sheet = issue_sheet(actor=teacher, submission=submission)
    upload = GradeUpload.objects.create(
        submission=submission, sheet=sheet, file=file, state=GradeUpload.State.CHECKED, uploaded_by=teacher.person
    )
    return {"sheet_version": sheet.version, "grade_upload_id": upload.pk}


def _staff(tenant: Tenant, submission: Any) -> Standing:
    cohort_id = submission.judgements.first().registration.cohort_id
    for role in COHORT_STAFF:
        person = tenant.people[role]
        staff_cohort(Standing(person, tenant.ao, frozenset({(role, tenant.centre.pk)})), cohort_id)
    return Standing(tenant.people[Role.TEACHER], tenant.ao, frozenset({(Role.TEACHER, tenant.centre.pk)}))
