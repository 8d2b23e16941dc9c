"""Sizes, confidence and the cuts that keep the promise about false flags."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import false_discovery_control

from qtag.sense_check.counts import Settings
from qtag.sense_check.discovery import confidence, find_cuts, flag, harmonic_size, size_class

SETTINGS = Settings()


@pytest.mark.parametrize(("now", "past", "size"), [(8, 10, 8.89), (20, 10, 13.33), (15, 15, 15.0), (0, 50, 0.0)])
def test_sns_07_harmonic_size(now: float, past: float, size: float) -> None:
    assert harmonic_size(np.array([now]), np.array([past]))[0] == pytest.approx(size, abs=0.005)


@pytest.mark.parametrize(
    ("now", "past", "trust"), [(8, 10, 0.389), (20, 10, 0.833), (15, 15, 1.0), (5, 5, 0.0), (4, 900, 0.0)]
)
def test_sns_07_confidence_tapers_with_size(now: float, past: float, trust: float) -> None:
    found = confidence(np.array([float(now)]), np.array([float(past)]), np.array([0.01]), SETTINGS)
    assert found[0] == pytest.approx(trust, abs=0.001)


def test_sns_07_confidence_falls_with_volatility() -> None:
    errors = np.array([0.05, 0.2, 0.3, 0.6, np.inf])
    found = confidence(np.full(5, 100.0), np.full(5, 100.0), errors, SETTINGS)
    assert (np.diff(found) <= 0).all() and found[0] == 1.0 and found[-1] == 0.0


def test_with_equal_confidence_the_cuts_are_those_of_benjamini_and_hochberg() -> None:
    p = np.array([0.001, 0.012, 0.014, 0.2, 0.9])
    cuts = find_cuts(p, np.ones(5), np.zeros(5, dtype=int), SETTINGS)
    # Third of five: 0.05 x 3 / 5 = 0.03 is the last limit that a sorted p lies under.
    assert cuts[0] == pytest.approx(0.03)
    assert flag(p, np.ones(5), np.zeros(5, dtype=int), cuts).tolist() == [True, True, True, False, False]


@settings(deadline=None, max_examples=200)
@given(seed=st.integers(0, 2**32 - 1), rows=st.integers(1, 60), true=st.integers(0, 20))
def test_with_confidence_they_are_those_of_the_weighted_procedure(seed: int, rows: int, true: int) -> None:
    """Beside the textbook: p over its weight, weights of mean 1 over what can be compared, then Benjamini and Hochberg."""
    random = np.random.default_rng(seed)
    p, trust = random.random(rows), np.maximum(random.random(rows) - 0.2, 0.0)
    p[:true] /= 50
    classes = np.zeros(rows, dtype=int)
    flagged = flag(p, trust, classes, find_cuts(p, trust, classes, SETTINGS))
    compared = trust > 0
    assert not flagged[~compared].any()
    if compared.any():
        weights = trust[compared] / trust[compared].mean()
        q = false_discovery_control(np.minimum(p[compared] / weights, 1.0), method="bh")
        assert flagged[compared].tolist() == (q <= SETTINGS.promised_false_discovery).tolist()


def test_nothing_is_flagged_where_nothing_stands_out() -> None:
    p = np.linspace(0.02, 1, 50)
    cuts = find_cuts(p, np.ones(50), np.zeros(50, dtype=int), SETTINGS)
    assert not flag(p, np.ones(50), np.zeros(50, dtype=int), cuts).any()


def test_each_size_class_keeps_its_own_promise() -> None:
    """Many true flags among large groups must not lend their slack to small ones."""
    p = np.concatenate([np.full(50, 1e-6), np.full(50, 0.02)])
    classes = np.repeat([4, 0], 50)
    cuts = find_cuts(p, np.ones(100), classes, SETTINGS)
    assert flag(p, np.ones(100), classes, cuts)[:50].all()
    together = find_cuts(
        np.append(p, np.ones(100)), np.ones(200), np.append(classes, np.zeros(100, dtype=int)), SETTINGS
    )
    assert together[0] == 0.0 and together[4] == pytest.approx(0.05)


def test_groups_without_confidence_are_never_flagged() -> None:
    assert not flag(np.zeros(1), np.zeros(1), np.array([2]), np.ones(5))[0]
    assert not flag(np.zeros(1), np.ones(1), np.array([-1]), np.ones(5))[0]


def test_size_classes() -> None:
    sizes = np.array([4, 5, 14, 15, 29, 30, 60, 149, 150, 5000])
    assert size_class(sizes, SETTINGS).tolist() == [-1, 0, 0, 1, 1, 2, 3, 3, 4, 4]


def test_a_looser_promise_flags_at_least_as_much() -> None:
    p = np.sort(np.random.default_rng(1).random(400) ** 4)
    trust, classes = np.ones(400), np.zeros(400, dtype=int)
    counts = [
        flag(p, trust, classes, find_cuts(p, trust, classes, replace(SETTINGS, promised_false_discovery=q))).sum()
        for q in (0.01, 0.05, 0.2)
    ]
    assert counts[0] <= counts[1] <= counts[2] and counts[2] > counts[0]
