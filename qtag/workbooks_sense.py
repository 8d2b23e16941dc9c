"""Comparisons with earlier years as a workbook: one row for each group that is open to whoever asks (SNS-01)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from awarding.spreadsheets.writer import WrittenColumn
from qtag.models import SenseRow
from qtag.queries.differences import kind_words
from qtag.queries.sense_export import LeftOut
from qtag.queries.sense_rows import GroupView, group_name, with_reasons

CHUNK = 500
COLUMNS: Final = (
    WrittenColumn(gettext_lazy("Centre number"), width=13),
    WrittenColumn(gettext_lazy("Centre"), width=32),
    WrittenColumn(gettext_lazy("Level"), width=22),
    WrittenColumn(gettext_lazy("Qualification number"), width=13),
    WrittenColumn(gettext_lazy("Group"), width=48),
    WrittenColumn(gettext_lazy("What it shows"), width=36),
    WrittenColumn(gettext_lazy("Difference, in steps of a grade"), kind="decimal", width=14),
    WrittenColumn(gettext_lazy("95% interval from"), kind="decimal", width=12),
    WrittenColumn(gettext_lazy("95% interval to"), kind="decimal", width=12),
    WrittenColumn(gettext_lazy("By volume: times as many as expected"), kind="decimal", width=14),
    WrittenColumn(gettext_lazy("By volume: from"), kind="decimal", width=12),
    WrittenColumn(gettext_lazy("By volume: to"), kind="decimal", width=12),
    WrittenColumn(gettext_lazy("Learners this year"), kind="integer", width=12),
    WrittenColumn(gettext_lazy("Learners in earlier years"), kind="integer", width=12),
    WrittenColumn(gettext_lazy("Earlier years"), kind="integer", width=10),
    WrittenColumn(gettext_lazy("In words"), width=80),
    WrittenColumn(gettext_lazy("Reason"), width=26),
    WrittenColumn(gettext_lazy("Kinds of reason"), width=32),
    WrittenColumn(gettext_lazy("The centre’s words"), width=80),
    WrittenColumn(gettext_lazy("Recorded by"), width=22),
    WrittenColumn(gettext_lazy("Recorded on"), kind="datetime", width=17),
    WrittenColumn(gettext_lazy("The awarding organisation’s view"), width=26),
    WrittenColumn(gettext_lazy("Its note"), width=48),
)


def comparison_rows(found: QuerySet[SenseRow], *, to_centre: bool) -> Iterator[tuple[Any, ...]]:
    """The rows of the workbook in the list's order, read in portions. `to_centre`: for who has to give the reasons."""
    rows = found.iterator(chunk_size=CHUNK)
    while some := list(islice(rows, CHUNK)):
        for view in with_reasons(some):
            yield _row(view, to_centre)


def _row(view: GroupView, to_centre: bool) -> tuple[Any, ...]:
    row, reason = view.row, view.reason
    effect = tuple(_told(row, value) for value in (row.effect, row.low, row.high))
    by_grades, by_volume = ((None,) * 3, effect) if row.by_volume else (effect, (None,) * 3)
    return (
        row.centre.number, row.centre.name, row.get_level_display(),
        row.qualification.display_qan if row.qualification else "", group_name(row), row.get_verdict_display(),
        *by_grades, *by_volume, row.size, row.past_size, row.years,
        " ".join(view.words(to_centre=to_centre)), _state(view),
        "; ".join(kind_words(reason.kinds)) if reason else "", reason.text if reason else "",
        str(reason.recorded_by) if reason else "", reason.recorded_at if reason else None,
        reason.get_view_display() if reason else "", reason.view_note if reason else "",
    )  # fmt: skip


def _told(row: SenseRow, value: float | None) -> float | None:
    """Rounded as the pages round it; for volumes how many times as many (SNS-06)."""
    if value is None or not row.is_compared:
        return None
    return round(math.exp(value) if row.by_volume else value, 2)


def _state(view: GroupView) -> str:
    if view.reason is None:
        return _("To be explained") if view.waits else ""
    if view.row.is_flagged and not view.speaks:
        return _("Explained for other numbers")
    return _("Explained")


def facts_about(rows: int, left_out: LeftOut, filtered_by: str) -> list[tuple[str, str]]:
    """What the second sheet says: how many groups are in the file, how many are not, and why (SNS-01, QTG-17)."""
    facts = [(_("Groups in this file"), str(rows))]
    if filtered_by:
        facts.append((_("Filtered by"), filtered_by))
    facts.append(
        (
            _("Left out: still closed"),
            _(
                "%(n)d. Earlier results of a group open once every one of its judgements is recorded (SNS-01); wider views "
                "wait for all groups of the centre."
            )
            % {"n": left_out.closed},
        )
    )
    if left_out.not_submitted is not None:
        facts.append(
            (
                _("Left out: not submitted"),
                _("%(n)d. The awarding organisation sees a group once all of it is submitted (QTG-17).")
                % {"n": left_out.not_submitted},
            )
        )
    facts.append(
        (_("These two counts"), _("They are of all centres asked for, whatever else the list was filtered by."))
    )
    facts.append(
        (
            _("What it does not say"),
            _("A difference is a question. No grade is changed, limited or suggested by it (SNS-10)."),
        )
    )
    return facts
