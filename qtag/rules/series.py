"""Series by name: a year and a season, such as 2019-summer, and which of them count."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

#: Roles of a series and the principle of 2020 as the models store them.
COUNTS, STANDS_IN, THIS_YEAR = "counts", "stands_in", "this_year"
CALCULATED = "calculated"
#: The last day of each season's series.
_ENDS = {"winter": (1, 31), "spring": (4, 30), "summer": (8, 31), "autumn": (11, 30)}
_NAME = re.compile(r"(20\d\d)-(winter|spring|summer|autumn)", re.ASCII)
#: Where the AO has chosen nothing: the summers in which examinations took place, and the one after them as a stand-in.
PUBLISHED = {
    "2018-summer": COUNTS,
    "2019-summer": COUNTS,
    "2020-summer": STANDS_IN,
}
USUAL_WEEKS = 52


class SeriesNameError(ValueError):
    """Not a series such as 2019-summer."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One earlier series that is compared with. `stands_in`: only where no other has a learner (SNS-03)."""

    series: str
    principle: str
    stands_in: bool
    weeks: int


@dataclass(frozen=True, slots=True)
class SeriesPlan:
    """The series of a run: earlier ones in order of time, and the one whose loaded results are this year's ("" if none)."""

    slots: tuple[Slot, ...]
    this_year: str
    weeks: int

    def as_data(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> SeriesPlan:
        return cls(tuple(Slot(**slot) for slot in data["slots"]), data["this_year"], data["weeks"])


def last_day(series: str) -> dt.date:
    """The day on which a series had ended. Raises SeriesNameError."""
    found = _NAME.fullmatch(series)
    if found is None:
        raise SeriesNameError(series)
    month, day = _ENDS[found[2]]
    return dt.date(int(found[1]), month, day)


def is_series(series: str) -> bool:
    return _NAME.fullmatch(series) is not None


def plan_series(chosen: Mapping[str, tuple[str, int]], loaded: Iterable[tuple[str, str]]) -> SeriesPlan:
    """Which of the loaded (series, principle) pairs count, and how (SNS-03).

    `chosen` holds the AO's (role, weeks) by series; what it leaves unsaid is as published, and other series stay out. What
    rests on another principle never counts in its own right, whatever was chosen for its series.
    """
    roles = PUBLISHED | {name: one[0] for name, one in chosen.items()}
    weeks = {name: one[1] for name, one in chosen.items()}
    slots = [
        Slot(
            series, principle,
            roles[series] == STANDS_IN or principle == CALCULATED,
            weeks.get(series, USUAL_WEEKS),
        )
        for series, principle in set(loaded)
        if roles.get(series) in (COUNTS, STANDS_IN)
    ]  # fmt: skip
    this_year = next((name for name, role in roles.items() if role == THIS_YEAR), "")
    slots.sort(key=lambda slot: (last_day(slot.series), slot.principle))
    return SeriesPlan(tuple(slots), this_year, weeks.get(this_year, USUAL_WEEKS))
