"""q-values: what orders a list, and what a setting would flag."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qtag.sense_check import discovery
from qtag.sense_check.counts import Settings
from qtag.sense_check.evidence import find_ladder, q_values

SETTINGS = Settings()
CONFIDENCE = st.just(0.0) | st.floats(1e-6, 1)


def q_of(p: np.ndarray, trust: np.ndarray, sizes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    classes = discovery.size_class(sizes, SETTINGS)
    cuts = discovery.find_cuts(p, trust, classes, SETTINGS)
    flagged = discovery.flag(p, trust, classes, cuts)
    return q_values(p, trust, sizes, flagged, find_ladder(p, trust, classes, SETTINGS), SETTINGS), flagged


@settings(deadline=None, max_examples=100)
@given(st.lists(st.tuples(st.floats(0, 1), CONFIDENCE, st.integers(0, 200)), min_size=1, max_size=60))
def test_a_row_is_flagged_exactly_where_its_q_is_what_was_promised(entries: list[tuple[float, float, int]]) -> None:
    """Whatever the rows: on the rows that the ladder was made from, q <= 5 % and the flag are the same."""
    p, trust, sizes = (np.array(column, dtype=np.float64) for column in zip(*entries, strict=True))
    p = p**6
    q, flagged = q_of(p, trust, sizes)
    assert (flagged == (q <= SETTINGS.promised_false_discovery)).all()
    assert ((q >= 0) & (q <= 1)).all()


def test_stronger_evidence_never_has_a_larger_q() -> None:
    random = np.random.default_rng(3)
    p, trust, sizes = random.random(400) ** 4, random.random(400), np.full(400, 40.0)
    q, _flagged = q_of(p, trust, sizes)
    order = np.argsort(p / trust)
    assert (np.diff(q[order]) >= 0).all()


def test_q_is_that_of_benjamini_and_hochberg_within_a_rung() -> None:
    p = np.array([0.0001, 0.004, 0.03, 0.2, 0.7])
    q, _flagged = q_of(p, np.ones(5), np.full(5, 40.0))
    exact = np.minimum.accumulate((p * 5 / np.arange(1, 6))[::-1])[::-1]
    assert q == pytest.approx(exact, rel=0.13)
    assert (q >= exact - 1e-12).all()


def test_rows_that_are_not_compared_have_no_evidence() -> None:
    q, _flagged = q_of(np.array([1e-9, 1e-9]), np.array([0.0, 1.0]), np.array([40.0, 3.0]))
    assert q.tolist() == [1.0, 1.0]


def test_a_row_in_a_class_that_the_run_had_not_seen_stands_alone() -> None:
    classes = discovery.size_class(np.full(3, 40.0), SETTINGS)
    ladder = find_ladder(np.array([0.5, 0.2, 0.9]), np.ones(3), classes, SETTINGS)
    q = q_values(np.array([0.001, 0.3]), np.ones(2), np.array([80.0, 80.0]), np.zeros(2, dtype=bool), ladder, SETTINGS)
    assert q == pytest.approx([0.001, 0.3], rel=0.13)
