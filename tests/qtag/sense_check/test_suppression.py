"""Small groups stay hidden, also from somebody who subtracts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from qtag.sense_check.counts import SenseCheckError
from qtag.sense_check.suppression import feasible_range, hide_small_groups, totals_may_be_shown


def test_sns_08_one_small_group_takes_another_with_it() -> None:
    counts = np.array([[40, 30], [3, 20], [25, 35]])
    hidden = hide_small_groups(counts)
    assert hidden[1, 0]
    assert hidden[:, 0].sum() >= 2 and hidden[1].sum() >= 2


def test_sns_08_two_small_groups_that_give_each_other_away_need_a_third() -> None:
    """2 and 1 hidden in one column: their sum is shown by the total, so each would be known to within 3."""
    hidden = hide_small_groups(np.array([[2], [1], [60], [70]]))
    assert hidden[:, 0].tolist() == [True, True, True, False]


def test_sns_08_large_groups_are_all_shown() -> None:
    assert not hide_small_groups(np.array([[40, 30], [12, 20]])).any()


def test_sns_08_nought_is_shown() -> None:
    assert not hide_small_groups(np.array([[40, 30], [0, 20]])).any()


def test_sns_08_a_total_that_is_small_itself_cannot_be_shown() -> None:
    counts = np.array([[2], [1]])
    hidden = hide_small_groups(counts)
    assert hidden.all() and not totals_may_be_shown(counts, hidden)


def test_sns_08_a_nought_beside_a_lone_small_cell_is_hidden_where_the_total_would_tell() -> None:
    """SNS-08: of three learners in a year, whose number another page shows, all of one group: the nought must not say so. The
    years beside it stay in sight."""
    counts = np.array([[0, 40], [3, 30]])
    hidden = hide_small_groups(counts)
    assert hidden.tolist() == [[True, False], [True, False]] and not totals_may_be_shown(counts, hidden)


@settings(max_examples=60, deadline=None)
@given(arrays(np.int64, st.tuples(st.integers(2, 4), st.integers(1, 3)), elements=st.integers(0, 9)))
def test_sns_08_who_knows_how_many_there_were_in_a_year_learns_no_small_cell(counts: np.ndarray) -> None:
    """SNS-08: the centre's own pages say how many learners a year had in all. Whatever the table hides or shows, a small cell
    can be anything from nought to five or, where the year had fewer in all, to all of them."""
    hidden = hide_small_groups(counts)
    for row, column in np.argwhere((counts > 0) & (counts < 5)):
        year, of_year = counts[:, [column]], hidden[:, [column]]
        assert of_year[row, 0]
        least, most = feasible_range(year, of_year, (int(row), 0))
        assert most - least >= min(5, int(year.sum())) - 1e-6


@settings(max_examples=40, deadline=None)
@given(arrays(np.int64, st.tuples(st.integers(2, 4), st.integers(1, 3)), elements=st.integers(0, 25)))
def test_sns_08_no_small_cell_can_be_told_from_the_totals(counts: np.ndarray) -> None:
    hidden = hide_small_groups(counts)
    assume(totals_may_be_shown(counts, hidden))
    for row, column in np.argwhere((counts > 0) & (counts < 5)):
        assert hidden[row, column]
        least, most = feasible_range(counts, hidden, (int(row), int(column)))
        assert most - least >= 5 - 1e-6


def test_a_table_that_is_none_is_refused() -> None:
    with pytest.raises(SenseCheckError):
        hide_small_groups(np.array([1, 2, 3]))
