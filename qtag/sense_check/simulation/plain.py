"""The plain methods, each as a score by row: the higher, the more this year differs from all past years put together.

They are helped: the AO's average difference is taken off where a method can take it, and their cut is set afterwards
to the very false-alarm rate of ours. Without that help each does worse.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.special import chdtrc

from qtag.sense_check.counts import Floats, History, Integers
from qtag.sense_check.simulation.worlds import World


def percentage_points(world: World) -> Floats:
    """Points between the shares of learners at the qualification's upper grades, whatever the size of the group."""
    now, past = world.now.counts, _together(world.history)
    stratum = world.now.stratum
    high = np.zeros_like(now, dtype=bool)
    for number in np.unique(stratum):
        rows = stratum == number
        below = np.cumsum(past[rows].sum(axis=0)) / max(past[rows].sum(), 1)
        # The upper grades are those that about half of the past's learners reached.
        high[rows] = np.arange(now.shape[1]) > np.argmin(np.abs(below - 0.5))
    difference = _share(now, high) - _share(past, high)
    return np.abs(difference - difference.mean())


def chi_square(world: World) -> Floats:
    """Pearson's chi-square of grades by side for each group; minus the logarithm of its p-value."""
    now, past = world.now.counts.astype(float), _together(world.history).astype(float)
    both = now + past
    total = both.sum(axis=1, keepdims=True)
    statistic = np.zeros(len(now))
    for side in (now, past):
        hoped = both * side.sum(axis=1, keepdims=True) / total
        statistic += np.where(hoped > 0, (side - hoped) ** 2 / np.where(hoped > 0, hoped, 1.0), 0.0).sum(axis=1)
    freedom = np.maximum((both > 0).sum(axis=1) - 1, 1)
    return -np.log(np.maximum(chdtrc(freedom, statistic), 1e-300))


def mean_grade_z(world: World) -> Floats:
    """Difference of mean grades over its standard error from the spread of learners alone."""
    now, past = world.now.counts, _together(world.history)
    (n_now, mean_now, about_now), (n_past, mean_past, about_past) = _moments(now), _moments(past)
    difference = mean_now - mean_past
    stratum = world.now.stratum
    usual = np.bincount(stratum, n_now * difference) / np.bincount(stratum, n_now)
    freedom = np.maximum(n_now + n_past - 2, 1)
    # Nobody differing from anybody would make every difference infinitely certain.
    variance = np.maximum((about_now + about_past) / freedom, 0.05)
    return np.abs(difference - usual[stratum]) / np.sqrt(variance * (1 / n_now + 1 / n_past))


PLAIN: dict[str, Callable[[World], Floats]] = {
    "percentage_points": percentage_points,
    "chi_square": chi_square,
    "mean_grade_z": mean_grade_z,
}


def _together(history: History) -> Integers:
    return np.asarray(history.counts.sum(axis=1))


def _share(counts: Integers, chosen: np.ndarray) -> Floats:
    return np.asarray((counts * chosen).sum(axis=1) / np.maximum(counts.sum(axis=1), 1))


def _moments(counts: Integers) -> tuple[Floats, Floats, Floats]:
    scores = np.arange(counts.shape[1])
    size = np.maximum(counts.sum(axis=1), 1)
    mean = counts @ scores / size
    return size.astype(float), mean, counts @ scores**2 - size * mean**2
