"""Reads of the evidence checklist."""

from __future__ import annotations

from collections.abc import Iterable

from mitigations.models import Claim, ClaimLearner, EvidenceEntry


def checklist_entries(
    claim: Claim, learners: Iterable[ClaimLearner] | None = None
) -> dict[tuple[int, int], EvidenceEntry]:
    """The lines that say something, by (row id, column id): all of them, or those of some learners."""
    entries = EvidenceEntry.objects.filter(claim=claim).select_related("updated_by")
    if learners is not None:
        entries = entries.filter(learner_id__in=[learner.pk for learner in learners])
    return {(entry.learner_id, entry.unit_id): entry for entry in entries}
