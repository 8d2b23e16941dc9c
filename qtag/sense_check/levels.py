"""One run over all levels: qualifications by grades or by volume, suites, whole centres (SNS-02, SNS-05, SNS-06).

`learn` is a whole run. `compare` repeats any centres of it under what it learnt, with the same numbers to the last bit.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from qtag.sense_check import discovery
from qtag.sense_check.calibration import Calibration
from qtag.sense_check.comparison import Comparisons, calibrate, compare_groups
from qtag.sense_check.counts import (
    Booleans,
    Floats,
    GroupCounts,
    History,
    Integers,
    SenseCheckError,
    Settings,
    without_stand_ins,
)
from qtag.sense_check.evidence import find_ladder, q_values
from qtag.sense_check.pooling import Pooled, compare_pooled
from qtag.sense_check.volumes import Volumes, calibrate_volumes, compare_volumes, expected_sizes

GRADES, VOLUMES, SUITES, CENTRES = "grades", "volumes", "suites", "centres"


class NotLearntError(SenseCheckError):
    """These rows need what the stored run did not learn, another scale or another kind of row: a whole run is due."""


@dataclass(frozen=True, slots=True)
class Groups:
    """A centre's qualifications as rows, sorted by centre; every centre that is there is complete.

    now, past     (rows, grades) and (rows, series, grades) learners by grade; `now` is 0 until every judgement is in (SNS-01)
    stand_in      a mark for each series (SNS-03)
    by_volume     (rows,) compared by how many achieve (SNS-06): `achieved`, `past_achieved` (rows, series) over `time` and
                  `past_time` (rows, series) weeks, 0 where there is no period
    qualification, suite, like  (rows,) numbers: of the qualification; of sector x level x suite; of the class of like centres
    offered       (rows,) False: no longer offered, left out of the wider views (SNS-05)
    waiting       (rows,) begun this year and not all judged: its suite and its centre wait for it (SNS-01)
    """

    centre: Integers
    qualification: Integers
    suite: Integers
    like: Integers
    now: Integers
    past: Integers
    stand_in: tuple[bool, ...]
    by_volume: Booleans
    achieved: Integers
    past_achieved: Integers
    time: Floats
    past_time: Floats
    offered: Booleans
    waiting: Booleans

    def __len__(self) -> int:
        return len(self.centre)

    def take(self, rows: Any) -> Groups:
        """These rows alone (index or mask)."""
        columns = {name: getattr(self, name)[rows] for name in self.__slots__ if name != "stand_in"}
        return replace(self, **columns)


@dataclass(frozen=True, slots=True)
class Learnt:
    """What a whole run leaves for later: by level its calibration and the ladder of q-values. A level without rows is absent."""

    calibrations: dict[str, Calibration]
    ladders: dict[str, Floats]
    grades: int
    series: int

    def as_data(self) -> dict[str, Any]:
        """For JSON; numbers come back to the last bit."""
        return {
            "grades": self.grades,
            "series": self.series,
            "levels": {
                name: {"calibration": found.as_data(), "ladder": self.ladders[name].tolist()}
                for name, found in self.calibrations.items()
            },
        }

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> Learnt:
        levels = data["levels"]
        return cls(
            {name: Calibration.from_data(one["calibration"]) for name, one in levels.items()},
            {name: np.array(one["ladder"], dtype=np.float64) for name, one in levels.items()},
            data["grades"], data["series"],
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Found:
    """The rows of one level. `member` is a qualification's place in the input; a wider level's `name` is the suite's number.

    `member_of` (input rows,) tells, for the wider levels, which of these rows an input row went into, -1 for none.
    """

    level: str
    centre: Integers
    name: Integers
    comparisons: Comparisons
    q: Floats
    member: Integers | None = None
    member_of: Integers | None = None


def learn(groups: Groups, settings: Settings) -> tuple[Learnt, list[Found]]:
    """A whole run: learn from all rows, compare them all."""
    return _run(groups, settings, Learnt({}, {}, groups.now.shape[1], groups.past.shape[1]), is_new=True)


def compare(groups: Groups, settings: Settings, learnt: Learnt) -> list[Found]:
    """The same rows of a run, or some of its centres, under what it learnt. Raises NotLearntError when it cannot be."""
    if (learnt.grades, learnt.series) != (groups.now.shape[1], groups.past.shape[1]):
        raise NotLearntError("The scales or the series changed since the last whole run.")
    return _run(groups, settings, learnt, is_new=False)[1]


def _run(groups: Groups, settings: Settings, learnt: Learnt, *, is_new: bool) -> tuple[Learnt, list[Found]]:
    found: list[Found] = []
    graded = np.flatnonzero(~groups.by_volume)
    if len(graded) and groups.past.shape[1]:
        now, history = _counts(groups.take(graded))
        known = _known(learnt, GRADES, is_new)
        if known is None:
            learnt.calibrations[GRADES], compared = calibrate(now, history, settings)
        else:
            compared = compare_groups(now, history, settings, known)
        compared, q = _evidence(compared, compared.size, learnt, GRADES, settings, is_new)
        found.append(Found(GRADES, now.centre, groups.qualification[graded], compared, q, member=graded))
        found += _wider(groups, graded, now, history, settings, learnt, is_new)
    counted = np.flatnonzero(groups.by_volume)
    if len(counted) and groups.past.shape[1]:
        found.append(_volumes(groups.take(counted), counted, settings, learnt, is_new))
    return learnt, found


def _wider(
    groups: Groups,
    graded: Integers,
    now: GroupCounts,
    history: History,
    settings: Settings,
    learnt: Learnt,
    is_new: bool,
) -> list[Found]:
    found = []
    suite = groups.suite[graded]
    for level, name in ((suite, SUITES), (np.zeros_like(suite), CENTRES)):
        offered = groups.offered[graded] & ~_waits(groups, graded, is_suite=name == SUITES)
        if not (offered & (now.counts.sum(axis=1) > 0) & (history.counts.sum(axis=(1, 2)) > 0)).any():
            continue
        known = _known(learnt, name, is_new)
        calibration, pooled = compare_pooled(now, history, level, offered, learnt.calibrations[GRADES], settings, known)
        learnt.calibrations[name] = calibration
        compared, q = _evidence(pooled.comparisons, pooled.comparisons.size, learnt, name, settings, is_new)
        found.append(_pooled_rows(groups, graded, replace(pooled, comparisons=compared), name, q))
    return found


def _pooled_rows(groups: Groups, graded: Integers, pooled: Pooled, name: str, q: Floats) -> Found:
    member_of = np.full(len(groups), -1)
    member_of[graded] = pooled.member_of
    return Found(name, pooled.centre, pooled.level, pooled.comparisons, q, member_of=member_of)


def _waits(groups: Groups, graded: Integers, *, is_suite: bool) -> Booleans:
    """(graded rows,) whether a group of the same suite, or of the same centre, is begun and not all judged (SNS-01)."""
    _, centre = np.unique(groups.centre, return_inverse=True)
    if is_suite:
        suites, suite = np.unique(groups.suite, return_inverse=True)
        centre = centre * len(suites) + suite
    waiting = np.bincount(centre, groups.waiting.astype(np.float64)) > 0
    return np.asarray(waiting[centre[graded]])


def _volumes(groups: Groups, member: Integers, settings: Settings, learnt: Learnt, is_new: bool) -> Found:
    time, on_stand_in = without_stand_ins(groups.past_time, groups.stand_in)
    volumes = Volumes(
        groups.achieved, np.where(time > 0, groups.past_achieved, 0), groups.time, time,
        groups.centre, groups.qualification, groups.like, on_stand_in,
    )  # fmt: skip
    known = _known(learnt, VOLUMES, is_new)
    if known is None:
        learnt.calibrations[VOLUMES], compared = calibrate_volumes(volumes, settings)
    else:
        compared = compare_volumes(volumes, settings, known)
    compared, q = _evidence(compared, expected_sizes(volumes), learnt, VOLUMES, settings, is_new)
    return Found(VOLUMES, groups.centre, groups.qualification, compared, q, member=member)


def _counts(groups: Groups) -> tuple[GroupCounts, History]:
    now = GroupCounts(groups.now, groups.centre, groups.qualification, groups.like)
    return now, History(groups.past, groups.stand_in)


def _known(learnt: Learnt, name: str, is_new: bool) -> Calibration | None:
    if is_new:
        return None
    if name not in learnt.calibrations:
        raise NotLearntError(f"The last whole run had nothing to compare among {name}.")
    return learnt.calibrations[name]


def _evidence(
    compared: Comparisons, sizes: Floats, learnt: Learnt, name: str, settings: Settings, is_new: bool
) -> tuple[Comparisons, Floats]:
    """The comparisons with their q-values. A q-value up to what was promised is a flag, also where the whole run had none.

    On the rows of the whole run itself this flags nothing more. On a row that changed since it does: there the cut of a
    class without flags is nought, and the row is set beside all others as if it had been among them.
    """
    if is_new:
        classes = discovery.size_class(sizes, settings)
        learnt.ladders[name] = find_ladder(compared.p, compared.confidence, classes, settings)
    q = q_values(compared.p, compared.confidence, sizes, compared.flagged, learnt.ladders[name], settings)
    return replace(compared, flagged=compared.flagged | (q <= settings.promised_false_discovery)), q
