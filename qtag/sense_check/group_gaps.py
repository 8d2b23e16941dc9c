"""Groups of learners: has the distance between a group and the others changed this year (SNS-02, SNS-08)?

The engine of the other comparisons (engine.py, discovery.py), on distances in the place of means: docs/sense-check.md,
"Groups of learners". Reads learners and mean grades of cells that may be shown, and nothing finer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from qtag.sense_check import discovery
from qtag.sense_check.calibration import Calibration
from qtag.sense_check.comparison import Comparisons, collect
from qtag.sense_check.counts import Booleans, Floats, Integers, SenseCheckError, Settings, add_up, without_stand_ins
from qtag.sense_check.engine import Rows, estimate, expect, judge
from qtag.sense_check.evidence import find_ladder, q_values
from qtag.sense_check.group_totals import Distances, Everywhere, add_up_groups

#: No shift of the year is taken off: what moves everywhere between groups is what one wants to see.
_NEVER = 10**9
QUALIFICATION, CENTRE = "qualification", "centre"


@dataclass(frozen=True, slots=True)
class GapCells:
    """A group beside the others of its characteristic, at one centre on one qualification. One entry for each row.

    group        number of the (characteristic, group); like: class of like centres
    size, mean   learners and mean grade this year: (rows, 2), the group first, then the others
    past_size, past_mean  (rows, series, 2) the same of earlier series; 0 where a cell may not be shown or counts nothing
    stand_in     a mark for each series (SNS-03)
    """

    centre: Integers
    qualification: Integers
    group: Integers
    like: Integers
    size: Floats
    mean: Floats
    past_size: Floats
    past_mean: Floats
    stand_in: tuple[bool, ...]

    def __len__(self) -> int:
        return len(self.centre)

    def take(self, rows: Any) -> GapCells:
        """These rows alone (index or mask)."""
        columns = {name: getattr(self, name)[rows] for name in self.__slots__ if name != "stand_in"}
        return replace(self, **columns)


@dataclass(frozen=True, slots=True)
class GapsLearnt:
    """What a whole run leaves: by level the calibration and the ladder of q-values, and what it found over many centres.

    names       the (characteristic, group) pairs that it compared; a group's number is its place
    """

    names: list[tuple[str, str]]
    calibrations: dict[str, Calibration]
    ladders: dict[str, Floats]
    everywhere: list[Everywhere]

    def as_data(self) -> dict[str, Any]:
        """For JSON; numbers come back to the last bit."""
        return {
            "names": [list(name) for name in self.names],
            "levels": {
                name: {"calibration": found.as_data(), "ladder": self.ladders[name].tolist()}
                for name, found in self.calibrations.items()
            },
            "everywhere": [{name: getattr(one, name) for name in Everywhere.__slots__} for one in self.everywhere],
        }

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> GapsLearnt:
        levels = data["levels"]
        return cls(
            [(name, value) for name, value in data["names"]],
            {name: Calibration.from_data(one["calibration"]) for name, one in levels.items()},
            {name: np.array(one["ladder"], dtype=np.float64) for name, one in levels.items()},
            [Everywhere(**one) for one in data["everywhere"]],
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class GapsFound:
    """One level's rows: a group at a centre, on one qualification or on all (`qualification` 0). Effects in steps of a grade.

    gap          how far the group is from the others this year; expected is gap - effect
    learners     (rows, 2) this year, the group and the others
    """

    centre: Integers
    qualification: Integers
    group: Integers
    gap: Floats
    learners: Integers
    comparisons: Comparisons
    q: Floats


@dataclass(frozen=True, slots=True)
class _Located:
    """Rows of distances on the latent scale, and steps of a grade for each learner SD."""

    rows: Rows
    unit: Floats
    gap: Floats


def learn_gaps(
    cells: GapCells, names: list[tuple[str, str]], grades: Calibration, settings: Settings, told: Booleans,
    sectors: Mapping[int, str],
) -> GapsLearnt:  # fmt: skip
    """A whole run over all cells of an AO. ``grades`` is the calibration of its graded groups, whose scales are used.

    told  (rows,) cells that may go into what is found over many centres: for the whole AO, by sector, by qualification
    sectors  by qualification, the name of its sector
    """
    learnt = GapsLearnt(names, {}, {}, [])
    if not len(cells) or not cells.past_size.shape[1]:
        return learnt
    settings = _ours(settings)
    located = _locate(cells, grades)
    for level in (QUALIFICATION, CENTRE):
        pooled, _place = _at_level(level, cells, located)
        calibration, expected = estimate(pooled.rows, settings)
        judged = judge(pooled.rows, expected, calibration, settings.smallest_difference / pooled.unit)
        trust = _trust(pooled, judged.error, settings)
        p = np.where(trust > 0, judged.p, 1.0)
        classes = discovery.size_class(pooled.rows.size, settings)
        learnt.calibrations[level] = replace(calibration, cuts=discovery.find_cuts(p, trust, classes, settings))
        learnt.ladders[level] = find_ladder(p, trust, classes, settings)
    return replace(learnt, everywhere=add_up_groups(_distances(cells, located, told), sectors, settings))


def compare_gaps(cells: GapCells, grades: Calibration, settings: Settings, learnt: GapsLearnt, level: str) -> GapsFound:
    """These rows under what a whole run learnt; every centre that is there is complete. Raises SenseCheckError."""
    settings = _ours(settings)
    calibration = learnt.calibrations.get(level)
    if calibration is None or calibration.settings_digest != settings.digest:
        raise SenseCheckError(
            "The last whole run did not compare groups under these settings. Run the whole check again."
        )
    pooled, place = _at_level(level, cells, _locate(cells, grades))
    expected = expect(pooled.rows, calibration)
    judged = judge(pooled.rows, expected, calibration, settings.smallest_difference / pooled.unit)
    trust = _trust(pooled, judged.error, settings)
    p = np.where(trust > 0, judged.p, 1.0)
    found = collect(pooled.rows, expected, judged, p, trust, settings, calibration)
    scaled = {
        name: getattr(found, name) * pooled.unit for name in ("mean", "past_mean", "shift", "effect", "low", "high")
    }
    q = q_values(p, trust, found.size, found.flagged, learnt.ladders[level], settings)
    found = replace(found, flagged=found.flagged | (q <= settings.promised_false_discovery), **scaled)
    count = len(found)
    learners = np.zeros((count, 2))
    np.add.at(learners, place, cells.size)
    centre, qualification, group = (np.zeros(count, dtype=np.int64) for _ in range(3))
    centre[place], group[place] = cells.centre, cells.group
    if level == QUALIFICATION:
        qualification[place] = cells.qualification
    return GapsFound(centre, qualification, group, pooled.gap, learners.astype(np.int64), found, q)


def _ours(settings: Settings) -> Settings:
    """The AO's settings with all sizes in one family: the promise holds over all groups of a level together."""
    return replace(settings, fewest_centres=_NEVER, size_bounds=settings.size_bounds[:1])


