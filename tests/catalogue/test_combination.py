"""Rules of combination against a count of every possibility, and what must hold whatever the rules (MIT-12)."""

from __future__ import annotations

import itertools
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from awarding.catalogue.rules.combination import Combination, Group, LevelMinimum, Shortfall, Unit, read_level
from awarding.catalogue.rules.counting import counted_units, find_mend, find_shortfalls, is_met
from awarding.catalogue.rules.many import who_meets

CREDITS = st.integers(0, 4)


@st.composite
def combinations(draw, most_units=6):
    """Up to three groups, one perhaps inside another, up to `most_units` units, and every kind of rule."""
    units = [
        Unit(n, draw(CREDITS), draw(st.sampled_from([None, 1, 2, 3]))) for n in range(draw(st.integers(1, most_units)))
    ]
    count = draw(st.integers(1, 3))
    homes = [draw(st.integers(0, count - 1)) for _ in units]
    also = [draw(st.sets(st.integers(0, count - 1), max_size=1)) for _ in units]
    groups = []
    for place in range(count):
        groups.append(
            Group(
                f"Group {place}",
                frozenset(u.id for u, home in zip(units, homes, strict=True) if home == place),
                frozenset(u.id for u, more, home in zip(units, also, homes, strict=True) if place in more - {home}),
                draw(st.booleans()) and draw(st.booleans()),
                draw(st.integers(0, 2)), draw(st.sampled_from([0, 0, 1, 2])),
                draw(st.integers(0, 5)), draw(st.sampled_from([0, 0, 0, 3, 6])),
                draw(st.sampled_from([None, *range(place)])),
            )
        )  # fmt: skip
    ids = [unit.id for unit in units]
    barred = draw(st.lists(st.sets(st.sampled_from(ids), min_size=2, max_size=3), max_size=2)) if len(ids) > 1 else []
    levels = draw(st.lists(st.builds(LevelMinimum, st.integers(2, 3), st.integers(1, 5)), max_size=1))
    return Combination(
        tuple(units), tuple(groups), draw(st.integers(0, 12)), tuple(levels), tuple(map(frozenset, barred)),
        draw(st.sampled_from([None, None, 0, 50, 70])),
    )  # fmt: skip


@st.composite
def learners(draw, **sizes):
    combination = draw(combinations(**sizes))
    ids = [unit.id for unit in combination.units]
    achieved = draw(st.sets(st.sampled_from(ids)))
    transferred = draw(st.sets(st.sampled_from(sorted(achieved)))) if achieved else set()
    return combination, achieved, transferred


def gap_of(combination, placed):
    """What is missing when {unit id: group's place} is what counts; None where that is not allowed. The long way round."""
    by_id = {unit.id: unit for unit in combination.units}
    if any(sum(unit in barred for unit in placed) > 1 for barred in combination.barred):
        return None
    gap = 0
    for place, group in enumerate(combination.groups):
        inside = []
        for unit, at in placed.items():
            while at is not None and at != place:
                at = combination.groups[at].parent
            if at == place:
                inside.append(by_id[unit])
        credits = sum(unit.credits for unit in inside)
        if (group.max_units and len(inside) > group.max_units) or (group.max_credits and credits > group.max_credits):
            return None
        unseen = sum(placed.get(unit) != place for unit in group.units) if group.is_mandatory else 0
        gap += max(unseen, group.min_units - len(inside), 0) + max(group.min_credits - credits, 0)
    for minimum in combination.levels:
        high = sum(by_id[u].credits for u in placed if by_id[u].level is not None and by_id[u].level >= minimum.level)
        gap += max(minimum.credits - high, 0)
    return gap + max(combination.min_credits - sum(by_id[unit].credits for unit in placed), 0)


def brute_gap(combination, achieved, transferred):
    """The smallest gap over every way to count: each unit nowhere, or in one of the groups that take it."""
    ids = sorted(achieved)
    ways = [
        [None, *(p for p, group in enumerate(combination.groups) if unit in group.units or unit in group.also)]
        for unit in ids
    ]
    by_id = {unit.id: unit for unit in combination.units}
    best = None
    for way in itertools.product(*ways):
        placed = {unit: place for unit, place in zip(ids, way, strict=True) if place is not None}
        if combination.transfer_limit is not None and combination.min_credits:
            brought = sum(by_id[unit].credits for unit in placed if unit in transferred)
            if brought * 100 > combination.min_credits * combination.transfer_limit:
                continue
        gap = gap_of(combination, placed)
        if gap is not None and (best is None or gap < best):
            best = gap
    return best


