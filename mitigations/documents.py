"""The letter in which a centre reads a decision of the panel, as a tagged PDF."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from awarding.files.pdf import write_pdf
from awarding.findings.catalogue import rule
from awarding.tenancy.models import AwardingOrganisation
from awarding.ui.colour import brand_palette
from mitigations.models import PanelDecision


def letter_number(decision: PanelDecision) -> str:
    """The letter's reference: the claim's number, and which of its decisions this is."""
    place = PanelDecision.objects.filter(claim_id=decision.claim_id, pk__lte=decision.pk).count()
    return f"{decision.claim.number}/D{place}"


def letter_context(decision: PanelDecision, ao: AwardingOrganisation) -> dict[str, Any]:
    """What the template shows. Needs `decision` with its claim, centre, qualification, cohort. Names no learner by itself."""
    claim = decision.claim
    path = reverse("mitigations:claim", kwargs={"ao": ao.slug, "claim_id": claim.pk})
    rules = sorted({str(finding["rule"]) for finding in decision.findings})
    return {
        "ao": ao,
        "palette": brand_palette(ao.brand_colour),
        "demo": settings.DEMO,
        "title": letter_number(decision),
        "reference": letter_number(decision),
        "decision": decision,
        "claim": claim,
        "conditions": list(decision.conditions.all()),
        "rules": [rule(rule_id) for rule_id in rules],
        "told_on": timezone.localdate(decision.released_at or decision.decided_at),
        "claim_url": f"{settings.PUBLIC_URL}{path}",
    }


def decision_letter(decision: PanelDecision, ao: AwardingOrganisation) -> bytes:
    """The PDF of a released decision; made anew each time from rows that never change, so it is always the same letter."""
    with translation.override(settings.LANGUAGE_CODE):
        return write_pdf(render_to_string("documents/decision_letter.html", letter_context(decision, ao)))
