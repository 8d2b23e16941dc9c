"""A good way to count many learners' units at once, found greedily: enough to say "met", never to say "not met" (MIT-12)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from awarding.catalogue.rules.combination import Combination

Table = NDArray[Any]


def placed_and_met(combination: Combination, have: Table, brought: Table) -> Table:
    """Which learners (rows) are met by one of a few greedy ways of counting. Columns are the combination's units in order."""
    met = np.zeros(len(have), dtype=bool)
    for needed, rest, assessed_first in _ways(combination, bool(brought.any())):
        left = np.flatnonzero(~met)
        if not len(left):
            break
        attempt = _Attempt(combination, have[left], brought[left] if brought.shape[1] else brought)
        attempt.run(needed, rest, assessed_first)
        met[left] = attempt.is_met()
    return met


def _ways(combination: Combination, has_transfers: bool) -> Iterator[tuple[list[int], list[int], bool]]:
    """(columns in the order to fill what groups need, and what still fits; whether what was assessed goes first).

    Mandatory units lead always, and units that several groups take stand behind or before those of one group.
    """
    barred = frozenset[int]().union(*combination.barred)
    units = combination.units
    columns = range(len(units))

    def leads(n: int) -> bool:
        return not combination.groups[combination.homes[units[n].id]].is_mandatory

    def height(n: int) -> int:
        return sum(units[n].level is not None and units[n].level >= m.level for m in combination.levels)  # type: ignore[operator]

    def ways(n: int) -> int:
        return len(combination.choices[units[n].id])

    rich = sorted(columns, key=lambda n: (leads(n), ways(n), -height(n), -units[n].credits))
    poor = sorted(columns, key=lambda n: (leads(n), units[n].id in barred, -ways(n), units[n].credits))
    large = sorted(columns, key=lambda n: (leads(n), -units[n].credits, -height(n)))
    for needed, rest in ((rich, rich), (poor, rich), (large, large), (poor, poor)):
        yield needed, rest, False
        if has_transfers:
            yield needed, rest, True


class _Attempt:
    """What is counted so far, learners across: counters have one row for each group, level or barred set."""

    def __init__(self, combination: Combination, have: Table, brought: Table) -> None:
        self.combination = combination
        size, groups = len(have), len(combination.groups)
        self.open = np.ascontiguousarray(have.T)
        self.brought = np.ascontiguousarray(brought.T) if brought.shape[1] else np.zeros_like(self.open)
        self.units = np.zeros((groups, size), dtype=np.int32)
        self.credits = np.zeros((groups, size), dtype=np.int32)
        self.own = np.zeros((groups, size), dtype=np.int32)
        self.high = np.zeros((len(combination.levels), size), dtype=np.int32)
        self.taken = np.zeros((len(combination.barred), size), dtype=bool)
        self.total = np.zeros(size, dtype=np.int32)
        self.came = np.zeros(size, dtype=np.int32)
        self.lines = [combination.ancestors(place) for place in range(groups)]

    def run(self, needed: list[int], rest: list[int], assessed_first: bool) -> None:
        """First what each group needs, then whatever still fits."""
        rounds = (~self.brought, self.brought) if assessed_first else (None,)
        for is_needed in (True, False):
            for which in rounds:
                for column in needed if is_needed else rest:
                    for choice in self.combination.choices[self.combination.units[column].id]:
                        asked = self.open[column] if which is None else self.open[column] & which[column]
                        if asked.any():
                            self._count(column, choice, asked, is_needed)

    def _count(self, column: int, choice: int, asked: Table, is_needed: bool) -> None:
        combination, unit = self.combination, self.combination.units[column]
        group, line = combination.groups[choice], self.lines[choice]
        is_own = unit.id in group.units
        fits = asked.copy()
        if is_needed and not (is_own and group.is_mandatory):
            fits &= (self.units[choice] < group.min_units) | (self.credits[choice] < group.min_credits)
        for place in line:
            limits = combination.groups[place]
            if limits.max_units:
                fits &= self.units[place] < limits.max_units
            if limits.max_credits:
                fits &= self.credits[place] + unit.credits <= limits.max_credits
        sets = [n for n, barred in enumerate(combination.barred) if unit.id in barred]
        for n in sets:
            fits &= ~self.taken[n]
        if combination.transfer_allowance is not None:
            fits &= ~self.brought[column] | (self.came + unit.credits <= combination.transfer_allowance)
            self.came += (fits & self.brought[column]) * np.int32(unit.credits)
        credits = fits * np.int32(unit.credits)
        self.open[column] &= ~fits
        self.own[choice] += fits & is_own
        for place in line:
            self.units[place] += fits
            self.credits[place] += credits
        for n in sets:
            self.taken[n] |= fits
        for n, minimum in enumerate(combination.levels):
            if unit.level is not None and unit.level >= minimum.level:
                self.high[n] += credits
        self.total += credits

    def is_met(self) -> Table:
        met = self.total >= self.combination.min_credits
        for place, group in enumerate(self.combination.groups):
            met &= (self.units[place] >= group.min_units) & (self.credits[place] >= group.min_credits)
            if group.is_mandatory:
                met &= self.own[place] >= len(group.units)
        for n, minimum in enumerate(self.combination.levels):
            met &= self.high[n] >= minimum.credits
        return met
