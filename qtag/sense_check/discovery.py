"""Which differences are flagged: few enough false ones among the flags, small groups speaking softly."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr

from qtag.sense_check.counts import Booleans, Floats, Integers, Settings

#: Sets how fast evidence is asked for as precision falls: the optimum for about one flag in a thousand comparisons.
_SLOPE = 4.8


def harmonic_size(now: Floats, past: Floats) -> Floats:
    """1 / (0.5/now + 0.5/past): one number for how much two sides can say together; 0 where one is empty."""
    both = (now > 0) & (past > 0)
    return np.where(both, 2.0 * now * past / np.where(both, now + past, 1.0), 0.0)


def confidence(now: Floats, past: Floats, error: Floats, settings: Settings) -> Floats:
    """0 where the groups are too few to compare, up to 1 where they are many and steady (SNS-07).

    Two parts multiplied: the taper of the harmonic size, and how well the difference sought would show above ``error``
    (grades; chance and volatility together). Both are known before this year's grades are, so they may weigh p-values.
    """
    size = harmonic_size(now, past)
    taper = np.clip((size - settings.too_few) / (settings.full_confidence - settings.too_few), 0.0, 1.0)
    best = np.sqrt(2.0 * _SLOPE)
    shown = np.clip(settings.difference_sought / error, 1e-3, best)
    steady = ndtr(-(shown / 2.0 + _SLOPE / shown)) / ndtr(-best)
    enough = np.minimum(now, past) >= settings.fewest_learners
    return np.where(enough, taper * np.where(enough, steady, 0.0), 0.0)


def size_class(now: Floats, settings: Settings) -> Integers:
    """Number of the size class of each row, -1 below the first."""
    return np.searchsorted(np.array(settings.size_bounds), now, side="right") - 1


def find_cuts(p: Floats, trust: Floats, classes: Integers, settings: Settings) -> Floats:
    """(size classes,) largest cut that keeps the promise in each class: weighted Benjamini-Hochberg.

    A row is flagged when p <= cut x confidence. Weights have mean 1 over the rows of the class that can be compared.
    """
    cuts = np.zeros(len(settings.size_bounds))
    for number in range(len(cuts)):
        chosen = (classes == number) & (trust > 0)
        tests = int(chosen.sum())
        if not tests:
            continue
        weights = trust[chosen]
        mean = weights.mean()
        ordered = np.sort(p[chosen] / (weights / mean))
        limit = settings.promised_false_discovery * np.arange(1, tests + 1) / tests
        passing = np.flatnonzero(ordered <= limit)
        if len(passing):
            cuts[number] = limit[passing[-1]] / mean
    return cuts


def flag(p: Floats, trust: Floats, classes: Integers, cuts: Floats) -> Booleans:
    """Rows whose difference is more than chance and volatility explain, at the promised share of false flags."""
    cut = np.where(classes >= 0, cuts[np.maximum(classes, 0)], 0.0)
    return (classes >= 0) & (trust > 0) & (p <= cut * trust)
