"""Reads of the evidence checklist."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Count

from mitigations.models import Claim, ClaimLearner, EvidenceEntry


def checklist_entries(
    claim: Claim, learners: Iterable[ClaimLearner] | None = None
) -> dict[tuple[int, int], EvidenceEntry]:
    """The lines that say something, by (row id, column id): all of them, or those of some learners."""
    entries = EvidenceEntry.objects.filter(claim=claim).select_related("updated_by")
    if learners is not None:
        entries = entries.filter(learner_id__in=[learner.pk for learner in learners])
    return {(entry.learner_id, entry.unit_id): entry for entry in entries}


def evidence_out_of_reach(claim: Claim) -> list[dict[str, Any]]:
    """What was declared to be out of reach (CLM-05), by why and where: {"reach_reason", "kept_at", "learners", "lines"}.

    One query; the most lines first.
    """
    away = EvidenceEntry.objects.filter(claim=claim, is_reachable=False).exclude(status="")
    rows = away.order_by().values("reach_reason", "kept_at")
    counted = rows.annotate(learners=Count("learner_id", distinct=True), lines=Count("id"))
    return list(counted.order_by("-lines", "reach_reason", "kept_at"))
