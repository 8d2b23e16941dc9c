"""Which Q-TAGs of the demonstration show something on their pages."""

from __future__ import annotations

from typing import Any

from qtag.models import (
    Declaration,
    DeclarationConcern,
    Deputy,
    EvidenceFile,
    EvidenceHold,
    GradeUpload,
    Judgement,
    Submission,
)
from tests.matrix.routes import Route
from tests.system.first import first

# Which move's page is looked at, and from which state.
SHEETS = {"qtag:workbook", "qtag:sheet", "qtag:grade_upload"}
FILES = {"qtag:piece", "qtag:attached_file", "qtag:delete_file"}
RETURNED_FROM = {"qtag:send_back": "lead_endorsed", "qtag:reopen": "submitted"}
TEACHER = "ruth.ellery@northfield.example"
HEAD = "grace.lindqvist@northfield.example"
OF_TEACHERS = (
    "qtag:grid", "qtag:learner", "qtag:units", "qtag:flags", "qtag:steps", "qtag:moves", "qtag:workbook",
    "qtag:grade_upload", "qtag:piece", "qtag:told", "qtag:evidence_many",
)  # fmt: skip
SEEN_BY = dict.fromkeys(OF_TEACHERS, TEACHER) | {"qtag:deputy_name": HEAD}
QUERIES = {"qtag:flags": "?unit={qtag_unit}", "qtag:message": "?only=open"}


def things(route: Route) -> dict[str, Any]:
    """Parameters of the routes of Q-TAGs: a learner in the state that the page is about."""
    if not route.name.startswith(("qtag:", "results:qtag")) or route.name.startswith("qtag:sense"):
        return {}
    rows = Judgement.objects.filter(state=RETURNED_FROM.get(route.name, "open")).exclude(grade=None).order_by("id")
    judgement = rows.filter(evidence__isnull=False).first() or rows.first()
    if judgement is None:
        return {}
    found = {
        "deputy_id": first(Deputy.objects.all()),
        "hold_id": first(EvidenceHold.objects.all()),
        "concern_id": first(DeclarationConcern.objects.all()),
        "qtag_unit": judgement.registration.qualification.unit_places.order_by("id")
        .values_list("unit", flat=True)
        .first(),
        "submission_id": judgement.submission_id,
        "judgement_id": judgement.pk,
        "adoption_id": judgement.submission.adoption_id,
        "declaration_id": first(Declaration.objects.all()),
        "step": "collect",
        "section": "evidence",
        "kind": "evidence",
        "piece_id": first(judgement.evidence.all()),
    }
    if route.name in ("results:qtag_submission", "results:qtag_changes"):
        found["submission_id"] = first(Submission.objects.filter(awards__isnull=False))
    if route.name == "results:qtags_release":
        found["code"] = "level_3"
    if route.name in SHEETS:
        upload = GradeUpload.objects.select_related("sheet").exclude(sheet=None).order_by("-id").first()
        if upload is not None and upload.sheet is not None:
            found |= {
                "submission_id": upload.submission_id,
                "grade_upload_id": upload.pk,
                "version": upload.sheet.version,
            }
    if route.name in FILES:
        attached = EvidenceFile.objects.select_related("piece").order_by("id").first()
        if attached is not None:
            found |= {
                "judgement_id": attached.piece.judgement_id, "piece_id": attached.piece_id, "attached_id": attached.pk,
            }  # fmt: skip
    if route.name == "qtag:send_back":
        found["move"] = "return_department"
    return found
