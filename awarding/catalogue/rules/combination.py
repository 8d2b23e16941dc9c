"""Rules of combination as plain data: which units, from which groups, make a qualification (MIT-12).

Four things decide what of a learner's units counts. A unit counts in one group at most: its own, or another that takes
it, too. Of units barred against each other one counts. From a group no more counts than its maximum. And of what comes by
credit transfer or recognition of prior learning, no more than the limit counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

_LEVEL = re.compile(r"\b(?:level\s*)?([1-8])\b", re.IGNORECASE)


def read_level(text: str) -> int | None:
    """The level that a unit's text names: "Level 3" is 3, every entry level 0; None where none can be read."""
    if "entry" in text.lower():
        return 0
    found = _LEVEL.search(text)
    return int(found[1]) if found else None


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as its rules see it; `level` from 0 (entry) to 8, None when unknown."""

    id: int
    credits: int = 0
    level: int | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """One group. `units` are its own: all of them are needed when it is mandatory. `also` may count in it instead of in theirs.

    Minima and maxima are over all that counts in it and in the groups inside it; 0 asks for nothing. `parent` is the
    place, among the combination's groups, of the one that it stands inside.
    """

    name: str
    units: frozenset[int] = frozenset()
    also: frozenset[int] = frozenset()
    is_mandatory: bool = False
    min_units: int = 0
    max_units: int = 0
    min_credits: int = 0
    max_credits: int = 0
    parent: int | None = None

    @property
    def asks(self) -> bool:
        return bool(self.min_units or self.min_credits or (self.is_mandatory and self.units))


@dataclass(frozen=True, slots=True)
class LevelMinimum:
    """So many credits at `level` or above."""

    level: int
    credits: int


@dataclass(frozen=True)
class Combination:
    """All rules of one qualification. `transfer_limit` is a percentage of `min_credits`; None is no limit.

    Raises ValueError for a group inside itself and for a unit that is no group's or more than one's own.
    """

    units: tuple[Unit, ...] = ()
    groups: tuple[Group, ...] = ()
    min_credits: int = 0
    levels: tuple[LevelMinimum, ...] = ()
    barred: tuple[frozenset[int], ...] = ()
    transfer_limit: int | None = None

    def __post_init__(self) -> None:
        own = [unit for group in self.groups for unit in group.units]
        if len(own) != len(set(own)) or set(own) != {unit.id for unit in self.units}:
            raise ValueError("Every unit is one group's own.")
        for place in range(len(self.groups)):
            self.ancestors(place)

    def ancestors(self, place: int) -> list[int]:
        """The places of a group and of those it stands inside, from the inside out."""
        line = [place]
        while (parent := self.groups[line[-1]].parent) is not None:
            if parent in line:
                raise ValueError(f"The group {self.groups[place].name!r} stands inside itself.")
            line.append(parent)
        return line

    @cached_property
    def by_id(self) -> dict[int, Unit]:
        return {unit.id: unit for unit in self.units}

    @cached_property
    def homes(self) -> dict[int, int]:
        """{unit id: place of the group whose own it is}."""
        return {unit: place for place, group in enumerate(self.groups) for unit in group.units}

    @cached_property
    def choices(self) -> dict[int, tuple[int, ...]]:
        """{unit id: places of the groups in which it may count, its own first}."""
        found = {unit: [home] for unit, home in self.homes.items()}
        for place, group in enumerate(self.groups):
            for unit in group.also & found.keys():
                if place != found[unit][0]:
                    found[unit].append(place)
        return {unit: tuple(places) for unit, places in found.items()}

    @property
    def asks_nothing(self) -> bool:
        """True when no rules have been entered: then nothing is short, and that must not be taken for all is there."""
        return not any(group.asks for group in self.groups) and not self.min_credits and not self.levels

    @property
    def transfer_allowance(self) -> int | None:
        """How many credits may come by transfer; None when there is no limit."""
        if self.transfer_limit is None or not self.min_credits:
            return None
        return self.min_credits * self.transfer_limit // 100

    def credits_of(self, units: Iterable[int]) -> int:
        return sum(self.by_id[unit].credits for unit in units if unit in self.by_id)

    def may_join(self, achieved: frozenset[int]) -> list[int]:
        """The units that somebody with these may still take, in order: not achieved, not barred by what is (MIT-12)."""
        closed = {unit for barred in self.barred if barred & achieved for unit in barred}
        return [unit.id for unit in self.units if unit.id not in achieved and unit.id not in closed]


@dataclass(frozen=True, slots=True)
class Shortfall:
    """What is missing: of one group, of the credits at a level or above, or (neither named) of the qualification's credits."""

    group: str = ""
    units: int = 0
    credits: int = 0
    level: int | None = None


@dataclass(frozen=True, slots=True)
class Mend:
    """The smallest set of units that completes somebody: to take on, and to assess here that were over the transfer limit."""

    take: tuple[int, ...] = ()
    assess: tuple[int, ...] = ()

    @property
    def size(self) -> int:
        return len(self.take) + len(self.assess)
