"""What the banked units alone would give: a reference beside the judgement, which it never fills in (QTG-14, SNS-10)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from awarding.catalogue.rules.points import grade_reached, total_points


@dataclass(frozen=True, slots=True)
class Reference:
    """The points of the banked units, from how many units, and the highest grade whose threshold they reach (or "")."""

    points: int
    units: int
    grade: str


def banked_reference(
    units: Sequence[tuple[int, int | None]], scale: Sequence[tuple[str, int | None]]
) -> Reference | None:
    """From (credits, points per credit) of each banked unit and (grade, points from which it is reached), lowest first.

    None when nothing is banked or the scales carry no points: then there is nothing to refer to.
    """
    counted = [(credits, points) for credits, points in units if points is not None]
    thresholds = [(code, points) for code, points in scale if points is not None]
    if not counted or not thresholds:
        return None
    total = total_points(counted)
    reached = grade_reached(total, thresholds)
    return Reference(total, len(counted), reached[0] if reached else "")
