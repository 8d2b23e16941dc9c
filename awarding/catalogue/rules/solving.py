"""Where units can count in more than one way: the best way, by integer programming.

Maxima in credits, barred sets and units that two groups take make this a packing problem, for which no quick exact
method is known; qualifications of hundreds of units are small for a solver when units that are alike for every rule stand
together as one variable.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import numpy as np

from awarding.catalogue.rules.combination import Combination, Mend, Shortfall, Unit

MOST_SECONDS = 10.0


class Origin(Enum):
    """How a unit comes to count."""

    ASSESSED = "assessed"
    TRANSFERRED = "transferred"
    FREE = "free"


@dataclass(frozen=True, slots=True)
class _Kind:
    """Units that no rule tells apart, in the combination's order."""

    units: tuple[int, ...]
    choices: tuple[int, ...]
    home: int
    credits: int
    level: int | None
    origin: Origin


def _kinds(combination: Combination, origins: dict[int, Origin]) -> list[_Kind]:
    barred = frozenset().union(*combination.barred) if combination.barred else frozenset()
    alike: dict[tuple[Any, ...], list[Unit]] = defaultdict(list)
    for unit in combination.units:
        if unit.id in origins:
            own = unit.id if unit.id in barred else None
            level = _seen_level(combination, unit)
            alike[combination.choices[unit.id], unit.credits, level, origins[unit.id], own].append(unit)
    return [
        _Kind(tuple(unit.id for unit in units), choices, choices[0], credits, level, origin)
        for (choices, credits, level, origin, _own), units in alike.items()
    ]


def _seen_level(combination: Combination, unit: Unit) -> int | None:
    """The highest level minimum that the unit serves: two levels between the same minima are alike."""
    reached = [m.level for m in combination.levels if unit.level is not None and unit.level >= m.level]
    return max(reached, default=None)


@dataclass
class _Program:
    """Minimise cost · x with `rows` as (coefficients by variable, lower, upper), x whole and from 0 to its bound."""

    cost: list[float] = field(default_factory=list)
    bounds: list[float] = field(default_factory=list)
    rows: list[tuple[dict[int, float], float, float]] = field(default_factory=list)

    def variable(self, bound: float, cost: float = 0) -> int:
        self.cost.append(cost)
        self.bounds.append(bound)
        return len(self.cost) - 1

    def row(self, parts: Iterable[tuple[int, float]], lower: float = -np.inf, upper: float = np.inf) -> None:
        coefficients: dict[int, float] = defaultdict(float)
        for variable, factor in parts:
            coefficients[variable] += factor
        self.rows.append((coefficients, lower, upper))

    def solve(self) -> list[int] | None:
        """The values of the variables, None when no values keep all rows.

        What is found within MOST_SECONDS is taken: rules that take longer to prove the best are not seen in practice, and a
        page must answer.
        """
        from scipy.optimize import Bounds, LinearConstraint, milp  # half a second, and most processes never need it

        if not self.cost:
            return [] if all(lower <= 0 <= upper for _parts, lower, upper in self.rows) else None
        matrix = np.zeros((len(self.rows), len(self.cost)))
        for n, (coefficients, _lower, _upper) in enumerate(self.rows):
            matrix[n, list(coefficients)] = list(coefficients.values())
        limits = [row[1] for row in self.rows], [row[2] for row in self.rows]
        answer = milp(
            np.array(self.cost),
            integrality=np.ones(len(self.cost)),
            bounds=Bounds(0, np.array(self.bounds)),
            constraints=LinearConstraint(matrix, *limits) if self.rows else None,
            options={"mip_rel_gap": 0.0, "time_limit": MOST_SECONDS},
        )
        if answer.x is None:
            return None
        return [round(value) for value in answer.x]


