"""Reads of eRAC workbooks: the version to use, the uploads."""

from __future__ import annotations

from django.db.models import QuerySet

from awarding.accounts.models import User
from awarding.frameworks.models import Adoption
from awarding.spreadsheets.comparison import put_in
from awarding.tenancy.prepared import prepared
from mitigations.models import ChecklistSheet, ChecklistUpload, Claim, EracDocument, EracUpload


def current_document(claim: Claim) -> EracDocument | None:
    """The version that can be uploaded now: the newest, unless a newer adoption has superseded it (CLM-02)."""
    document = (
        EracDocument.objects.filter(claim=claim, superseded_at=None)
        .select_related(
            "claim__centre", "claim__qualification", "claim__cohort", "claim__ao", "adoption", "issued_by"
        )
        .first()
    )  # fmt: skip
    return document if document is not None and document.adoption.superseded_at is None else None


def open_adoption_for(claim: Claim) -> Adoption:
    """The adoption in force of the claim's framework; the claim's own where none is."""
    return _open_adoptions.first(framework_code=claim.adoption.framework.code) or claim.adoption


@prepared
def _open_adoptions(*, framework_code: str) -> QuerySet[Adoption]:
    adoptions = Adoption.objects.filter(framework__code=framework_code, superseded_at=None)
    # `adopted_document` knows the framework by its digest: the text is long, and seldom needed.
    return adoptions.select_related("framework").defer("framework__document")


def claim_uploads(claim: Claim) -> QuerySet[EracUpload]:
    """The workbooks that came back, newest first."""
    return EracUpload.objects.filter(claim=claim).select_related("file", "document", "uploaded_by").order_by("-id")


def current_sheet(claim: Claim) -> ChecklistSheet | None:
    """The version of the checklist's workbook that can be uploaded now, as `current_document` for the eRAC (CLM-02)."""
    sheet: ChecklistSheet | None = (
        ChecklistSheet.objects.filter(claim=claim, superseded_at=None)
        .select_related(
            "claim__centre", "claim__qualification", "claim__cohort", "claim__ao", "claim__checklist_template",
            "adoption__framework", "issued_by",
        )
        .first()
    )  # fmt: skip
    return sheet if sheet is not None and sheet.adoption.superseded_at is None else None


def checklist_uploads(claim: Claim) -> QuerySet[ChecklistUpload]:
    """The checklist workbooks that came back, newest first."""
    return ChecklistUpload.objects.filter(claim=claim).select_related("file", "sheet", "uploaded_by").order_by("-id")


def uploaded_before(document: EracDocument, person: User | None) -> dict[tuple[str, str], str]:
    """What this person's earlier uploads of the version put into the portal: {(row key, column): value}, the last of each."""
    earlier = EracUpload.objects.filter(document=document, uploaded_by=person, state=EracUpload.State.APPLIED)
    return put_in(earlier.order_by("applied_at").values_list("changes", flat=True))


def waiting_upload(claim: Claim, document: EracDocument | None) -> EracUpload | None:
    """The newest upload of the version in use that was checked, would change something, and is not applied yet."""
    waiting = claim_uploads(claim).filter(state=EracUpload.State.CHECKED).exclude(changes=[])
    return waiting.filter(document=document).first() if document is not None else None
