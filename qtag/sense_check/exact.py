"""Exact distribution for small groups: which learners could have come this year, had nothing changed.

Given all learners of both sides together, every choice of this year's learners is weighed by exp(theta x their score),
where theta carries the shift of the year and the volatility. With theta nought it is the permutation test on scores.
"""

from __future__ import annotations

import numpy as np
from scipy.special import binom, logsumexp

from qtag.sense_check.counts import Booleans, Floats, Integers

#: Nodes and weights for a normal shift.
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(7)
_WEIGHTS = _WEIGHTS / _WEIGHTS.sum()
_BATCH = 64


def exact_tails(now: Integers, past: Integers, tilt: Floats, tilt_sd: Floats, weight: Floats) -> tuple[Floats, Floats]:
    """Chance of a total score this low, and of one this high, for each row; the score itself counted by half (mid-p).

    now, past            (rows, grades) learners by grade; the smaller side should be small, work grows with its cube
    tilt                 (rows,) expected tilt of this year, per grade
    tilt_sd, weight      (rows, volatilities) SD of the tilt under each volatility, and how likely each is
    """
    low, high = np.ones(len(now)), np.ones(len(now))
    smaller = np.minimum(now.sum(axis=1), past.sum(axis=1))
    for size in np.unique(smaller):
        # Only rows of one size go together: sums then have one length, and the last bit of a row is its own affair.
        rows = np.flatnonzero(smaller == size)
        for start in range(0, len(rows), _BATCH):
            part = rows[start : start + _BATCH]
            low[part], high[part] = _batch(now[part], past[part], tilt[part], tilt_sd[part], weight[part])
    return low, high


def tilt_for(past: Integers, used: Booleans, shift: Floats, sd: Floats) -> Floats:
    """(rows,) tilt per grade that moves the past's mean by ``shift`` grades; ``sd`` is that of the learners (grades).

    used (rows, grades) marks the grades of the row's scale.
    """
    grades = np.arange(past.shape[1], dtype=np.float64)
    # A trace of every grade in use lets a past with a single grade move at all.
    profile = past + 0.2 * used
    start = profile @ grades / profile.sum(axis=1)
    tilt = np.zeros(len(past))
    for _ in range(12):
        tilted = profile * np.exp(np.clip(tilt[:, None] * grades, -60.0, 60.0))
        tilted /= tilted.sum(axis=1, keepdims=True)
        mean = tilted @ grades
        variance = np.maximum(tilted @ grades**2 - mean**2, 0.1 * sd**2)
        tilt = np.clip(tilt + np.clip((start + shift - mean) / variance, -1.0, 1.0), -5.0, 5.0)
    return tilt


def _batch(now: Integers, past: Integers, tilt: Floats, tilt_sd: Floats, weight: Floats) -> tuple[Floats, Floats]:
    # Both sides' totals add up to a constant, so the smaller side tells the same story at less cost.
    flipped = past.sum(axis=1) < now.sum(axis=1)
    side = np.where(flipped[:, None], past, now)
    ways = _ways(now + past, side.sum(axis=1))
    scores = np.arange(ways.shape[1])
    observed = side @ np.arange(now.shape[1])
    thetas = tilt[:, None, None] + tilt_sd[:, :, None] * _NODES
    thetas = np.where(flipped, -1.0, 1.0)[:, None] * thetas.reshape(len(now), -1)
    weights = (weight[:, :, None] * _WEIGHTS).reshape(len(now), -1)
    with np.errstate(divide="ignore"):
        logs = np.log(ways)[:, None, :] + thetas[:, :, None] * scores
    chances = np.exp(logs - logsumexp(logs, axis=2, keepdims=True))
    # The observed score itself counts by half on either side: whole, few-valued scores would be far too cautious.
    lower = (scores < observed[:, None]) + 0.5 * (scores == observed[:, None])
    below = (chances * lower[:, None, :]).sum(axis=2)
    above = (chances * (1.0 - lower)[:, None, :]).sum(axis=2)
    low, high = (below * weights).sum(axis=1), (above * weights).sum(axis=1)
    return np.where(flipped, high, low), np.where(flipped, low, high)


def _ways(pool: Integers, size: Integers) -> Floats:
    """(rows, scores) number of ways to choose ``size`` learners from the pool with each total score, up to a factor."""
    rows, grades = pool.shape
    most = int(size.max()) if rows else 0
    width = most * (grades - 1) + 1
    chosen = np.arange(most + 1)
    ways = np.zeros((rows, most + 1, width))
    ways[:, 0, 0] = 1.0
    for grade in range(grades):
        picks = binom(pool[:, grade, None].astype(np.float64), chosen)
        picks = np.where(chosen <= pool[:, grade, None], picks, 0.0)
        longer = ways * picks[:, 0, None, None]
        for taken in range(1, most + 1):
            if not picks[:, taken].any():
                break
            step = taken * grade
            longer[:, taken:, step:] += picks[:, taken, None, None] * ways[:, : most + 1 - taken, : width - step]
        ways = longer
    return np.asarray(ways[np.arange(rows), size])