@dataclass
class _Model:
    """The variables of one question: how many units of each kind count in each group; slack where a gap is allowed."""

    combination: Combination
    kinds: list[_Kind]
    program: _Program = field(default_factory=_Program)
    counts: dict[tuple[int, int], int] = field(default_factory=dict)
    # (group's place or -1, "units" or "credits", level): the variable that says how much is missing
    gaps: dict[tuple[int, str, int | None], int] = field(default_factory=dict)
    # kind: the variable that says how many of its transferred units are assessed instead
    assessed: dict[int, int] = field(default_factory=dict)

    def counted(self, n: int) -> list[int]:
        return [self.counts[n, place] for place in self.kinds[n].choices]

    def build(self, *, with_gaps: bool, costs: Sequence[float], assess_costs: Sequence[float] | None) -> None:
        for n, kind in enumerate(self.kinds):
            for place in kind.choices:
                self.counts[n, place] = self.program.variable(len(kind.units), costs[n])
            if len(kind.choices) > 1:
                self.program.row(((v, 1) for v in self.counted(n)), upper=len(kind.units))
        self._limit_transfers(assess_costs)
        for barred in self.combination.barred:
            parts = [(v, 1) for n, kind in enumerate(self.kinds) if kind.units[0] in barred for v in self.counted(n)]
            self.program.row(parts, upper=1)
        for place in range(len(self.combination.groups)):
            self._group(place, with_gaps)
        for minimum in self.combination.levels:
            parts = [
                (v, kind.credits)
                for n, kind in enumerate(self.kinds)
                if kind.level is not None and kind.level >= minimum.level
                for v in self.counted(n)
            ]
            self._at_least(parts, minimum.credits, (-1, "credits", minimum.level), with_gaps)
        everything = [(v, kind.credits) for n, kind in enumerate(self.kinds) for v in self.counted(n)]
        self._at_least(everything, self.combination.min_credits, (-1, "credits", None), with_gaps)

    def _limit_transfers(self, assess_costs: Sequence[float] | None) -> None:
        allowance = self.combination.transfer_allowance
        if allowance is None:
            return
        parts: list[tuple[int, float]] = []
        for n, kind in enumerate(self.kinds):
            if kind.origin is not Origin.TRANSFERRED:
                continue
            parts += [(v, kind.credits) for v in self.counted(n)]
            if assess_costs is not None:
                self.assessed[n] = self.program.variable(len(kind.units), assess_costs[n])
                self.program.row([(self.assessed[n], -1), *((v, 1) for v in self.counted(n))], lower=0)
                parts.append((self.assessed[n], -kind.credits))
        self.program.row(parts, upper=allowance)

    def _group(self, place: int, with_gaps: bool) -> None:
        group = self.combination.groups[place]
        inside = [
            (variable, self.kinds[n].credits)
            for (n, at), variable in self.counts.items()
            if place in self.combination.ancestors(at)
        ]
        units: list[tuple[int, float]] = [(variable, 1) for variable, _credits in inside]
        if group.is_mandatory:
            own: list[tuple[int, float]] = [
                (self.counts[n, place], 1) for n, kind in enumerate(self.kinds) if kind.home == place
            ]
            self._at_least(own, len(group.units), (place, "units", None), with_gaps)
        self._at_least(units, group.min_units, (place, "units", None), with_gaps)
        self._at_least(list(inside), group.min_credits, (place, "credits", None), with_gaps)
        if group.max_units:
            self.program.row(units, upper=group.max_units)
        if group.max_credits:
            self.program.row(inside, upper=group.max_credits)

    def _at_least(
        self, parts: Sequence[tuple[int, float]], wanted: int, key: tuple[int, str, int | None], with_gaps: bool
    ) -> None:
        if not wanted:
            return
        gap: list[tuple[int, float]] = []
        if with_gaps:
            if key not in self.gaps:
                self.gaps[key] = self.program.variable(np.inf, 1)
            gap = [(self.gaps[key], 1)]
        self.program.row([*parts, *gap], lower=wanted)


def _origins(achieved: frozenset[int], transferred: frozenset[int]) -> dict[int, Origin]:
    return {unit: Origin.TRANSFERRED if unit in transferred else Origin.ASSESSED for unit in achieved}


def smallest_gap(combination: Combination, achieved: frozenset[int], transferred: frozenset[int]) -> list[Shortfall]:
    """What is missing when the units are counted in the best way. See `counting.find_shortfalls`."""
    kinds = _kinds(combination, _origins(achieved, transferred))
    model = _Model(combination, kinds)
    model.build(with_gaps=True, costs=[0.0] * len(kinds), assess_costs=None)
    values = model.program.solve()
    if values is None:
        raise ArithmeticError("Counting nothing always keeps the maxima.")
    missing = {key: values[variable] for key, variable in model.gaps.items() if values[variable]}
    found = []
    for place, group in enumerate(combination.groups):
        units, credits = missing.get((place, "units", None), 0), missing.get((place, "credits", None), 0)
        if units or credits:
            found.append(Shortfall(group.name, units, credits))
    for minimum in combination.levels:
        if credits := missing.get((-1, "credits", minimum.level), 0):
            found.append(Shortfall(credits=credits, level=minimum.level))
    if credits := missing.get((-1, "credits", None), 0):
        found.append(Shortfall(credits=credits))
    return found


def smallest_mend(
    combination: Combination, achieved: frozenset[int], transferred: frozenset[int], free: Sequence[int]
) -> Mend | None:
    """The fewest units, then the fewest credits, that complete it. See `counting.find_mend`."""
    kinds = _kinds(combination, _origins(achieved, transferred) | dict.fromkeys(free, Origin.FREE))
    # One unit more always costs more than any credits do.
    heavy = 1 + sum(kind.credits * len(kind.units) for kind in kinds)
    steps = [float(heavy + kind.credits) for kind in kinds]
    model = _Model(combination, kinds)
    model.build(
        with_gaps=False,
        costs=[step if kind.origin is Origin.FREE else 0.0 for step, kind in zip(steps, kinds, strict=True)],
        assess_costs=steps,
    )
    values = model.program.solve()
    if values is None:
        return None
    take = [
        unit
        for n, kind in enumerate(kinds)
        if kind.origin is Origin.FREE
        for unit in kind.units[: sum(values[v] for v in model.counted(n))]
    ]
    assess = [unit for n, v in model.assessed.items() for unit in kinds[n].units[: values[v]]]
    order = {unit.id: n for n, unit in enumerate(combination.units)}
    return Mend(tuple(sorted(take, key=order.__getitem__)), tuple(sorted(assess, key=order.__getitem__)))


def units_counted(combination: Combination, achieved: frozenset[int], transferred: frozenset[int]) -> frozenset[int]:
    """The units that count when as many credits as can be do, for somebody who meets the rules; empty for anybody else."""
    kinds = _kinds(combination, _origins(achieved, transferred))
    model = _Model(combination, kinds)
    # Credits first; of units without any, as many as can be.
    least = 0.5 / (1 + len(combination.units))
    costs = [-float(kind.credits) - least for kind in kinds]
    model.build(with_gaps=False, costs=costs, assess_costs=None)
    values = model.program.solve()
    if values is None:
        return frozenset()
    return frozenset(
        unit for n, kind in enumerate(kinds) for unit in kind.units[: sum(values[v] for v in model.counted(n))]
    )
