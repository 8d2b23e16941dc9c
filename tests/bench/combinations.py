"""Who of ten thousand learners meets the rules of combination, beside one plain pass over the same units."""

from __future__ import annotations

import random
from collections.abc import Iterator

from awarding.catalogue.rules.combination import Combination, Group, LevelMinimum, Unit
from awarding.catalogue.rules.many import who_meets
from tests.bench.measure import Row, compare

NAMES = {"combination_rules_10k"}
LEARNERS, UNITS = 10_000, 40


def rules() -> Combination:
    """Forty units: ten mandatory, three optional groups inside one with a maximum, two units that two groups take, two
    barred pairs, a level minimum, a total and a limit on transfer."""
    units = tuple(Unit(1000 + n, (3, 6, 9)[n % 3], 2 + n % 2) for n in range(UNITS))

    def ids(first: int, last: int) -> frozenset[int]:
        return frozenset(range(1000 + first, 1000 + last))

    groups = (
        Group("Mandatory", ids(0, 10), is_mandatory=True),
        Group("Optional", min_credits=60, max_credits=140),
        Group("Health", ids(10, 20), frozenset({1025}), min_units=3, parent=1),
        Group("Care", ids(20, 30), frozenset({1012}), min_units=3, parent=1),
        Group("Other", ids(30, 40), min_credits=6, max_units=8, parent=1),
    )
    barred = (frozenset({1014, 1015}), frozenset({1031, 1037}))
    return Combination(units, groups, 150, (LevelMinimum(3, 60),), barred, 70)


def learners(count: int) -> tuple[dict[int, set[int]], dict[int, set[int]]]:
    """Most learners all but done, each lacking units of their own; one in ten brings some by transfer. Seeded."""
    drawn = random.Random(7)  # noqa: S311 - made-up rows
    every = [unit.id for unit in rules().units]
    achieved, transferred = {}, {}
    for key in range(count):
        share = drawn.choice((0.6, 0.75, 0.9, 0.97, 1.0))
        achieved[key] = {unit for n, unit in enumerate(every) if n < 10 or drawn.random() < share}
        if key % 10 == 0:
            transferred[key] = set(drawn.sample(sorted(achieved[key]), 5))
        if key % 17 == 0:
            achieved[key].discard(drawn.choice(every[:10]))
    return achieved, transferred


def rows(wanted: set[str], sizes: tuple[int, ...]) -> Iterator[Row]:
    """Ten thousand learners and twice as many."""
    combination = rules()
    credits = {unit.id: unit.credits for unit in combination.units}
    for size in sizes:
        achieved, transferred = learners(LEARNERS * size)

        def floor(achieved: dict[int, set[int]] = achieved) -> set[int]:
            met = set()
            for key, units in achieved.items():
                total = 0
                for unit in units:
                    total += credits[unit]
                if total >= combination.min_credits:
                    met.add(key)
            return met

        yield compare(
            "combination_rules_10k", lambda a=achieved, t=transferred: who_meets(combination, a, t), floor,  # type: ignore[misc]
            beside="one pass that adds up the credits", size=f"{LEARNERS * size} learners x {UNITS} units", unit="ms",
        )  # fmt: skip
