"""Points: what units add up to, and the grade that so many points reach. For results, and for what is only a reference."""

from __future__ import annotations

from collections.abc import Iterable


def total_points(units: Iterable[tuple[int, int]]) -> int:
    """The sum over (credits, points for each credit)."""
    return sum(credits * points for credits, points in units)


def grade_reached(points: int, thresholds: Iterable[tuple[str, int]]) -> tuple[str, int] | None:
    """The highest (grade, points from which it is reached) that `points` reach, in whatever order; None below the lowest."""
    reached = [(code, needed) for code, needed in thresholds if needed <= points]
    return max(reached, key=lambda pair: pair[1]) if reached else None
