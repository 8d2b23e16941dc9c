"""Rules of combination: whether a set of units makes a qualification, and what is short where it does not (MIT-12)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Group:
    """One group of units: `credits` by unit id. Mandatory: every unit is needed; else so many units and credits."""

    name: str
    credits: dict[int, int]
    is_mandatory: bool = False
    min_units: int = 0
    min_credits: int = 0


@dataclass(frozen=True, slots=True)
class Combination:
    """All groups of a qualification, and the credits needed over them all."""

    groups: tuple[Group, ...]
    min_credits: int = 0

    @property
    def asks_nothing(self) -> bool:
        """True when no rules have been entered: then nothing is short, and that must not be taken for all is there."""
        needs = any(g.min_units or g.min_credits or (g.is_mandatory and g.credits) for g in self.groups)
        return not needs and not self.min_credits


@dataclass(frozen=True, slots=True)
class Shortfall:
    """What one group (or, with an empty name, the whole qualification) still needs."""

    group: str
    units: int = 0
    credits: int = 0


def find_shortfalls(combination: Combination, achieved: Collection[int]) -> list[Shortfall]:
    """What is missing from a qualification for somebody who achieved these unit ids; empty when nothing is (MIT-12)."""
    have = set(achieved)
    found = []
    total = 0
    for group in combination.groups:
        here = have & group.credits.keys()
        credits = sum(group.credits[unit] for unit in here)
        total += credits
        wanted = max(len(group.credits) if group.is_mandatory else 0, group.min_units)
        short = Shortfall(group.name, max(wanted - len(here), 0), max(group.min_credits - credits, 0))
        if short.units or short.credits:
            found.append(short)
    if total < combination.min_credits and not found:
        found.append(Shortfall("", credits=combination.min_credits - total))
    return found
