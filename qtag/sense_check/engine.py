"""The comparison itself, on means: what a past leads to expect, how far this year is from it, how often that happens.

Grades, volumes and pooled levels all arrive here as rows of (mean, size) by series; docs/sense-check.md has the model.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import ndtr, ndtri

from qtag.sense_check import volatility
from qtag.sense_check.calibration import Calibration
from qtag.sense_check.counts import Booleans, Floats, Integers, SenseCheckError, Settings
from qtag.sense_check.shift import Shift, estimate_shift

#: The volatilities of centres are learnt from about this many of them; more would not change them.
_CENTRES_TO_LEARN_FROM = 2000
#: While the shifts of past years are estimated, every row counts as this volatile.
_WORKING = 0.2
_PAST_ROUNDS = 2
#: The share of rows, nearest to what was expected, that shows how wide this year's bulk is.
_BULK = 0.35
#: What is estimated is not known; far out in the tails that makes deviates this much wider, at the least (docs/sense-check.md).
_LEAST_TAIL = 1.03
#: Fewer rows than this have no bulk to look at.
_FEWEST_BULK = 50
#: Probabilities closer to nought than this are given as this.
_LEAST = 1e-300


@dataclass(frozen=True, slots=True)
class Rows:
    """Groups to compare. Lists run over past series, arrays over rows; a size of 0 means that there is nothing.

    Means are on a scale on which shifts and volatility add up: locations for grades (scale.py), logarithms for volumes.
    learner_sd     SD of what one learner says about the mean, on that scale: chance and volatility are in it
    """

    size: Floats
    mean: Floats
    past_size: list[Floats]
    past_mean: list[Floats]
    learner_sd: Floats
    on_stand_in: Booleans
    centre: Integers
    stratum: Integers
    like: Integers

    @property
    def past_total(self) -> Floats:
        total = np.zeros_like(self.size)
        for size in self.past_size:
            total = total + size
        return total


@dataclass(frozen=True, slots=True)
class Expected:
    """What the past of each row says before this year is looked at, shifts of the past years taken out.

    past, spread  level of the past and the variance of the effect but for the shift
    apart, error  by volatility: how far its own level lies from ``past``, and the SD of the effect but for the shift
    weights       by volatility: how likely it is; ``ratio`` their mean volatility
    """

    past: Floats
    spread: Floats
    ratio: Floats
    apart: list[Floats]
    error: list[Floats]
    weights: list[Floats]


@dataclass(frozen=True, slots=True)
class Judged:
    """One number for each row; meaningless where a side is empty.

    expected  what the past and the shift of the year lead to expect; effect = this year's mean - expected
    shift     the part of ``expected`` that moved for everybody
    error     SD of the effect when nothing but chance and volatility acts
    p         how often chance and volatility alone would give an effect at least as large, either way
    """

    shift: Floats
    expected: Floats
    effect: Floats
    error: Floats
    p: Floats


def estimate(rows: Rows, settings: Settings) -> tuple[Calibration, Expected]:
    """Learn everything but the cuts from the rows of an AO. Volatility is learnt from the past alone."""
    strata, stratum = np.unique(rows.stratum, return_inverse=True)
    numbers, centre = np.unique(rows.centre, return_inverse=True)
    past_shift, overall_past = _past_shifts(rows, centre, stratum, (len(strata), len(numbers)), settings)
    sample = centre % max(len(numbers) // _CENTRES_TO_LEARN_FROM, 1) == 0
    baselines = volatility.weigh_past(
        [one[sample] for one in _standardised_past(rows, past_shift[stratum])],
        [size[sample] for size in rows.past_size],
    )
    spread, types, classes, class_types = volatility.learn_types(baselines, rows.centre[sample], rows.like[sample])
    first = Calibration(
        settings.digest, strata, np.zeros((len(strata), 0)), past_shift,
        np.zeros((len(strata), 2)), np.zeros((len(strata), 2)), np.zeros(0), overall_past,
        np.zeros(2), np.zeros(2), False, spread, types, classes, class_types, 1.0, np.zeros(len(settings.size_bounds)),
    )  # fmt: skip
    expected = expect(rows, first)
    usable = (rows.size > 0) & (rows.past_total > 0)
    columns = []
    for kind in (False, True):
        chosen = usable & (rows.on_stand_in == kind)
        columns.append(
            estimate_shift(
                (rows.mean - expected.past)[chosen], expected.spread[chosen], centre[chosen],
                stratum[chosen], (len(strata), len(numbers)), settings.fewest_centres,
            )
        )  # fmt: skip
    here = int((np.bincount(centre[usable], minlength=1) > 0).sum())
    shifted = _with_shift(first, columns, here >= settings.fewest_centres)
    middle = usable & (rows.size >= settings.fewest_learners)
    return replace(shifted, tail=_bulk_width(judge(rows, expected, shifted), middle)), expected


def expect(rows: Rows, calibration: Calibration) -> Expected:
    """Level, volatility and error of each row, from the past of its own centre and nothing else."""
    if len(rows.past_size) != len(calibration.overall_past_shift):
        raise SenseCheckError(
            f"The calibration knows {len(calibration.overall_past_shift)} past series, the rows have"
            f" {len(rows.past_size)}. Run the whole check again."
        )
    place, known = calibration.places(rows.stratum)
    past_shift = _look_up(calibration.past_shift, calibration.overall_past_shift, place, known)
    baselines = volatility.weigh_past(_standardised_past(rows, past_shift), rows.past_size)
    weights = volatility.posterior(baselines, rows.centre, calibration.types_for(rows.like), calibration.spread)
    chance = 1.0 / np.where(rows.size > 0, rows.size, 1.0)
    past, ratio, spread = np.zeros_like(chance), np.zeros_like(chance), np.zeros_like(chance)
    for weight, mean, value in zip(weights, baselines.mean, volatility.RATIOS, strict=True):
        past += weight * mean
        ratio += weight * value
    apart, errors = [], []
    for weight, mean, variance, value in zip(
        weights, baselines.mean, baselines.variance, volatility.RATIOS, strict=True
    ):
        apart.append((past - mean) * rows.learner_sd)
        squared = (value**2 + variance + chance) * rows.learner_sd**2
        errors.append(np.sqrt(squared))
        spread += weight * (squared + apart[-1] ** 2)
    return Expected(past * rows.learner_sd, spread, ratio, apart, errors, weights)


def judge(
    rows: Rows, expected: Expected, calibration: Calibration, smallest_difference: Floats | float = 0.0
) -> Judged:
    """Set this year beside what was expected of it."""
    place, known = calibration.places(rows.stratum)
    kind = rows.on_stand_in.astype(np.int64)
    shift = _pick(_look_up(calibration.shift, calibration.overall_shift, place, known), kind)
    unknown = _pick(_look_up(calibration.shift_variance, calibration.overall_shift_variance, place, known), kind)
    hoped = expected.past + shift
    effect = rows.mean - hoped
    # A difference that is no concern is taken off first, so that a flag says "more than that".
    beyond = np.maximum(np.abs(effect) - smallest_difference, 0.0)
    sign = np.sign(effect)
    tail = np.zeros_like(effect)
    for weight, apart, error in zip(expected.weights, expected.apart, expected.error, strict=True):
        tail += weight * ndtr(-(beyond + sign * apart) / np.sqrt(error**2 + unknown))
    p = widened(np.minimum(2.0 * tail, 1.0), calibration.tail)
    return Judged(
        shift, hoped, effect, np.sqrt(expected.spread + unknown) * calibration.tail, np.where(beyond == 0.0, 1.0, p)
    )


def widened(p: Floats, tail: float) -> Floats:
    """The p-value once the normal deviate behind it is made smaller by ``tail``."""
    deviate = ndtri(np.maximum(p, _LEAST) / 2.0) / tail
    return np.minimum(2.0 * ndtr(deviate), 1.0)


def _past_shifts(
    rows: Rows, centre: Integers, stratum: Integers, numbers: tuple[int, int], settings: Settings
) -> tuple[Floats, Floats]:
    """(strata, series) and (series,) shifts of past years in learner SDs, by centres that have more than one year."""
    years = np.zeros(len(rows.size))
    for size in rows.past_size:
        years = years + (size > 0)
    shifts = np.zeros((numbers[0], len(rows.past_size)))
    overall = np.zeros(len(rows.past_size))
    for _ in range(_PAST_ROUNDS):
        weights = [size / (1.0 + size * _WORKING**2) for size in rows.past_size]
        values = [mean - shifts[stratum, year] for year, mean in enumerate(rows.past_mean)]
        whole = sum(weights, np.zeros(len(rows.size)))
        level = sum((w * v for w, v in zip(weights, values, strict=True)), np.zeros(len(rows.size)))
        level = level / np.where(whole > 0, whole, 1.0)
        for year, size in enumerate(rows.past_size):
            chosen = (size > 0) & (years > 1)
            found = estimate_shift(
                (values[year] - level)[chosen], (rows.learner_sd[chosen] ** 2) / weights[year][chosen], centre[chosen],
                stratum[chosen], numbers, settings.fewest_centres,
            )  # fmt: skip
            shifts[:, year] += found.by_stratum
            overall[year] += found.overall
    return shifts, overall


def _standardised_past(rows: Rows, past_shift: Floats) -> list[Floats]:
    return [(mean - past_shift[:, year]) / rows.learner_sd for year, mean in enumerate(rows.past_mean)]


def _bulk_width(judged: Judged, chosen: Booleans) -> float:
    """How much wider than expected the middle of this year's rows lies: volatility that past years did not have."""
    if int(chosen.sum()) < _FEWEST_BULK:
        return _LEAST_TAIL
    deviates = -ndtri(np.clip(judged.p[chosen], _LEAST, 1.0) / 2.0)
    seen = float(np.quantile(deviates, _BULK))
    return max(seen / float(ndtri(0.5 + _BULK / 2.0)), _LEAST_TAIL)


def _with_shift(calibration: Calibration, columns: list[Shift], separated: bool) -> Calibration:
    return replace(
        calibration,
        shift=np.stack([one.by_stratum for one in columns], axis=1),
        shift_variance=np.stack([one.variance for one in columns], axis=1),
        overall_shift=np.array([one.overall for one in columns]),
        overall_shift_variance=np.array([one.overall_variance for one in columns]),
        separated=separated,
    )


def _look_up(table: Floats, overall: Floats, place: Integers, known: Booleans) -> Floats:
    if not len(table):
        return np.broadcast_to(overall, (len(known), len(overall)))
    return np.where(known[:, None], table[place], overall)


def _pick(table: Floats, kind: Integers) -> Floats:
    return np.where(kind == 1, table[:, 1], table[:, 0])
