"""What other thresholds would flag of the AO's rows as they stand, before anything is saved."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from qtag.models import SenseRow
from qtag.queries.sense_figures import two_places
from qtag.queries.sense_gate import open_rows
from qtag.sense_check.counts import Booleans, Integers, Settings
from qtag.sense_check.preview import StoredRows, preview_flags

_FIELDS = ("size", "past_size", "effect", "low", "high", "p")
#: The steps of each threshold that the table shows beside the value chosen.
_PROMISES = (0.01, 0.025, 0.05, 0.1, 0.2)
_SMALLEST = (0.0, 0.1, 0.25, 0.5)
_SOUGHT = (0.25, 0.5, 1.0)
_NAMED = 20


@dataclass(frozen=True)
class PreviewLine:
    """One value of a threshold, the others as chosen: how many groups it would flag."""

    value: str
    flagged: int
    is_chosen: bool


@dataclass(frozen=True)
class Preview:
    """`groups` rows were looked at, `flagged` of them by the chosen thresholds; which come and go against today."""

    groups: int
    flagged: int
    today: int
    coming: list[SenseRow]
    going: list[SenseRow]
    more: int
    thresholds: list[tuple[str, list[PreviewLine]]]


def preview_of(settings: Settings) -> Preview:
    """Groups compared by grades, of every level, each level by itself as a run does. Three queries."""
    stored = SenseRow.objects.filter(by_volume=False).exclude(effect=None).order_by("id")
    values = list(stored.values_list("pk", "level", "verdict", *_FIELDS))
    ids = np.array([row[0] for row in values], dtype=np.int64)
    levels = np.array([row[1] for row in values], dtype="U13")
    flagged_now = np.array([row[2] == SenseRow.Verdict.FLAGGED for row in values], dtype=bool)
    columns = [np.array([_number(row[place]) for row in values]) for place in range(3, 9)]
    whole = StoredRows(*columns)

    def flags(chosen: Settings) -> Booleans:
        found = np.zeros(len(values), dtype=bool)
        for level in SenseRow.Level.values:
            of_level = levels == level
            part = StoredRows(*(getattr(whole, name)[of_level] for name in StoredRows.__slots__))
            found[of_level] = preview_flags(part, chosen)
        return found

    would = flags(settings)
    coming, going = ids[would & ~flagged_now], ids[~would & flagged_now]
    thresholds = [
        (
            _("Share of flags that may be false"),
            _lines(flags, settings, "promised_false_discovery", _PROMISES, settings.promised_false_discovery, _percent),
        ),
        (
            _("Smallest difference of concern, in steps of a grade"),
            _lines(flags, settings, "smallest_difference", _SMALLEST, settings.smallest_difference, two_places),
        ),
        (
            _("Difference that a flag is meant to find, in steps of a grade"),
            _lines(flags, settings, "difference_sought", _SOUGHT, settings.difference_sought, two_places),
        ),
    ]  # fmt: skip
    return Preview(
        len(values), int(would.sum()), int(flagged_now.sum()), _rows(coming), _rows(going),
        max(len(coming) - _NAMED, 0) + max(len(going) - _NAMED, 0), thresholds,
    )  # fmt: skip


def _lines(
    flags: Callable[[Settings], Booleans], settings: Settings, name: str, steps: Sequence[float], own: float,
    words: Callable[[float], str],
) -> list[PreviewLine]:  # fmt: skip
    values = sorted({*steps, own})

    def with_value(value: float) -> Settings:
        changed: dict[str, Any] = {name: value}
        return replace(settings, **changed)

    return [PreviewLine(words(value), int(flags(with_value(value)).sum()), value == own) for value in values]


def _rows(ids: Integers) -> list[SenseRow]:
    """Those of them that the AO may see by name: submitted, and not reopened since (QTG-17)."""
    rows = open_rows(SenseRow.objects.filter(pk__in=ids.tolist(), is_submitted=True))
    return list(rows.select_related("centre", "qualification").order_by("centre__name", "key")[:_NAMED])


def _number(value: float | None) -> float:
    return 1.0 if value is None else float(value)


def _percent(value: float) -> str:
    return f"{number_format(round(value * 100, 1), 1)}%"
