"""Earlier results of one group as they count today, read from its row of the sense check."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from awarding.accounts.standing import Standing
from qtag.models import SenseRow
from qtag.queries.sense_figures import series_name
from qtag.queries.sense_rows import sees_grades


@dataclass(frozen=True, slots=True)
class SeriesFigures:
    """One series: learners by grade, or by volume how many achieved in so many weeks (SNS-06)."""

    series: str
    name: str
    another_principle: bool
    counts: list[int] | None
    achieved: int | None
    weeks: int | None


@dataclass(frozen=True, slots=True)
class EarlierResults:
    """`grades` lowest first, as the counts are; `this_year` is None to whoever may not see grades before results (QTG-17)."""

    row: SenseRow
    grades: list[str]
    series: list[SeriesFigures]
    this_year: SeriesFigures | None


def earlier_results(standing: Standing, row: SenseRow) -> EarlierResults:
    """Reads nothing from the database. The row is one that the person sees: open, and for the AO submitted (SNS-01)."""
    figures: dict[str, Any] = row.figures
    past = [
        SeriesFigures(
            one["series"], series_name(one["series"]), bool(one.get("stands_in")), one.get("counts"), one.get("count"),
            one.get("weeks"),
        )
        for one in figures.get("past", [])
    ]  # fmt: skip
    now = None
    if sees_grades(standing, row):
        if row.by_volume:
            now = SeriesFigures("", _("This year"), False, None, figures.get("now"), figures.get("weeks"))
        else:
            now = SeriesFigures("", _("This year"), False, figures.get("now"), None, None)
    return EarlierResults(row, figures.get("grades", []), past, now)
