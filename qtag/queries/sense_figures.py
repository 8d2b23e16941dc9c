"""Charts of one row of the sense check, each with the same figures as a table. Nothing is read from the database."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from awarding.ui.interval_chart import IntervalChart, IntervalRow
from awarding.ui.share_chart import Share, ShareChart, percent
from awarding.ui.tables import Column, Table
from qtag.models import SenseRow

#: More grades than this between the ends of a scale and only every second or third is labelled.
_MOST_TICKS = 6


def series_name(series: str) -> str:
    """ "Summer 2019" for 2019-summer."""
    year, _dash, season = series.partition("-")
    names = {"winter": _("Winter"), "spring": _("Spring"), "summer": _("Summer"), "autumn": _("Autumn")}
    return f"{names[season]} {year}" if season in names else series


def charts_of(row: SenseRow, *, with_grades: bool) -> tuple[IntervalChart | None, ShareChart | None]:
    """What is drawn of a row: this year against each past year, and the shares of the grades where they may be seen."""
    if row.by_volume:
        return _volume_chart(row), None
    if row.level != SenseRow.Level.QUALIFICATION or not with_grades:
        return (_effect_chart(row) if row.is_compared else None), None
    if not row.figures.get("past"):
        return None, None
    return _mean_chart(row), _share_chart(row)


def _mean(counts: Sequence[int]) -> float | None:
    total = sum(counts)
    return sum(place * count for place, count in enumerate(counts)) / total if total else None


def _learners(count: int) -> str:
    return ngettext("%(n)d learner", "%(n)d learners", count) % {"n": count}


def two_places(value: float) -> str:
    """A number as people read it, rounded to hundredths."""
    return str(number_format(round(value, 2), 2))


def _between(low: float, high: float) -> str:
    return _("%(low)s to %(high)s") % {"low": two_places(low), "high": two_places(high)}


def _mean_chart(row: SenseRow) -> IntervalChart:
    """Mean grades by year on the scale's own steps, and where this year's was expected."""
    figures, grades = row.figures, row.figures["grades"]
    lines: list[IntervalRow] = []
    for past in figures["past"]:
        mean = _mean(past["counts"])
        if mean is not None:
            words = f"{two_places(mean)}, {_learners(sum(past['counts']))}"
            lines.append(IntervalRow(series_name(past["series"]), mean, words, note=_note(past, figures)))
    now = _mean(figures["now"])
    if now is None:
        now = row.mean
    if row.is_compared and now is not None and row.low is not None and row.high is not None:
        low, high = now - row.high, now - row.low
        lines.append(IntervalRow(_("Expected this year"), None, _between(low, high), low, high))
    if now is not None:
        words = f"{two_places(now)}, {_learners(sum(figures['now']))}"
        lines.append(IntervalRow(_("This year"), now, words, is_main=True))
    columns = [Column(_("Year")), Column(_("Mean grade, in steps of the scale, and learners"), "numeric")]
    table = Table(
        _("Mean grade by year"), columns, [(_with_note(line), line.words) for line in lines], is_caption_hidden=True
    )
    return IntervalChart(
        _("This year beside each earlier year"), _described(row), lines, _grade_ticks(lines, grades), table,
        _("where this year’s mean was expected (95%)"), _("this year"), _("earlier years"), id="sense-means",
        note=_scale_note(grades),
    )  # fmt: skip


def _note(past: dict[str, Any], figures: dict[str, Any]) -> str:
    """What has to be said of an earlier series: that its grades rest on something else, and whether they count (SNS-03)."""
    if not past.get("stands_in"):
        return ""
    return _("on another principle") if past in _counted(figures) else _("on another principle: not counted")


def _counted(figures: dict[str, Any]) -> list[dict[str, Any]]:
    """The earlier series that this year is compared with: those on another principle only where there is no other (SNS-03)."""
    there = [past for past in figures["past"] if past.get("count") or sum(past.get("counts", ()))]
    return [past for past in there if not past.get("stands_in")] or there


def _series_head(past: dict[str, Any], figures: dict[str, Any]) -> str:
    name, note = series_name(past["series"]), _note(past, figures)
    return f"{name} ({note})" if note else name


def _with_note(line: IntervalRow) -> str:
    return f"{line.label} ({line.note})" if line.note else line.label


def _scale_note(grades: Sequence[str]) -> str:
    """What the numbers of a mean grade count."""
    if len(grades) < 2:
        return ""
    if len(grades) <= _MOST_TICKS:
        each = ", ".join(f"{grade}\u00a0=\u00a0{place}" for place, grade in enumerate(grades))
        return _("In means the grades count %(each)s.") % {"each": each}
    facts = {"lowest": grades[0], "highest": grades[-1], "steps": len(grades) - 1}
    return _("In means %(lowest)s counts 0 and each grade above it 1 more, up to %(highest)s = %(steps)d.") % facts


def _grade_ticks(lines: Sequence[IntervalRow], grades: Sequence[str]) -> list[tuple[float, str]]:
    """The grades round the values, no more than fit side by side on a telephone."""
    values = [v for line in lines for v in (line.value, line.low, line.high) if v is not None]
    first = max(math.floor(min(values, default=0)), 0)
    last = min(math.ceil(max(values, default=1)), len(grades) - 1)
    if last <= first:
        first, last = max(first - 1, 0), min(first + 1, max(len(grades) - 1, 1))
    step = math.ceil((last - first) / _MOST_TICKS) or 1
    places = [*range(first, last, step), last]
    return [(float(place), grades[place]) for place in dict.fromkeys(places) if place < len(grades)]


def _share_chart(row: SenseRow) -> ShareChart:
    """What share of the learners had each grade, the best first; earlier years that count put together, and each in the table."""
    figures, grades = row.figures, row.figures["grades"]
    past = [one for one in figures["past"] if sum(one["counts"])]
    before = [sum(one["counts"][place] for one in _counted(figures)) for place in range(len(grades))]
    order = range(len(grades) - 1, -1, -1)
    shares = [Share(grades[place], figures["now"][place], before[place]) for place in order]
    columns = [Column(_("Grade")), Column(_("This year"), "numeric")]
    columns += [Column(_series_head(one, figures), "numeric") for one in past]
    sides = [figures["now"], *(one["counts"] for one in past)]
    rows = [
        (grades[place], *(f"{side[place]} ({percent(side[place], sum(side))})" for side in sides)) for place in order
    ]
    rows.append((_("Learners"), *(str(sum(side)) for side in sides)))
    table = Table(_("Learners by grade and year"), columns, rows)
    best = max(shares, key=lambda share: share.now, default=None)
    words = _("Most learners this year: %(grade)s.") % {"grade": best.label} if best and best.now else ""
    return ShareChart(
        _("Share of each grade"), words, shares, table, _("this year"), _("earlier years together"), id="sense-shares"
    )


def _volume_chart(row: SenseRow) -> IntervalChart | None:
    """How many achieved in each period, brought to this year's length (SNS-06)."""
    figures = row.figures
    weeks = figures.get("weeks") or 52
    if not figures.get("past"):
        return None
    lines = []
    for past in figures["past"]:
        rate = past["count"] * weeks / (past.get("weeks") or weeks)
        words = _("%(count)d in %(weeks)d weeks") % {"count": past["count"], "weeks": past.get("weeks") or weeks}
        lines.append(IntervalRow(series_name(past["series"]), rate, words, note=_note(past, figures)))
    now = int(figures.get("now") or 0)
    if row.is_compared and row.low is not None and row.high is not None:
        # Half a learner keeps the logarithm of nought finite in the method, so here, too.
        low, high = (now + 0.5) / math.exp(row.high), (now + 0.5) / math.exp(row.low)
        words = _("%(low)d to %(high)d") % {"low": math.floor(low), "high": math.ceil(high)}
        lines.append(IntervalRow(_("Expected this year"), None, words, low, high))
    words = _("%(count)d in %(weeks)d weeks") % {"count": now, "weeks": weeks}
    lines.append(IntervalRow(_("This year"), float(now), words, is_main=True))
    most = max(v for line in lines for v in (line.value, line.high) if v is not None)
    top = float(max(math.ceil(most), 1))
    columns = [Column(_("Period")), Column(_("Learners who achieved"), "numeric")]
    table = Table(
        _("Achievements by period"), columns, [(_with_note(line), line.words) for line in lines], is_caption_hidden=True
    )
    return IntervalChart(
        _("Learners who achieved, in equal periods"), _described(row), lines, [(0.0, "0"), (top, f"{top:.0f}")], table,
        _("how many were expected (95%)"), _("this year"), _("earlier periods, at this year’s length"), id="sense-volumes",
    )  # fmt: skip


