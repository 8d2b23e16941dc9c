"""Compare this year's grades of many groups with their past: counts in, findings for each row out. Grades are only read.

Whole and incremental runs agree because they are the same function: ``calibrate`` learns from all rows once and stores
what it learnt; ``compare_groups`` under a stored calibration computes a centre's rows from that centre's rows alone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Any

import numpy as np
from scipy.special import ndtri

from qtag.sense_check import discovery, volatility
from qtag.sense_check.calibration import Calibration
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
    counted_history,
    summarise,
)
from qtag.sense_check.engine import Expected, Judged, Rows, estimate, expect, judge, widened
from qtag.sense_check.exact import exact_tails, tilt_for
from qtag.sense_check.scale import Scales, find_cuts

#: A row's own spread of learners is shrunk to that of its level as if the stratum lent it this many learners.
_LENT = 12.0
#: No group's learners are taken to be more alike than this share of the variance that its level leads to expect.
_LEAST_VARIANCE = 0.1
#: Small groups that the model finds less likely than this get their exact distribution; no cut comes near it.
_REMARKABLE = 0.005
#: 97.5 % point of the normal distribution.
_INTERVAL = 1.959963984540054


class Standing(IntEnum):
    """What can be said about a row."""

    NOTHING_NOW = 0
    NO_BASELINE = 1
    TOO_FEW = 2
    COMPARED = 3


@dataclass(frozen=True, slots=True)
class Comparisons:
    """One entry for each row, in the order of the input. Means and effects are in grades of the row's own scale.

    standing      Standing: nothing now, no baseline (SNS-04), too few (SNS-07), compared
    flagged       the difference is more than chance and volatility explain, at the promised rate
    effect        this year's mean - what was expected; ``low`` and ``high`` its 95 % interval
    past_mean     level of the past, its years weighed by what they can say; ``shift`` what moved for the whole AO
    p             chance of such a difference from chance and volatility alone; 1 where nothing is compared
    confidence    0 to 1, from the harmonic size (``weight`` of the row among the flags)
    ratio         volatility: SD of yearly means over SD of learners
    on_stand_in   compared with a series resting on another principle (SNS-03)
    separated     the shift of the year could be told from the centres' own
    """

    standing: Integers
    flagged: Booleans
    size: Floats
    past_size: Floats
    years: Integers
    mean: Floats
    past_mean: Floats
    shift: Floats
    effect: Floats
    low: Floats
    high: Floats
    p: Floats
    confidence: Floats
    ratio: Floats
    on_stand_in: Booleans
    separated: bool

    def __len__(self) -> int:
        return len(self.p)

    def take(self, rows: Any) -> Comparisons:
        """These rows alone (index or mask)."""
        columns = {name: value[rows] for name in self.__slots__ if isinstance(value := getattr(self, name), np.ndarray)}
        return replace(self, **columns)

    @property
    def by_evidence(self) -> Integers:
        """Row numbers, strongest evidence first: flagged ones, then the others that were compared, then the rest."""
        soft = self.p / np.maximum(self.confidence, 1e-12)
        return np.lexsort((np.arange(len(self)), soft, -self.standing, ~self.flagged))


@dataclass(frozen=True, slots=True)
class Located:
    """Rows on the latent scale, and what takes them back to grades: slope at the past's level, SD of learners (grades)."""

    rows: Rows
    scales: Scales
    slope: Floats
    grade_sd: Floats


def calibrate(now: GroupCounts, history: History, settings: Settings) -> tuple[Calibration, Comparisons]:
    """A whole run: learn from all rows of an AO, compare them, set the cuts. Store the calibration with the results."""
    summaries = summarise(now, history)
    past = counted_history(history, summaries)
    strata, stratum = np.unique(now.stratum, return_inverse=True)
    cut_points = find_cuts(now.counts + past, stratum, len(strata))
    located = locate_rows(now, summaries, Scales(cut_points, stratum))
    calibration, expected = estimate(located.rows, settings)
    even = ndtri(np.arange(1, now.counts.shape[1]) / now.counts.shape[1])
    calibration = replace(calibration, cut_points=cut_points, overall_cut_points=even)
    compared = _compare(now, past, located, expected, settings, calibration)
    classes = discovery.size_class(compared.size, settings)
    cuts = discovery.find_cuts(compared.p, compared.confidence, classes, settings)
    calibration = replace(calibration, cuts=cuts)
    return calibration, replace(compared, flagged=discovery.flag(compared.p, compared.confidence, classes, cuts))


def compare_groups(
    now: GroupCounts, history: History, settings: Settings, calibration: Calibration | None = None
) -> Comparisons:
    """Compare every row with its own past (SNS-02 to -05, -07).

    Without a calibration this is a whole run. With one, the rows may be those of any centres, each complete: a row's
    numbers then equal, bit for bit, those of any other call under the same calibration that holds its centre's rows.
    Raises SenseCheckError when the calibration was made under other settings.
    """
    if calibration is None:
        return calibrate(now, history, settings)[1]
    if calibration.settings_digest != settings.digest:
        raise SenseCheckError("The settings changed since this calibration was made. Run the whole check again.")
    summaries = summarise(now, history)
    located = locate_rows(now, summaries, calibration.scales_for(now.stratum))
    past = counted_history(history, summaries)
    return _compare(now, past, located, expect(located.rows, calibration), settings, calibration)


