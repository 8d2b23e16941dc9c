"""Letters of the panel's decisions."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from awarding.accounts.audience import allowed
from awarding.accounts.requests import standing_in
from awarding.accounts.roles import Permission as P
from mitigations.documents import decision_letter, letter_number
from mitigations.models import PanelDecision
from mitigations.views.frame import claim_or_404


@allowed(P.CLAIMS_VIEW)
@require_GET
def letter(request: HttpRequest, claim_id: int, decision_id: int) -> HttpResponse:
    """The letter of a released decision as a PDF, for everybody who sees the claim. Before release there is none."""
    claim = claim_or_404(request, claim_id)
    rows = PanelDecision.objects.select_related("claim__centre", "claim__qualification", "claim__cohort")
    found: PanelDecision = get_object_or_404(rows.filter(claim=claim), pk=decision_id)
    response = HttpResponse(decision_letter(found, standing_in(request).ao), content_type="application/pdf")
    name = letter_number(found).replace("/", "-")
    response["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    response["Cache-Control"] = "private, no-store"
    return response
