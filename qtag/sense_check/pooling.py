"""Wider views: sector x level x suite, and the centre as a whole, always like for like (SNS-02, SNS-05).

Adding up grades of different qualifications would let a change of what is taught pass for a change of standard. So each
qualification is first set against its own past, and these differences are averaged by learners.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from qtag.sense_check import discovery
from qtag.sense_check.calibration import Calibration
from qtag.sense_check.comparison import Comparisons, collect, locate_rows
from qtag.sense_check.counts import (
    Booleans,
    Floats,
    GroupCounts,
    History,
    Integers,
    SenseCheckError,
    Settings,
    Summaries,
    add_up,
    summarise,
)  # fmt: skip
from qtag.sense_check.engine import Expected, Rows, estimate, expect, judge


@dataclass(frozen=True, slots=True)
class Pooled:
    """Wider groups: ``centre`` and ``level`` name each; ``comparisons`` has one entry for each, effects in average grades.

    member_of  (input rows,) place of the wider group a row went into, -1 where it was left out
    """

    centre: Integers
    level: Integers
    member_of: Integers
    comparisons: Comparisons


def compare_pooled(
    now: GroupCounts, history: History, level: Integers, offered: Booleans, grades: Calibration, settings: Settings,
    calibration: Calibration | None = None,
) -> tuple[Calibration, Pooled]:  # fmt: skip
    """Compare each centre's rows of one ``level`` (sector x level x suite; one number for all: the whole centre) (SNS-02).

    Left out: rows no longer ``offered`` (SNS-05), and rows without learners on either side, which have nothing to be
    like. ``grades`` is the calibration of the rows themselves; ``calibration`` that of an earlier run at this level.
    """
    if calibration is not None and calibration.settings_digest != settings.digest:
        raise SenseCheckError("The settings changed since this calibration was made. Run the whole check again.")
    summaries = summarise(now, history)
    used = offered & (summaries.size > 0) & (summaries.past_total > 0)
    pairs, place = np.unique(np.stack([now.centre[used], level[used]], axis=1), axis=0, return_inverse=True)
    member_of = np.full(len(now), -1)
    member_of[used] = place.reshape(-1)
    rows, unit = _rows(now, summaries, used, member_of, pairs, grades)
    if calibration is None:
        learnt, expected = estimate(rows, settings)
        compared = _compare(rows, unit, expected, settings, learnt)
        classes = discovery.size_class(rows.size, settings)
        cuts = discovery.find_cuts(compared.p, compared.confidence, classes, settings)
        learnt = replace(learnt, cuts=cuts)
        compared = replace(compared, flagged=discovery.flag(compared.p, compared.confidence, classes, cuts))
    else:
        learnt = calibration
        compared = _compare(rows, unit, expect(rows, learnt), settings, learnt)
    return learnt, Pooled(pairs[:, 0], pairs[:, 1], member_of, compared)


def _rows(
    now: GroupCounts, summaries: Summaries, used: Booleans, member_of: Integers, pairs: Integers, grades: Calibration
) -> tuple[Rows, Floats]:
    """Rows as locations about each qualification's own past, and what one learner SD is on average (grades)."""
    count = len(pairs)
    member = member_of[used]
    located = locate_rows(now, summaries, grades.scales_for(now.stratum))
    size = located.rows.size[used]
    past_size = [one[used] for one in located.rows.past_size]
    past_mean = [one[used] for one in located.rows.past_mean]
    whole = add_up(past_size)
    own = add_up([n * mean for n, mean in zip(past_size, past_mean, strict=True)]) / whole

    def average(weights: Floats, values: Floats) -> tuple[Floats, Floats]:
        total = np.asarray(np.bincount(member, weights, count), dtype=np.float64)
        return total, np.bincount(member, weights * values, count) / np.where(total > 0, total, 1.0)

    learners, mean = average(size, located.rows.mean[used] - own)
    past = [average(n, value - own) for n, value in zip(past_size, past_mean, strict=True)]
    like = np.zeros(count, dtype=np.int64)
    like[member] = now.like[used]
    stand_in = np.bincount(member, summaries.on_stand_in[used], count) > 0
    spread = np.sqrt(average(size, located.rows.learner_sd[used] ** 2)[1])
    rows = Rows(
        learners, mean, [one[0] for one in past], [one[1] for one in past], spread, stand_in,
        pairs[:, 0], pairs[:, 1], like,
    )  # fmt: skip
    return rows, average(size, located.slope[used])[1]


def _compare(rows: Rows, unit: Floats, expected: Expected, settings: Settings, calibration: Calibration) -> Comparisons:
    judged = judge(rows, expected, calibration, settings.smallest_difference / np.where(unit > 0, unit, 1.0))
    trust = discovery.confidence(rows.size, rows.past_total, judged.error * unit, settings)
    found = collect(rows, expected, judged, np.where(trust > 0, judged.p, 1.0), trust, settings, calibration)
    scaled = {name: getattr(found, name) * unit for name in ("mean", "past_mean", "shift", "effect", "low", "high")}
    return replace(found, **scaled)
