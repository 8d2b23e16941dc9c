"""What became different in a submission of Q-TAGs since the AO accepted it: who, when and why, never a grade (QTG-13, QTG-17)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Exists, OuterRef, Q, QuerySet

from awarding.workflow.models import StatusEvent
from qtag.models import Award, Judgement
from results.queries.withdrawn import results_in_force

PER_PAGE = 50
MOVES = ("reopen", "submit")


@dataclass(frozen=True)
class LearnerChange:
    """One learner. `reopened` and `submitted` are the last of those events since the acceptance; `waits` for a result.

    Of whoever is still with the centre, `reopened` is the last at all: the AO may have accepted the others meanwhile.
    """

    judgement: Judgement
    reopened: StatusEvent | None
    submitted: StatusEvent | None
    waits: bool


def changed_learners(award: Award) -> QuerySet[Any]:
    """Who was reopened or submitted since the acceptance, is still reopened, or is submitted without a result yet; by name."""
    moves = _moves().filter(target_id=OuterRef("pk"))
    events, reopened = moves.filter(at__gt=award.accepted_at), moves.filter(transition="reopen")
    result = results_in_force().filter(registration=OuterRef("registration"), submission=award.submission_id)
    rows = Judgement.objects.filter(
        Q(Exists(events)) | Q(~Q(state="submitted"), Exists(reopened)) | Q(~Exists(result), state="submitted"),
        submission=award.submission_id,
    )
    waits = Exists(Judgement.objects.filter(~Exists(result), pk=OuterRef("pk"), state="submitted"))
    return (
        rows.annotate(waits=waits)
        .select_related("registration__learner")
        .order_by("registration__learner__name_key", "id")
    )


def has_late_waiting(award: Award) -> bool:
    """Whether somebody who would get a result was submitted late (QTG-10)."""
    return changed_learners(award).filter(waits=True, is_late=True).exists()


def _moves() -> QuerySet[StatusEvent]:
    return StatusEvent.objects.filter(target_type=Judgement._meta.label_lower, transition__in=MOVES)


def changes_page(award: Award, number: int | str | None) -> tuple[Page, list[LearnerChange]]:
    """One page of them in three queries, however many they are."""
    page = Paginator(changed_learners(award), PER_PAGE).get_page(number)
    last: dict[int, dict[str, StatusEvent]] = defaultdict(dict)
    out = {row.pk for row in page if row.state != "submitted"}
    for event in _moves().filter(target_id__in=[row.pk for row in page]).select_related("actor").order_by("id"):
        if event.at > award.accepted_at or (event.transition == "reopen" and event.target_id in out):
            last[event.target_id][event.transition] = event
    return page, [LearnerChange(row, last[row.pk].get("reopen"), last[row.pk].get("submit"), row.waits) for row in page]
