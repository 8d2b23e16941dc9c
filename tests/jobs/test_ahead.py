"""Pieces made ahead: the same ones in the same order, made elsewhere, never many at once."""

from __future__ import annotations

import threading

import pytest

from awarding.jobs.ahead import made_ahead


@pytest.mark.parametrize("count", [0, 1, 2, 7])
def test_the_items_come_in_their_order_from_another_thread(count: int) -> None:
    makers = set()

    def items():
        for number in range(count):
            makers.add(threading.get_ident())
            yield number

    assert list(made_ahead(items())) == list(range(count))
    assert len(makers) == min(count, 1) and threading.get_ident() not in makers


def test_the_next_is_made_while_one_is_used_and_no_more_than_that() -> None:
    made = [threading.Event() for _number in range(4)]

    def items():
        for number in range(4):
            made[number].set()
            yield number

    for number in made_ahead(items()):
        if number + 1 < 4:
            assert made[number + 1].wait(10)
        assert not any(event.is_set() for event in made[number + 2 :])


def test_a_fault_comes_in_its_turn_and_leaves_no_thread() -> None:
    before, used = threading.active_count(), []

    def items():
        yield "first"
        raise ValueError("the second")

    with pytest.raises(ValueError, match="the second"):
        for item in made_ahead(items()):
            used.append(item)
    assert used == ["first"] and threading.active_count() == before


def test_who_stops_half_way_leaves_no_thread() -> None:
    before = threading.active_count()
    for item in made_ahead(iter(range(100))):
        if item == 1:
            break
    assert threading.active_count() == before
