"""An eRAC's number as something that can be asked about."""

from __future__ import annotations

from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from awarding.enquiries.references import Reference, ReferenceKind, reference_kind
from mitigations.models import Claim
from mitigations.queries.claims import claim_url, visible_claims


def _reference(claim: Claim | None) -> Reference | None:
    if claim is None:
        return None
    return Reference(
        "claim",
        claim.pk,
        claim.number,
        claim.qualification.title,
        claim_url(claim),
        claim.qualification,
        claim.centre_id,
    )


def _find(standing: Standing, text: str) -> Reference | None:
    rows = visible_claims(standing).select_related("qualification", "ao")
    return _reference(rows.filter(number__iexact=text).first())


def _get(standing: Standing, claim_id: int) -> Reference | None:
    return _reference(visible_claims(standing).select_related("qualification", "ao").filter(pk=claim_id).first())


def ask_url(standing: Standing, claim: Claim, subject: str = "") -> str:
    """Where a question about this claim begins; empty for those who ask nothing."""
    if not standing.can(Permission.ENQUIRIES_ASK, claim.centre_id):
        return ""
    query = {"about": claim.number} | ({"subject": subject} if subject else {})
    return reverse("enquiries:ask", kwargs={"ao": standing.ao.slug}) + f"?{urlencode(query)}"


reference_kind(ReferenceKind("claim", _("eRAC number"), "AIM-2020-000123", _find, _get))
