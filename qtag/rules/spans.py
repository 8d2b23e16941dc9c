"""Days, weeks or months for a plot of what happened when: as fine as can still be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

MOST_DAYS = 31
MOST_WEEKS = 26


@dataclass(frozen=True, slots=True)
class Span:
    """From the first day to the last, both counted in, and how many fell into it."""

    first: date
    last: date
    count: int


def spans(counts: Mapping[date, int]) -> list[Span]:
    """The counts by day, without a gap between the first and the last; by week or month where days would be too many."""
    if not counts:
        return []
    first, last = min(counts), max(counts)
    days = (last - first).days + 1
    if days <= MOST_DAYS:
        begin, following = first, _next_day
    elif days <= MOST_WEEKS * 7:
        begin, following = first - timedelta(days=first.weekday()), _next_week
    else:
        begin, following = first.replace(day=1), _next_month
    found = []
    while begin <= last:
        end = following(begin)
        inside = sum(count for day, count in counts.items() if begin <= day < end)
        found.append(Span(begin, end - timedelta(days=1), inside))
        begin = end
    return found


def _next_day(day: date) -> date:
    return day + timedelta(days=1)


def _next_week(day: date) -> date:
    return day + timedelta(days=7)


def _next_month(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)
