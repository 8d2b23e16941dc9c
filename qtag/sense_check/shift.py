"""The shift of a year: what moved for the whole awarding organisation, and for each qualification, told apart from a centre.

A few centres that really changed must not drag the shift along: it is a location that lets go of outliers. A stratum
with few centres leans on the whole AO, and what is not known about its shift widens every comparison in it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qtag.sense_check.counts import Floats, Integers

#: Tukey's biweight lets go of a row entirely at this many standard deviations.
_LETS_GO = 4.685
_ROUNDS = 8
#: How far strata of one AO shift apart before any data (SD of learners), as strong as this many strata.
_USUAL_APART, _USUAL_STRATA = 0.05, 2.0


@dataclass(frozen=True, slots=True)
class Shift:
    """In learner SDs: the AO's shift and its variance for a stratum never seen; each stratum's own and their variances."""

    overall: float
    overall_variance: float
    by_stratum: Floats
    variance: Floats


def estimate_shift(
    values: Floats, variance: Floats, centre: Integers, stratum: Integers, numbers: tuple[int, int], fewest_centres: int
) -> Shift:
    """Shift of this year from what each row differs from its past (learner SDs).

    ``centre`` and ``stratum`` count from 0; ``numbers`` says how many strata and centres there are.
    With fewer centres than ``fewest_centres`` the shift is left at nought:
    a handful of centres cannot say what is theirs and what is everybody's.
    """
    strata, centres = numbers
    precision = 1.0 / variance
    # Groups of one centre move together, so the AO's shift is the usual shift of a centre, not of a group.
    total = np.bincount(centre, precision, centres)
    present = total > 0
    if int(present.sum()) < fewest_centres:
        return Shift(0.0, 0.0, np.zeros(strata), np.zeros(strata))
    means = np.bincount(centre, precision * values, centres)[present] / total[present]
    overall, overall_variance = locate(means, 1.0 / total[present], np.zeros(len(means), dtype=np.int64), 1)
    own, own_variance = locate(values, variance, stratum, strata)
    pairs = np.sort(stratum * np.int64(centres) + centre)
    pairs = pairs[np.concatenate([[True], pairs[1:] != pairs[:-1]])]
    enough = np.bincount(pairs // centres, minlength=strata) >= fewest_centres
    apart = _between(own[enough] - overall[0], own_variance[enough])
    prior_variance = apart + overall_variance[0]
    weight = np.where(enough, prior_variance / (prior_variance + np.where(enough, own_variance, 1.0)), 0.0)
    return Shift(
        float(overall[0]),
        float(prior_variance),
        overall[0] + weight * np.where(enough, own - overall[0], 0.0),
        prior_variance * (1.0 - weight),
    )


def locate(values: Floats, variance: Floats, group: Integers, groups: int) -> tuple[Floats, Floats]:
    """Location of each group that lets go of outliers, and its variance; a group without rows has variance infinity."""
    centre = _weighted_medians(values, 1.0 / variance, group, groups)
    weights = 1.0 / variance
    total = np.zeros(groups)
    for _ in range(_ROUNDS):
        distance = (values - centre[group]) / (_LETS_GO * np.sqrt(variance))
        kept = weights * np.maximum(1.0 - distance**2, 0.0) ** 2
        total = np.asarray(np.bincount(group, kept, groups), dtype=np.float64)
        moved = np.bincount(group, kept * values, groups)
        centre = np.where(total > 0, moved / np.where(total > 0, total, 1.0), centre)
    return centre, np.where(total > 0, 1.0 / np.where(total > 0, total, 1.0), np.inf)


def _weighted_medians(values: Floats, weights: Floats, group: Integers, groups: int) -> Floats:
    order = np.lexsort((values, group))
    sorted_group = group[order]
    running = np.cumsum(weights[order])
    sums = np.bincount(group, weights, groups)
    ends = np.cumsum(sums)
    half = ends - sums / 2.0
    place = np.minimum(np.searchsorted(running, half), max(len(values) - 1, 0))
    # Rounding in the running sum may point one row past a group's end; its last row is meant then.
    last = np.searchsorted(sorted_group, np.arange(groups), side="right") - 1
    first = np.searchsorted(sorted_group, np.arange(groups), side="left")
    place = np.clip(place, np.minimum(first, np.maximum(last, 0)), np.maximum(last, 0))
    return np.where(sums > 0, values[order][place], 0.0)


def _between(differences: Floats, variance: Floats) -> float:
    """Variance of the strata's true shifts about the AO's, by moments, leaning on what is usual."""
    excess = float(np.sum(differences**2 - variance)) if len(differences) else 0.0
    return max((excess + _USUAL_STRATA * _USUAL_APART**2) / (len(differences) + _USUAL_STRATA), 1e-6)