def _weight(size: Floats) -> Floats:
    """Learners that say as much about one mean as the two sides say about their distance: n m / (n + m)."""
    first, second = size[..., 0], size[..., 1]
    return first * second / np.maximum(first + second, 1.0)


def _locate(cells: GapCells, grades: Calibration) -> _Located:
    """Distances on the latent scale. Chance comes from the scale and the level, not from single grades."""
    scales = grades.scales_for(cells.qualification)
    past, on_stand_in = without_stand_ins(_weight(cells.past_size), cells.stand_in)

    def distance(mean: Floats, size: Floats) -> Floats:
        return scales.locate(mean[:, 0], size[:, 0]) - scales.locate(mean[:, 1], size[:, 1])

    learners = cells.past_size.sum(axis=(1, 2))
    pooled = (cells.past_size * cells.past_mean).sum(axis=(1, 2)) / np.where(learners > 0, learners, 1.0)
    level = scales.locate(pooled, learners)
    slope = scales.slope_at(level)
    series = range(cells.past_size.shape[1])
    rows = Rows(
        _weight(cells.size), distance(cells.mean, cells.size), [past[:, place] for place in series],
        [distance(cells.past_mean[:, place], cells.past_size[:, place]) for place in series],
        np.sqrt(scales.variance_at(level)) / slope, on_stand_in, cells.centre, np.zeros(len(cells), dtype=np.int64),
        cells.like,
    )  # fmt: skip
    return _Located(rows, slope, cells.mean[:, 0] - cells.mean[:, 1])


def _at_level(level: str, cells: GapCells, located: _Located) -> tuple[_Located, Integers]:
    """The rows of a level, and which of them each cell went into. At a whole centre each qualification is set against its own
    past first; the changes are then averaged by what they can say."""
    if level == QUALIFICATION:
        return located, np.arange(len(cells))
    pairs, place = np.unique(np.stack([cells.centre, cells.group], axis=1), axis=0, return_inverse=True)
    place, count, rows = place.reshape(-1), len(pairs), located.rows
    whole = rows.past_total
    used = (rows.size > 0) & (whole > 0)
    own = add_up([n * mean for n, mean in zip(rows.past_size, rows.past_mean, strict=True)])
    own = own / np.where(whole > 0, whole, 1.0)

    def average(weights: Floats, values: Floats) -> tuple[Floats, Floats]:
        weights = np.where(used, weights, 0.0)
        total = np.asarray(np.bincount(place, weights, count), dtype=np.float64)
        return total, np.bincount(place, weights * values, count) / np.where(total > 0, total, 1.0)

    size, mean = average(rows.size, rows.mean - own)
    past = [average(n, value - own) for n, value in zip(rows.past_size, rows.past_mean, strict=True)]
    like = np.zeros(count, dtype=np.int64)
    like[place] = cells.like
    stand_in = np.bincount(place, used & rows.on_stand_in, count) > 0
    # A unit without any usable row keeps a spread of one, which nothing is computed from.
    spread = np.sqrt(average(rows.size, rows.learner_sd**2)[1])
    unit = average(rows.size, located.unit)[1]
    pooled = Rows(
        size, mean, [one[0] for one in past], [one[1] for one in past], np.where(spread > 0, spread, 1.0), stand_in,
        pairs[:, 0], np.zeros(count, dtype=np.int64), like,
    )  # fmt: skip
    return _Located(pooled, np.where(unit > 0, unit, 1.0), average(rows.size, located.gap)[1]), place


def _trust(located: _Located, error: Floats, settings: Settings) -> Floats:
    return discovery.confidence(located.rows.size, located.rows.past_total, error * located.unit, settings)


def _distances(cells: GapCells, located: _Located, told: Booleans) -> Distances:
    """What may be added up over centres: rows that are told of and have a past, each weighted by how much it says."""
    rows = located.rows
    whole = rows.past_total
    own = add_up([n * mean for n, mean in zip(rows.past_size, rows.past_mean, strict=True)])
    own = own / np.where(whole > 0, whole, 1.0)
    weight = discovery.harmonic_size(rows.size, whole)
    found = Distances(
        cells.group,
        cells.centre,
        cells.qualification,
        cells.size,
        weight,
        (rows.mean - own) * located.unit,
        located.gap,
    )
    return found.take(np.flatnonzero((rows.size > 0) & (whole > 0) & told & (weight > 0)))
