"""How much a group's mean moves between years without any change of standard, learnt from the past alone.

A centre has a volatility of its own, its groups vary about it, and like centres say what is usual. Volatility is a
ratio: standard deviation of a group's true yearly mean over the standard deviation of its learners. The model and the
reasons for it: docs/sense-check.md, "Volatility".
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qtag.sense_check.counts import Floats, Integers, add_up

#: Volatility is one of these, from as good as none to as wide as the learners themselves.
RATIOS = np.array([0.02, 0.035, 0.05, 0.07, 0.09, 0.115, 0.145, 0.185, 0.235, 0.30, 0.40, 0.55, 0.75, 1.00])
#: How far groups of one centre may lie from its volatility, as standard deviations of the logarithm.
SPREADS = (0.1, 0.2, 0.35, 0.6)
#: Before any data: around a fifth, as strong as this many centres.
_USUAL, _USUAL_SPREAD, _USUAL_CENTRES = 0.2, 0.6, 4.0
#: A class of like centres starts from what holds for all, as strong as this many centres.
_CLASS_CENTRES = 10.0
_ROUNDS = 60
#: Below what a double holds, a likelihood counts as this.
_LEAST = 1e-300


@dataclass(frozen=True, slots=True)
class Baselines:
    """For each volatility (first axis) and row: the past's mean, its variance (both in learner SDs) and log likelihood."""

    mean: list[Floats]
    variance: list[Floats]
    likelihood: list[Floats]


def weigh_past(past_mean: list[Floats], past_size: list[Floats]) -> Baselines:
    """Combine the years for every volatility. Means are in learner SDs, year shifts already taken out.

    Year t weighs n/(1 + n v^2); the level itself has a flat prior, so one year alone says nothing about volatility.
    """
    means, variances, likelihoods = [], [], []
    for ratio in RATIOS:
        weights = [size / (1.0 + size * ratio**2) for size in past_size]
        total = add_up(weights)
        known = total > 0
        safe = np.where(known, total, 1.0)
        mean = add_up([weight * value for weight, value in zip(weights, past_mean, strict=True)]) / safe
        misfit = add_up([weight * (value - mean) ** 2 for weight, value in zip(weights, past_mean, strict=True)])
        spread = add_up([np.log(np.where(weight > 0, weight, 1.0)) for weight in weights]) - np.log(safe)
        means.append(mean)
        variances.append(np.where(known, 1.0 / safe, np.inf))
        likelihoods.append(0.5 * (spread - misfit))
    return Baselines(means, variances, likelihoods)


def learn_types(baselines: Baselines, centre: Integers, like: Integers) -> tuple[float, Floats, Integers, Floats]:
    """Estimate how volatile centres are: overall and by class of like centres, by expectation-maximisation.

    Returns (spread of groups about their centre, (types,) shares over all centres, (classes,) class numbers,
    (classes, types) shares). Only the past enters: inflation of this year cannot pass itself off as volatility.
    """
    _, first, place = np.unique(centre, return_index=True, return_inverse=True)
    usual = np.exp(-0.5 * (np.log(RATIOS / _USUAL) / _USUAL_SPREAD) ** 2)
    usual /= usual.sum()
    shares = relative_likelihoods(baselines)
    best: tuple[float, float, Floats, list[Floats]] | None = None
    for spread in SPREADS:
        by_type = centre_types(shares, spread, place, len(first))
        fitted, score = _fit(np.stack(by_type, axis=1), usual, _USUAL_CENTRES)
        if best is None or score > best[0]:
            best = (score, spread, fitted, by_type)
    if best is None:
        raise AssertionError("there is always a first spread")
    _, spread, overall, by_type = best
    evidence = np.stack(by_type, axis=1)
    classes = np.unique(like)
    class_of = like[first]
    by_class = [_fit(evidence[class_of == number], overall, _CLASS_CENTRES)[0] for number in classes]
    return spread, overall, classes, np.array(by_class).reshape(len(classes), len(RATIOS))


def relative_likelihoods(baselines: Baselines) -> list[Floats]:
    """Likelihood of each volatility, the likeliest of a row set to 1."""
    highest = np.maximum.reduce(baselines.likelihood)
    return [np.exp(one - highest) for one in baselines.likelihood]


def kernel(spread: float) -> Floats:
    """(ratios, types) share of a centre's groups that have each volatility, given the centre's own."""
    distance = np.log(RATIOS[:, None] / RATIOS[None, :]) / spread
    weights = np.exp(-0.5 * distance**2)
    return np.asarray(weights / weights.sum(axis=0))


def group_types(shares: list[Floats], spread: float) -> list[Floats]:
    """For each type of centre: likelihood of each row's past."""
    weights = kernel(spread)
    columns = []
    for kind in range(len(RATIOS)):
        total = np.zeros_like(shares[0])
        for place, share in enumerate(shares):
            # Far-off volatilities add nothing that a double could hold.
            if weights[place, kind] > 1e-18:
                total = total + weights[place, kind] * share
        columns.append(total)
    return columns


def centre_types(shares: list[Floats], spread: float, place: Integers, centres: int) -> list[Floats]:
    """For each type: log likelihood of each centre's past, all its groups together."""
    rows = group_types(shares, spread)
    return [np.asarray(np.bincount(place, np.log(np.maximum(one, _LEAST)), centres), dtype=np.float64) for one in rows]


def posterior(baselines: Baselines, centre: Integers, prior: Floats, spread: float) -> list[Floats]:
    """Weight of each volatility for each row, from its own past, its centre's other groups and like centres.

    prior (rows, types). Exact for the model: the row's own past counts once, the other groups' through the centre's type.
    """
    _, place = np.unique(centre, return_inverse=True)
    centres = int(place.max()) + 1 if len(place) else 0
    shares = relative_likelihoods(baselines)
    rows = group_types(shares, spread)
    logs = [np.log(np.maximum(column, _LEAST)) for column in rows]
    others = [np.bincount(place, log, centres)[place] - log for log in logs]
    highest = np.maximum.reduce(others)
    kinds = [prior[:, kind] * np.exp(other - highest) for kind, other in enumerate(others)]
    weights = kernel(spread)
    columns = []
    for ratio, share in enumerate(shares):
        total = np.zeros_like(share)
        for kind, column in enumerate(kinds):
            if weights[ratio, kind] > 1e-18:
                total = total + weights[ratio, kind] * column
        columns.append(total * share)
    whole = add_up(columns)
    return [column / whole for column in columns]


def _fit(evidence: Floats, usual: Floats, strength: float) -> tuple[Floats, float]:
    """(types,) shares of the types, and the penalised log likelihood. evidence (centres, types) is logarithmic."""
    if not len(evidence):
        return usual, 0.0
    highest = evidence.max(axis=1, keepdims=True)
    likelihood = np.exp(evidence - highest)
    shares = usual.copy()
    for _ in range(_ROUNDS):
        parts = likelihood * shares
        parts /= parts.sum(axis=1, keepdims=True)
        shares = (parts.sum(axis=0) + strength * usual) / (len(evidence) + strength)
    score = float(np.log(likelihood @ shares).sum() + highest.sum() + strength * (usual * np.log(shares)).sum())
    return shares, score
