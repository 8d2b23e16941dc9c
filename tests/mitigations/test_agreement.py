"""Agreement of two members, and the draw for a second opinion: pure functions."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mitigations.rules.agreement import measure_agreement
from mitigations.rules.draw import draw_case

VERDICTS = st.sampled_from(["sufficient", "in_principle", "insufficient"])
PAIRS = st.lists(st.tuples(VERDICTS, VERDICTS), min_size=1, max_size=60)


def kappa_by_definition(pairs):
    """Cohen (1960): observed minus expected agreement over one minus expected, from the marginal shares."""
    n = len(pairs)
    observed = math.fsum(a == b for a, b in pairs) / n
    names = {name for pair in pairs for name in pair}
    expected = math.fsum(
        (sum(a == name for a, _ in pairs) / n) * (sum(b == name for _, b in pairs) / n) for name in names
    )
    return (observed - expected) / (1 - expected)


@given(PAIRS)
def test_kappa_is_cohens(pairs):
    found = measure_agreement(pairs)
    assert found.share == pytest.approx(sum(a == b for a, b in pairs) / len(pairs))
    if found.kappa is None:
        assert len({name for pair in pairs for name in pair}) == 1
    else:
        assert found.kappa == pytest.approx(kappa_by_definition(pairs), abs=1e-9)
        assert -1 <= found.kappa <= 1


def test_a_known_table_of_two_raters():
    """The textbook table of 50 grant proposals: 20, 5, 10, 15 give 0.7 and 0.4."""
    pairs = [("a", "a")] * 20 + [("a", "b")] * 5 + [("b", "a")] * 10 + [("b", "b")] * 15
    found = measure_agreement(pairs)
    assert (found.share, found.kappa) == (pytest.approx(0.7), pytest.approx(0.4))


@pytest.mark.parametrize(
    ("pairs", "words"),
    [
        (0, "No case has two"),
        (1, "Too few"),
        (9, "Too few"),
        (10, "An indication"),
        (29, "An indication"),
        (30, "Enough"),
    ],
)
def test_the_words_say_how_little_few_cases_show(pairs, words):
    found = measure_agreement([("sufficient", "sufficient")] * pairs)
    assert words in str(found.words)
    assert found.kappa is None
    if pairs:
        assert "cannot be calculated" in str(found.kappa_words)


def test_an_indication_says_by_how_much_one_case_moves_it():
    assert "5.0 percentage points" in str(measure_agreement([("a", "b")] * 20).words)


@given(
    st.text(max_size=20), st.text(min_size=1, max_size=20), st.integers(1, 9), st.integers(0, 100), st.integers(0, 100)
)
def test_the_same_draw_gives_the_same_and_a_larger_share_holds_every_smaller_one(seed, number, round_, share, other):
    drawn = draw_case(seed=seed, number=number, round_=round_, share=share)
    assert drawn == draw_case(seed=seed, number=number, round_=round_, share=share)
    assert 0 <= drawn.value < 100
    larger = draw_case(seed=seed, number=number, round_=round_, share=max(share, other))
    assert larger.is_drawn or not drawn.is_drawn
    assert not draw_case(seed=seed, number=number, round_=round_, share=0).is_drawn
    assert draw_case(seed=seed, number=number, round_=round_, share=100).is_drawn


@pytest.mark.parametrize("share", [5, 20, 50])
def test_the_share_drawn_of_many_is_the_share_asked_for(share):
    drawn = sum(draw_case(seed="s", number=f"AIM-2026-{n:06d}", round_=1, share=share).is_drawn for n in range(10_000))
    # Five standard deviations of a fair draw.
    assert abs(drawn - 100 * share) < 5 * math.sqrt(10_000 * share / 100 * (1 - share / 100))


def test_another_seed_draws_other_cases():
    def cases(seed):
        numbers = (f"AIM-2026-{n:06d}" for n in range(200))
        return {number for number in numbers if draw_case(seed=seed, number=number, round_=1, share=20).is_drawn}

    assert cases("one") != cases("two")
