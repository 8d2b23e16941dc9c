"""Made-up awarding organisations in which it is known whose standard really changed this year.

Learners' grades come from a latent scale cut into grades, which is *not* the model that the method fits: means on a
bounded scale of grades, skewed near its ends, with learners moved up whole grades where a standard slipped.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from qtag.sense_check.counts import Booleans, Floats, GroupCounts, History, Integers

#: Lower ends of the size classes of this year's group and what they are called.
SIZE_BOUNDS = (1, 5, 15, 30, 60, 150)
SIZE_NAMES = ("1-4", "5-14", "15-29", "30-59", "60-149", "150+")
#: (grades raised, share of the cohort raised) of centres whose standard slipped.
INFLATIONS = ((0.25, 0.5), (0.25, 1.0), (0.5, 0.5), (0.5, 1.0), (1.0, 0.5), (1.0, 1.0))
_SERIES = 4


@dataclass(frozen=True, slots=True)
class Country:
    """How an AO is made up.

    volatility, apart   median ratio (SD of yearly means over SD of learners) and the SD of its logarithm over centres
    within              SD of the logarithm over the groups of one centre
    inflated            share of groups whose standard slipped, spread evenly over INFLATIONS
    year_shift          SD of the AO's shift between years, and of this year's, in learner SDs
    shock               degrees of freedom of the yearly swings (Student's t); infinity for normal ones
    """

    centres: int = 400
    groups: int = 20
    volatility: float = 0.07
    apart: float = 0.6
    within: float = 0.2
    inflated: float = 0.12
    year_shift: float = 0.25
    shock: float = np.inf


@dataclass(frozen=True, slots=True)
class World:
    """Counts as the method gets them, and the truth: (rows,) number in INFLATIONS, -1 where nothing slipped."""

    now: GroupCounts
    history: History
    truth: Integers

    @property
    def honest(self) -> Booleans:
        return self.truth < 0


def make_world(country: Country, random: np.random.Generator) -> World:
    """Draw one AO. Scales have 4, 5 or 7 grades by qualification; histories one to three years."""
    centre = np.repeat(np.arange(country.centres), country.groups)
    stratum = np.tile(np.arange(country.groups), country.centres)
    rows = len(centre)
    like = centre % 3
    sizes = _sizes(rows, random)
    grades = np.array([4, 5, 4, 7, 5])[np.arange(country.groups) % 5]
    ratio = _ratios(country, centre, random)
    level = random.normal(0.0, 0.45, rows) + random.normal(0.0, 0.35, country.centres)[centre]
    shifts = random.normal(0.0, country.year_shift, _SERIES)
    own_shifts = random.normal(0.0, 0.06, (country.groups, _SERIES))
    past = _lengths(rows, random)
    counts = np.zeros((_SERIES, rows, int(grades.max())), dtype=np.int64)
    for year in range(_SERIES):
        swing = _swings(country, rows, random) * ratio
        latent = level + swing + shifts[year] + own_shifts[stratum, year]
        counts[year] = random.multinomial(sizes[year], _chances(latent, grades[stratum], int(grades.max())))
        if year < _SERIES - 1:
            counts[year][past < _SERIES - 1 - year] = 0
    truth = np.full(rows, -1)
    slipped = random.random(rows) < country.inflated
    truth[slipped] = random.integers(0, len(INFLATIONS), int(slipped.sum()))
    this_year = _raise(counts[-1], grades[stratum], truth, random)
    return World(
        GroupCounts(this_year, centre, stratum, like), History(counts[:-1].transpose(1, 0, 2), (False,) * 3), truth
    )


def _sizes(rows: int, random: np.random.Generator) -> Integers:
    """(series, rows) learners: every size class about equally often this year, other years somewhat larger or smaller."""
    bounds = np.array([*SIZE_BOUNDS, 400])
    kind = random.integers(0, len(SIZE_BOUNDS), rows)
    low, high = np.log(bounds[kind]), np.log(bounds[kind + 1])
    usual = np.exp(low + (high - low) * random.random(rows))
    sizes = [np.maximum(np.round(usual * np.exp(random.normal(0, 0.2, rows))), 1) for _ in range(_SERIES - 1)]
    return np.array([*sizes, np.maximum(np.floor(usual), 1)], dtype=np.int64)


def _lengths(rows: int, random: np.random.Generator) -> Integers:
    return random.choice([1, 2, 3], rows, p=[0.2, 0.35, 0.45])


def _ratios(country: Country, centre: Integers, random: np.random.Generator) -> Floats:
    own = random.normal(0.0, country.apart, country.centres)[centre] if country.apart else 0.0
    group = random.normal(0.0, country.within, len(centre)) if country.within else 0.0
    return np.asarray(country.volatility * np.exp(own + group) * np.ones(len(centre)))


def _swings(country: Country, rows: int, random: np.random.Generator) -> Floats:
    if np.isinf(country.shock):
        return random.normal(0.0, 1.0, rows)
    return random.standard_t(country.shock, rows) / np.sqrt(country.shock / (country.shock - 2.0))


def _chances(latent: Floats, grades: Integers, most: int) -> Floats:
    """(rows, most) chance of each grade: equal parts of the latent scale of the AO as a whole."""
    places = np.arange(1, most)
    cuts = ndtri(np.minimum(places / grades[:, None], 1.0)) * 1.15
    below = np.where(places < grades[:, None], ndtr(cuts - latent[:, None]), 1.0)
    edges = np.concatenate([np.zeros((len(latent), 1)), below, np.ones((len(latent), 1))], axis=1)
    chances = np.diff(edges, axis=1)
    return np.asarray(chances / chances.sum(axis=1, keepdims=True))


def _raise(counts: Integers, grades: Integers, truth: Integers, random: np.random.Generator) -> Integers:
    """Move learners of the share concerned up one grade, each with chance ``grades raised``; never past the top."""
    shift = np.array([one[0] for one in INFLATIONS] + [0.0])[truth]
    share = np.array([one[1] for one in INFLATIONS] + [0.0])[truth]
    places = np.arange(counts.shape[1])
    can_rise = places < grades[:, None] - 1
    rising = random.binomial(counts, np.where(can_rise, (shift * share)[:, None], 0.0))
    raised = counts - rising
    raised[:, 1:] += rising[:, :-1]
    return raised
