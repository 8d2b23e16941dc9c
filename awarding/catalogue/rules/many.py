"""Who of many learners meets a qualification's rules, all at once (MIT-12).

Most learners are decided by sums over the whole table: everything counted in its own group keeps every limit and leaves
nothing short (met), or even counted in every group that takes it a group stays short (not met). What is left is counted
exactly, once for learners whose units the rules do not tell apart.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping
from itertools import chain
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from awarding.catalogue.rules.combination import Combination
from awarding.catalogue.rules.counting import is_met
from awarding.catalogue.rules.placing import placed_and_met

Key = TypeVar("Key", bound=Hashable)
Table = NDArray[Any]


def who_meets(
    combination: Combination,
    achieved: Mapping[Key, Collection[int]],
    transferred: Mapping[Key, Collection[int]] | None = None,
) -> set[Key]:
    """The keys (registrations, say) whose units meet the rules. `transferred` says which of them came by transfer.

    The same answer as `counting.is_met` for each.
    """
    keys = list(achieved)
    if not keys:
        return set()
    if not combination.units:
        return set(keys) if is_met(combination, ()) else set()
    have = _table(combination, [achieved[key] for key in keys])
    brought = np.zeros((len(keys), 0), dtype=bool)
    if transferred and combination.transfer_allowance is not None:
        brought = have & _table(combination, [transferred.get(key, ()) for key in keys])
    met, open_ = _decide(combination, have, brought)
    for decide in (placed_and_met, _exactly):
        left = np.flatnonzero(open_)
        if len(left):
            met[left] = decide(combination, have[left], brought[left])
            open_ &= ~met
    return {keys[n] for n in np.flatnonzero(met)}


def _table(combination: Combination, rows: list[Collection[int]]) -> Table:
    """Learners down, the combination's units across: who has what. Foreign ids are left out."""
    ids = np.array([unit.id for unit in combination.units])
    order = np.argsort(ids)
    lengths = np.fromiter(map(len, rows), np.intp, len(rows))
    flat = np.fromiter(chain.from_iterable(rows), np.int64, int(lengths.sum()))
    places = np.searchsorted(ids, flat, sorter=order)
    columns = order[np.minimum(places, len(ids) - 1)]
    known = ids[columns] == flat
    table = np.zeros((len(rows), len(ids)), dtype=bool)
    table[np.repeat(np.arange(len(rows)), lengths)[known], columns[known]] = True
    return table


def _memberships(combination: Combination, *, widely: bool) -> Table:
    """Units down, groups across: 1 where a unit counts in its own group and those round it; `widely` in any that takes it."""
    table = np.zeros((len(combination.units), len(combination.groups)))
    for row, unit in enumerate(combination.units):
        for choice in combination.choices[unit.id][: None if widely else 1]:
            table[row, combination.ancestors(choice)] = 1
    return table


def _decide(combination: Combination, have: Table, brought: Table) -> tuple[Table, Table]:
    """(certainly met, undecided), by learner."""
    counted = have.astype(np.float64)
    credits = np.array([float(unit.credits) for unit in combination.units])
    home, wide = _memberships(combination, widely=False), _memberships(combination, widely=True)
    units, sums = counted @ home, counted @ (home * credits[:, None])
    groups = combination.groups
    inside = np.ones(len(have), dtype=bool)
    for place, group in enumerate(groups):
        if group.max_units:
            inside &= units[:, place] <= group.max_units
        if group.max_credits:
            inside &= sums[:, place] <= group.max_credits
    for barred in combination.barred:
        inside &= have[:, [n for n, unit in enumerate(combination.units) if unit.id in barred]].sum(axis=1) <= 1
    total = counted @ credits
    if brought.shape[1]:
        inside &= brought @ credits <= float(combination.transfer_allowance or 0)
    wanted_units = np.array([group.min_units for group in groups])
    wanted_credits = np.array([group.min_credits for group in groups])
    # These hold however the units are counted: a mandatory unit is only ever counted in its own group.
    always = total - _lost(combination, counted, credits) >= combination.min_credits
    for minimum in combination.levels:
        high = credits * [unit.level is not None and unit.level >= minimum.level for unit in combination.units]
        always &= counted @ high - _lost(combination, counted, high) >= minimum.credits
    for group in groups:
        if group.is_mandatory and group.units:
            always &= have[:, [n for n, unit in enumerate(combination.units) if unit.id in group.units]].all(axis=1)
    at_home = (units >= wanted_units).all(axis=1) & (sums >= wanted_credits).all(axis=1)
    at_best = (counted @ wide >= wanted_units).all(axis=1) & (
        counted @ (wide * credits[:, None]) >= wanted_credits
    ).all(axis=1)
    met = always & at_home & inside
    return met, always & at_best & ~met


def _lost(combination: Combination, counted: Table, credits: Table) -> Table:
    """The credits that barred sets take away at least, by learner: all of a set but its richest unit. Each unit once."""
    lost, seen = np.zeros(len(counted)), frozenset[int]()
    for barred in combination.barred:
        if seen.isdisjoint(barred):
            seen |= barred
            theirs = counted[:, [n for n, unit in enumerate(combination.units) if unit.id in barred]]
            theirs = theirs * credits[[n for n, unit in enumerate(combination.units) if unit.id in barred]]
            lost += theirs.sum(axis=1) - theirs.max(axis=1)
    return lost


def _exactly(combination: Combination, have: Table, brought: Table) -> Table:
    """The undecided rows, each distinct pattern of kinds of unit counted once."""
    answers: dict[bytes, bool] = {}
    kinds = _alike(combination)
    signatures = np.hstack([have @ kinds, brought @ kinds]) if brought.shape[1] else have @ kinds
    ids = np.array([unit.id for unit in combination.units])
    found = np.zeros(len(have), dtype=bool)
    for n, signature in enumerate(np.ascontiguousarray(signatures.astype(np.int32))):
        key = signature.tobytes()
        if key not in answers:
            came = ids[brought[n]].tolist() if brought.shape[1] else ()
            answers[key] = is_met(combination, ids[have[n]].tolist(), came)
        found[n] = answers[key]
    return found


def _alike(combination: Combination) -> Table:
    """Units down, kinds across: units that no rule tells apart are of one kind."""
    kinds: dict[tuple[object, ...], int] = {}
    table = np.zeros((len(combination.units), len(combination.units)), dtype=np.int32)
    for row, unit in enumerate(combination.units):
        barred = tuple(n for n, units in enumerate(combination.barred) if unit.id in units)
        key = (combination.choices[unit.id], unit.credits, unit.level, unit.id if barred else None)
        table[row, kinds.setdefault(key, len(kinds))] = 1
    return table[:, : len(kinds)]
