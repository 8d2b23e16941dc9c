"""Reads of eRAC workbooks: the version to use, the uploads."""

from __future__ import annotations

from django.db.models import QuerySet

from awarding.frameworks.models import Adoption
from mitigations.models import Claim, EracDocument, EracUpload


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
    adoptions = Adoption.objects.filter(framework__code=claim.adoption.framework.code, superseded_at=None)
    return adoptions.select_related("framework").first() or claim.adoption


def claim_uploads(claim: Claim) -> QuerySet[EracUpload]:
    """The workbooks that came back, newest first."""
    return EracUpload.objects.filter(claim=claim).select_related("file", "document", "uploaded_by").order_by("-id")
