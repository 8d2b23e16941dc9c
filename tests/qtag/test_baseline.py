"""Whose history counts for whom (SNS-04), and which series do (SNS-03)."""

from __future__ import annotations

import datetime as dt

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from qtag.rules.baseline import CentreMove, CountedRows, Rename, move_history, sources_of
from qtag.rules.series import plan_series

ENDS = [dt.date(2018, 8, 31), dt.date(2019, 8, 31)]
DAY = dt.date(2020, 1, 1)
A, B, C, D = 1, 2, 3, 4
Q, R = 10, 11


def rows(*entries: tuple[int, int, int, int, int]) -> CountedRows:
    columns = np.array(entries, dtype=np.int64).reshape(-1, 5).T
    return CountedRows(*columns)


def held(history: CountedRows, centre: int, qualification: int = Q) -> dict[tuple[int, int], int]:
    """By (slot, grade), a centre's learners."""
    found: dict[tuple[int, int], int] = {}
    for where, what, slot, grade, count in zip(
        history.centre, history.qualification, history.slot, history.grade, history.count, strict=True
    ):
        if (where, what) == (centre, qualification):
            found[int(slot), int(grade)] = found.get((int(slot), int(grade)), 0) + int(count)
    return found


PAST = rows((A, Q, 0, 0, 4), (A, Q, 0, 1, 6), (A, Q, 1, 1, 5), (B, Q, 1, 1, 7), (A, R, 1, 0, 3))


def test_sns_04_a_merger_brings_its_history() -> None:
    moved = move_history(PAST, ENDS, [CentreMove(A, B, DAY)], [])
    assert held(moved, B) == {(0, 0): 4, (0, 1): 6, (1, 1): 12}
    assert held(moved, A) == {}


def test_sns_04_only_series_that_had_ended_by_then_move() -> None:
    moved = move_history(PAST, ENDS, [CentreMove(A, B, dt.date(2019, 1, 1))], [])
    assert held(moved, B) == {(0, 0): 4, (0, 1): 6, (1, 1): 7}
    assert held(moved, A) == {(1, 1): 5}


def test_sns_04_a_series_that_ends_on_the_very_day_stays() -> None:
    """What had ended before the day moves: the series of that day is the old centre's still."""
    moved = move_history(PAST, ENDS, [CentreMove(A, B, ENDS[1])], [])
    assert held(moved, A) == {(1, 1): 5} and held(moved, B) == {(0, 0): 4, (0, 1): 6, (1, 1): 7}
    renamed = move_history(PAST, ENDS, [], [Rename(Q, R, ENDS[1])])
    assert held(renamed, A, Q) == {(1, 1): 5}


def test_sns_04_of_a_hundred_learners_a_share_is_so_many() -> None:
    for share in (1, 50, 99):
        moved = move_history(rows((A, Q, 0, 0, 100)), ENDS, [CentreMove(A, B, DAY, share)], [])
        assert held(moved, B) == {(0, 0): share} and held(moved, A) == {(0, 0): 100 - share}


def test_sns_04_changes_follow_one_another() -> None:
    chain = [CentreMove(B, C, dt.date(2020, 5, 1)), CentreMove(A, B, DAY)]
    moved = move_history(PAST, ENDS, chain, [])
    assert held(moved, C) == {(0, 0): 4, (0, 1): 6, (1, 1): 12}
    assert sources_of([C], chain) == {A, B, C}
    assert sources_of([A], chain) == {A}


def test_sns_04_a_split_by_qualification() -> None:
    moved = move_history(PAST, ENDS, [CentreMove(A, D, DAY, qualifications=frozenset({R}))], [])
    assert held(moved, D, R) == {(1, 0): 3}
    assert held(moved, D) == {}
    assert held(moved, A) == held(PAST, A)


def test_sns_04_a_centre_whose_status_changed_has_no_baseline() -> None:
    moved = move_history(PAST, ENDS, [CentreMove(A, None, DAY)], [])
    assert held(moved, A) == {}
    assert held(moved, B) == held(PAST, B)


def test_sns_04_a_renamed_qualification_keeps_its_history() -> None:
    moved = move_history(PAST, ENDS, [], [Rename(Q, R, DAY)])
    assert held(moved, A, R) == {(0, 0): 4, (0, 1): 6, (1, 1): 5, (1, 0): 3}
    assert held(moved, A, Q) == {}


@settings(deadline=None, max_examples=60)
@given(
    counts=st.lists(st.integers(0, 40), min_size=2, max_size=5),
    shares=st.lists(st.integers(1, 60), min_size=1, max_size=3).filter(lambda found: sum(found) <= 100),
)
def test_sns_04_shares_lose_nobody_and_are_right_within_two_learners(counts: list[int], shares: list[int]) -> None:
    past = rows(*((A, Q, 0, grade, count) for grade, count in enumerate(counts)))
    moves = [CentreMove(A, 20 + number, DAY, share) for number, share in enumerate(shares)]
    moved = move_history(past, ENDS, moves, [])
    assert (moved.count >= 0).all()
    for grade, count in enumerate(counts):
        assert moved.count[moved.grade == grade].sum() == count
    for number, share in enumerate(shares):
        got = sum(held(moved, 20 + number).values())
        assert abs(got - sum(counts) * share / 100) <= 2


def test_sns_03_examined_series_count_and_another_principle_only_stands_in() -> None:
    loaded = [("2020-summer", "calculated"), ("2019-summer", "exam"), ("2018-summer", "exam"), ("2017-summer", "exam")]
    plan = plan_series({}, loaded)
    assert [(slot.series, slot.stands_in) for slot in plan.slots] == [
        ("2018-summer", False), ("2019-summer", False), ("2020-summer", True),
    ]  # fmt: skip
    assert plan.this_year == ""
    # Whatever a file calls it, the series of 2020 is no baseline of its own unless the AO says so.
    assert [slot.stands_in for slot in plan_series({}, [("2020-summer", "exam")]).slots] == [True]
    assert [
        slot.stands_in for slot in plan_series({"2020-summer": ("counts", 52)}, [("2020-summer", "exam")]).slots
    ] == [False]


def test_sns_03_the_ao_chooses_series_but_not_what_they_rest_on() -> None:
    chosen = {
        "2017-summer": ("counts", 40), "2018-summer": ("left_out", 52), "2020-summer": ("counts", 52),
        "2021-summer": ("this_year", 26),
    }  # fmt: skip
    loaded = [("2017-summer", "exam"), ("2018-summer", "exam"), ("2020-summer", "calculated"), ("2021-summer", "exam")]
    plan = plan_series(chosen, loaded)
    assert [(slot.series, slot.stands_in, slot.weeks) for slot in plan.slots] == [
        ("2017-summer", False, 40), ("2020-summer", True, 52),
    ]  # fmt: skip
    assert (plan.this_year, plan.weeks) == ("2021-summer", 26)
