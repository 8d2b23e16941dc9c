"""Which reminder is due today: one for each milestone, whether runs were missed, doubled or late (QTG-10)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

# The milestone of what is past its day.
LATE = -1


def milestone_on(today: date, due: date, days_before: Iterable[int]) -> int | None:
    """The milestone that a run on `today` stands for: the smallest number of days before `due` that is not over yet.

    So a run that was missed is made up for by the next one, which stands for the same milestone until the following
    one begins; two runs stand for the same one. `LATE` once the day is past, None before the first.
    """
    left = (due - today).days
    if left < 0:
        return LATE
    return min((days for days in days_before if days >= left), default=None)