def _effect_chart(row: SenseRow) -> IntervalChart:
    """The difference alone: for wider views, which put different scales together, and where grades are not shown."""
    effect, low, high = row.effect or 0.0, row.low or 0.0, row.high or 0.0
    lines = [
        IntervalRow(_("Expected"), None, _from_to(effect - high, effect - low), effect - high, effect - low),
        IntervalRow(_("This year"), effect, _steps(effect), is_main=True),
    ]
    most = max(abs(v) for line in lines for v in (line.value, line.low, line.high) if v is not None)
    end = max(0.5, math.ceil(most * 2) / 2)
    # As short as can be: all three stand side by side on a telephone.
    steps = number_format(end, 0 if end == int(end) else 1)
    ticks = [(-end, _("%(n)s lower") % {"n": steps}), (0.0, _("expected")), (end, _("%(n)s higher") % {"n": steps})]
    rows: list[tuple[Any, ...]] = [(line.label, line.words) for line in lines]
    table = Table(
        _("Difference in steps of the grade scale"), [Column(_("What")), Column(_("Steps of a grade"), "numeric")], rows,
        is_caption_hidden=True,
    )  # fmt: skip
    return IntervalChart(
        _("How far this year is from what earlier years lead to expect"), _described(row), lines, ticks, table,
        _("where chance and the usual ups and downs lead (95%)"), _("this year"), "", 0.0, "sense-effect",
    )  # fmt: skip