def locate_rows(now: GroupCounts, summaries: Summaries, scales: Scales) -> Located:
    """Put every mean on the latent scale; how much a learner says there comes from the past and the scale alone."""
    past_total = summaries.past_total
    pooled = add_up([n * mean for n, mean in zip(summaries.past_size, summaries.past_mean, strict=True)])
    level = scales.locate(pooled / np.where(past_total > 0, past_total, 1.0), past_total)
    slope = scales.slope_at(level)
    squares, degrees = np.zeros(len(now)), np.zeros(len(now))
    for size, about in zip(summaries.past_size, summaries.past_squares, strict=True):
        squares = squares + about
        degrees = degrees + np.maximum(size - 1.0, 0.0)
    usual = scales.variance_at(level)
    variance = np.maximum((squares + _LENT * usual) / (degrees + _LENT), _LEAST_VARIANCE * usual)
    grade_sd = np.sqrt(variance)
    past_mean = [scales.locate(mean, n) for n, mean in zip(summaries.past_size, summaries.past_mean, strict=True)]
    rows = Rows(
        summaries.size, scales.locate(summaries.mean, summaries.size), summaries.past_size, past_mean,
        grade_sd / slope, summaries.on_stand_in, now.centre, now.stratum, now.like,
    )  # fmt: skip
    return Located(rows, scales, slope, grade_sd)


def _compare(
    now: GroupCounts, past: Integers, located: Located, expected: Expected, settings: Settings, calibration: Calibration
) -> Comparisons:
    rows = located.rows
    judged = judge(rows, expected, calibration, settings.smallest_difference / located.slope)
    trust = discovery.confidence(rows.size, rows.past_total, judged.error * located.slope, settings)
    p = judged.p
    small = (np.minimum(rows.size, rows.past_total) <= settings.exact_up_to) & (trust > 0) & (p < _REMARKABLE)
    if small.any():
        p = p.copy()
        exact = _exact_p(now, past, located, expected, judged, small, calibration)
        # The exact distribution is that of no difference at all; a difference of no concern is up to the model.
        p[small] = np.maximum(p[small], exact) if settings.smallest_difference > 0 else exact
    found = collect(rows, expected, judged, np.where(trust > 0, p, 1.0), trust, settings, calibration)
    return _in_grades(found, now, located.scales, expected, judged)


def _in_grades(found: Comparisons, now: GroupCounts, scales: Scales, expected: Expected, judged: Judged) -> Comparisons:
    """Turn locations back into grades, ends of the interval included: no bound lies outside the scale."""
    size = now.counts.sum(axis=1)
    mean = now.counts @ np.arange(now.counts.shape[1]) / np.where(size > 0, size, 1)
    blank = found.effect * 0.0
    past = scales.mean_at(expected.past)
    hoped = scales.mean_at(judged.expected)
    wide = _INTERVAL * judged.error
    return replace(
        found, mean=mean, past_mean=past + blank, shift=hoped - past + blank, effect=mean - hoped + blank,
        low=mean - scales.mean_at(judged.expected + wide) + blank,
        high=mean - scales.mean_at(judged.expected - wide) + blank,
    )  # fmt: skip


def collect(
    rows: Rows, expected: Expected, judged: Judged, p: Floats, trust: Floats, settings: Settings,
    calibration: Calibration,
) -> Comparisons:  # fmt: skip
    """Put the numbers of the rows together and flag them under the calibration's cuts."""
    past_total = rows.past_total
    standing = np.full(len(p), int(Standing.COMPARED))
    standing[trust == 0] = Standing.TOO_FEW
    standing[past_total == 0] = Standing.NO_BASELINE
    standing[rows.size == 0] = Standing.NOTHING_NOW
    years = np.zeros(len(p), dtype=np.int64)
    for size in rows.past_size:
        years += size > 0
    classes = discovery.size_class(rows.size, settings)
    compared = standing >= Standing.TOO_FEW
    blank = np.where(compared, 0.0, np.nan)
    return Comparisons(
        standing, discovery.flag(p, trust, classes, calibration.cuts), rows.size, past_total, years,
        rows.mean, expected.past + blank, judged.shift + blank, judged.effect + blank,
        judged.effect - _INTERVAL * judged.error + blank, judged.effect + _INTERVAL * judged.error + blank,
        p, trust, expected.ratio, rows.on_stand_in, calibration.separated,
    )  # fmt: skip


def _exact_p(
    now: GroupCounts, past: Integers, located: Located, expected: Expected, judged: Judged, small: Booleans,
    calibration: Calibration,
) -> Floats:  # fmt: skip
    rows = located.rows
    total = rows.past_total[small]
    # Each past year moved on its own, so the past's learners together moved by less than one year does.
    moved = sum((size[small] / total) ** 2 for size in rows.past_size)
    sd = located.grade_sd[small]
    shift = located.scales.mean_at(judged.expected) - located.scales.mean_at(expected.past)
    tilt = tilt_for(past[small], located.scales.grades_used()[small], shift[small], sd)
    tilt_sd = volatility.RATIOS[None, :] * np.sqrt(1.0 + moved)[:, None] / sd[:, None]
    weight = np.stack([column[small] for column in expected.weights], axis=1)
    low, high = exact_tails(now.counts[small], past[small], tilt, tilt_sd, weight)
    return widened(np.minimum(2.0 * np.minimum(low, high), 1.0), calibration.tail)
