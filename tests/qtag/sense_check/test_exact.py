"""The exact distribution against counting every choice of learners by hand."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from qtag.sense_check.exact import exact_tails, tilt_for


def by_hand(now: list[int], past: list[int], tilt: float) -> tuple[float, float]:
    """Weigh every choice of this year's learners from both sides together by exp(tilt x total score); mid-p tails."""
    pool = np.repeat(np.arange(len(now)), np.array(now) + np.array(past))
    observed = int(np.dot(np.arange(len(now)), now))
    totals = np.array([pool[list(chosen)].sum() for chosen in combinations(range(len(pool)), sum(now))])
    weights = np.exp(tilt * (totals - observed))
    equal = weights[totals == observed].sum() / 2
    whole = weights.sum()
    return (weights[totals < observed].sum() + equal) / whole, (weights[totals > observed].sum() + equal) / whole


@pytest.mark.parametrize("tilt", [0.0, 0.7, -0.4])
@pytest.mark.parametrize(
    ("now", "past"),
    [([1, 2, 1, 0], [3, 2, 0, 2]), ([0, 0, 5, 1], [2, 2, 1, 1]), ([3, 2, 2, 1], [1, 1, 1, 0]), ([0, 4], [5, 1])],
)
def test_sns_07_small_groups_agree_with_counting_every_choice(now: list[int], past: list[int], tilt: float) -> None:
    found = exact_tails(np.array([now]), np.array([past]), np.array([tilt]), np.zeros((1, 1)), np.ones((1, 1)))
    low, high = by_hand(now, past, tilt)
    np.testing.assert_allclose([found[0][0], found[1][0]], [low, high], rtol=1e-10)


def test_volatility_makes_the_same_difference_less_remarkable() -> None:
    now, past = np.array([[0, 1, 9]]), np.array([[9, 9, 2]])
    steady = exact_tails(now, past, np.zeros(1), np.array([[0.0]]), np.ones((1, 1)))[1][0]
    volatile = exact_tails(now, past, np.zeros(1), np.array([[1.0]]), np.ones((1, 1)))[1][0]
    assert volatile > 3 * steady


def test_a_row_s_tails_do_not_depend_on_the_rows_beside_it() -> None:
    random = np.random.default_rng(2)
    now, past = random.integers(0, 6, (200, 4)), random.integers(0, 9, (200, 4))
    arguments = random.normal(0, 0.3, 200), np.full((200, 2), 0.2), np.full((200, 2), 0.5)
    together = exact_tails(now, past, *arguments)
    for row in (0, 77, 199):
        alone = exact_tails(now[[row]], past[[row]], *(one[[row]] for one in arguments))
        assert alone[0][0] == together[0][row] and alone[1][0] == together[1][row]


def test_the_tilt_moves_the_past_by_the_shift() -> None:
    past = np.array([[20, 30, 30, 20]])
    tilt = tilt_for(past, np.ones((1, 4), dtype=bool), np.array([0.5]), np.array([1.0]))
    tilted = (past + 0.2) * np.exp(tilt[:, None] * np.arange(4))
    moved = (tilted * np.arange(4)).sum() / tilted.sum()
    assert moved == pytest.approx(1.5 + 0.5, abs=1e-6)