def gap(shortfalls):
    return sum(short.units + short.credits for short in shortfalls)


def brute_mend(combination, achieved, transferred):
    """The fewest units to take on or to assess here instead, with the fewest credits: (units, credits), or None."""
    barred = {unit for group in combination.barred if group & achieved for unit in group}
    by_id = {unit.id: unit for unit in combination.units}
    limited = transferred if combination.transfer_allowance is not None else set()
    options = [unit for unit in by_id if (unit not in achieved and unit not in barred) or unit in limited]
    for size in range(len(options) + 1):
        costs = [
            sum(by_id[unit].credits for unit in chosen)
            for chosen in itertools.combinations(options, size)
            if brute_gap(combination, achieved | set(chosen), transferred - set(chosen)) == 0
        ]
        if costs:
            return size, min(costs)
    return None


@settings(max_examples=150, deadline=None)
@given(learners())
def test_mit_12_the_gap_is_the_smallest_that_any_way_of_counting_leaves(learner):
    combination, achieved, transferred = learner
    assert gap(find_shortfalls(combination, achieved, transferred)) == brute_gap(combination, achieved, transferred)


@settings(max_examples=60, deadline=None)
@given(learners(most_units=5))
def test_mit_12_the_mend_is_the_smallest_set_of_units_that_completes_it(learner):
    combination, achieved, transferred = learner
    mend = find_mend(combination, achieved, transferred)
    expected = brute_mend(combination, achieved, transferred)
    if expected is None:
        assert mend is None
    else:
        assert mend is not None
        assert (mend.size, combination.credits_of((*mend.take, *mend.assess))) == expected
        assert is_met(combination, achieved | set(mend.take), transferred - set(mend.assess))


@settings(max_examples=60, deadline=None)
@given(combinations(), st.data())
def test_mit_12_a_table_of_learners_gives_the_same_answers_as_one_by_one(combination, data):
    ids = [unit.id for unit in combination.units]
    rows = data.draw(st.dictionaries(st.integers(0, 99), st.sets(st.sampled_from([*ids, 900])), max_size=12))
    brought = {key: data.draw(st.sets(st.sampled_from([*ids, 901]))) for key in rows}
    one_by_one = {key for key, units in rows.items() if is_met(combination, units, brought[key])}
    assert who_meets(combination, rows, brought) == one_by_one


@settings(max_examples=60, deadline=None)
@given(learners(), st.data())
def test_mit_12_more_units_never_leave_a_larger_gap(learner, data):
    combination, achieved, transferred = learner
    more = achieved | data.draw(st.sets(st.sampled_from([unit.id for unit in combination.units])))
    before = gap(find_shortfalls(combination, achieved, transferred))
    assert gap(find_shortfalls(combination, more, transferred)) <= before
    # Assessed instead of transferred is never worse either.
    assert gap(find_shortfalls(combination, achieved)) <= before


@settings(max_examples=60, deadline=None)
@given(learners(), st.randoms())
def test_mit_12_the_order_of_units_and_rules_and_foreign_units_change_nothing(learner, random):
    combination, achieved, transferred = learner
    units, barred = list(combination.units), list(combination.barred)
    random.shuffle(units)
    random.shuffle(barred)
    other = Combination(
        tuple(units), combination.groups, combination.min_credits, combination.levels, tuple(barred),
        combination.transfer_limit,
    )  # fmt: skip
    before = gap(find_shortfalls(combination, achieved, transferred))
    assert gap(find_shortfalls(other, [*achieved, 777], [*transferred, 778])) == before


def simple(**rules):
    units = (Unit(1, 10, 3), Unit(2, 10, 2), Unit(3, 5, 2), Unit(4, 5, 3))
    groups = (Group("Core", frozenset({1}), is_mandatory=True), Group("Choice", frozenset({2, 3, 4}), min_units=1))
    return Combination(units, groups, **rules)


def test_mit_12_the_answer_names_group_level_and_whole_with_their_amounts():
    rules = simple(min_credits=25, levels=(LevelMinimum(3, 15),))
    assert find_shortfalls(rules, {3}) == [
        Shortfall("Core", units=1), Shortfall(credits=15, level=3), Shortfall(credits=20),
    ]  # fmt: skip
    assert find_shortfalls(rules, {1, 2, 4}) == []
    assert find_mend(rules, {3}).take == (1, 2, 4)