def _from_to(low: float, high: float) -> str:
    """ "0.36 lower to 0.40 higher"."""
    return _("%(low)s to %(high)s") % {"low": _aside(low), "high": _aside(high)}


def _aside(value: float) -> str:
    if round(value, 2) == 0:
        return _("as expected")
    text = _("%(n)s higher") if value > 0 else _("%(n)s lower")
    return text % {"n": two_places(abs(value))}


def _steps(effect: float) -> str:
    if round(effect, 2) == 0:
        return _("as expected")
    text = _("%(n)s of a grade higher") if effect > 0 else _("%(n)s of a grade lower")
    return text % {"n": two_places(abs(effect))}


def difference_words(row: SenseRow) -> str:
    """The difference in a cell of a list."""
    if not row.is_compared or row.effect is None:
        return "–"
    if row.by_volume:
        return _("%(n)s times as many") % {"n": two_places(math.exp(row.effect))}
    return _steps(row.effect)


def _described(row: SenseRow) -> str:
    """The chart in a sentence, for those who do not see it."""
    if not row.is_compared or row.effect is None:
        return _("Too little on one side to say where this year was expected.")
    outside = (row.low or 0) > 0 or (row.high or 0) < 0
    where = _("outside") if outside else _("inside")
    return _("This year lies %(where)s the range that earlier years lead to expect: %(difference)s.") % {
        "where": where, "difference": difference_words(row),
    }  # fmt: skip