def test_mit_12_of_barred_units_one_counts_and_the_other_is_not_proposed():
    rules = simple(min_credits=20, barred=(frozenset({2, 3}),))
    assert find_shortfalls(rules, {1, 3}) == [Shortfall(credits=5)]
    assert find_mend(rules, {1, 3}).take == (4,)
    assert is_met(rules, {1, 2, 3}) and is_met(rules, {1, 2})


def test_mit_12_transfer_counts_up_to_the_limit_and_not_beyond():
    rules = simple(min_credits=20, transfer_limit=70)
    assert rules.transfer_allowance == 14
    assert is_met(rules, {1, 2}, {2})
    # Of 1 and 2 only one may count; were it 2, the mandatory unit would be missing as well.
    assert find_shortfalls(rules, {1, 2, 3}, {1, 2}) == [Shortfall(credits=5)]
    mend = find_mend(rules, {1, 2, 3}, {1, 2})
    assert mend.size == 1 and mend.take == (4,)
    assert len(find_mend(rules, {1, 2, 3, 4}, {1, 2, 4}).assess) == 1


@settings(max_examples=60, deadline=None)
@given(learners())
def test_mit_12_what_counts_of_a_complete_learner_keeps_the_limit_and_still_completes(learner):
    combination, achieved, transferred = learner
    if not is_met(combination, achieved, transferred):
        return
    counted = counted_units(combination, achieved, transferred)
    assert achieved - transferred <= counted <= achieved
    assert is_met(combination, counted, transferred)
    if combination.transfer_allowance is not None:
        assert combination.credits_of(counted & transferred) <= combination.transfer_allowance


def test_mit_12_no_mend_where_nothing_that_is_left_can_help():
    rules = simple(min_credits=30, barred=(frozenset({2, 3}),))
    assert find_mend(rules, {1, 3}) is None
    assert find_mend(rules, {1, 2}, among=[]) is None


def test_mit_12_a_unit_two_groups_take_counts_where_it_is_needed():
    units = tuple(Unit(n, 10) for n in range(4))
    groups = (
        Group("A", frozenset({0, 1}), frozenset({2}), min_units=2), Group("B", frozenset({2, 3}), frozenset({1}), min_units=1),
    )  # fmt: skip
    rules = Combination(units, groups)
    assert is_met(rules, {0, 2, 3}) and is_met(rules, {0, 1, 2})
    assert gap(find_shortfalls(rules, {1, 2})) == 1
    assert who_meets(rules, {"a": {0, 2, 3}, "b": {1, 2}, "c": {0, 1}}) == {"a"}


def test_a_group_inside_itself_and_a_unit_of_two_groups_are_refused():
    with pytest.raises(ValueError, match="inside itself"):
        Combination((), (Group("A", parent=1), Group("B", parent=0)))
    with pytest.raises(ValueError, match="one group"):
        Combination((Unit(1),), (Group("A", frozenset({1})), Group("B", frozenset({1}))))


@pytest.mark.parametrize(
    ("text", "level"),
    [("Level 3", 3), ("3", 3), ("Entry Level 2", 0), ("Entry", 0), ("level2 ", 2), ("", None), ("Level 12", None),
     ("Higher", None)],
)  # fmt: skip
def test_a_level_is_read_from_its_words(text, level):
    assert read_level(text) == level


def test_mit_12_hundreds_of_units_are_counted_and_mended_in_a_moment():
    """Three hundred units that two of six groups take, forty barred pairs, maxima in credits: the worst of the worst."""
    units = tuple(Unit(n, 3 + n % 4 * 3, 2 + n % 3) for n in range(300))
    groups = tuple(
        Group(
            f"G{g}", frozenset(n for n in range(300) if n % 6 == g), frozenset(n for n in range(300) if n % 5 == g),
            min_units=4, max_units=20, min_credits=30, max_credits=90,
        )
        for g in range(6)
    )  # fmt: skip
    barred = tuple(frozenset({n, n + 41}) for n in range(0, 80, 2))
    rules = Combination(units, groups, 400, (LevelMinimum(3, 200), LevelMinimum(4, 100)), barred, 50)
    began = time.perf_counter()
    have = set(range(0, 300, 9))
    assert find_shortfalls(rules, have, {0, 9, 18})
    mend = find_mend(rules, have, {0, 9, 18})
    assert mend is not None and is_met(rules, have | set(mend.take), {0, 9, 18} - set(mend.assess))
    assert is_met(rules, {unit.id for unit in units})
    assert time.perf_counter() - began < 10
