"""What is short of a qualification for one learner, and what would mend it (MIT-12)."""

from __future__ import annotations

from collections.abc import Collection

from awarding.catalogue.rules.combination import Combination, Mend, Shortfall
from awarding.catalogue.rules.solving import smallest_gap, smallest_mend, units_counted


def find_shortfalls(
    combination: Combination, achieved: Collection[int], transferred: Collection[int] = ()
) -> list[Shortfall]:
    """What is missing for somebody with these units, `transferred` among them by credit transfer; empty when nothing is.

    The units are counted where they leave the smallest gap: units missing plus credits missing, over groups, levels and
    the whole. Groups come in order, then levels, then the qualification's credits. Ids that are not the qualification's
    are left out.
    """
    have = frozenset(unit for unit in achieved if unit in combination.by_id)
    brought = have.intersection(transferred)
    found = _count_at_home(combination, have)
    if _is_within_limits(combination, have, brought) and not (found and _is_movable(combination, have)):
        return found
    return smallest_gap(combination, have, brought)


def is_met(combination: Combination, achieved: Collection[int], transferred: Collection[int] = ()) -> bool:
    return not find_shortfalls(combination, achieved, transferred)


def counted_units(
    combination: Combination, achieved: Collection[int], transferred: Collection[int] = ()
) -> frozenset[int]:
    """Which units count for somebody who meets the rules: all of them, unless more is transferred than may be.

    What a maximum or a barred set leaves out stays in: it was assessed here, and a result is on record for it.
    """
    have = frozenset(unit for unit in achieved if unit in combination.by_id)
    brought = have.intersection(transferred)
    allowance = combination.transfer_allowance
    if allowance is None or combination.credits_of(brought) <= allowance:
        return have
    return have - brought | units_counted(combination, have, brought)


def find_mend(
    combination: Combination,
    achieved: Collection[int],
    transferred: Collection[int] = (),
    among: Collection[int] | None = None,
) -> Mend | None:
    """The fewest units (then the fewest credits) that would complete somebody; None when nothing that is left can.

    Units barred by what is achieved are not proposed. `among` narrows what may be taken on.
    """
    have = frozenset(unit for unit in achieved if unit in combination.by_id)
    free = [unit for unit in combination.may_join(have) if among is None or unit in among]
    return smallest_mend(combination, have, have.intersection(transferred), free)


def _count_at_home(combination: Combination, have: frozenset[int]) -> list[Shortfall]:
    """Everything counted, each unit in its own group: right when nothing exceeds a limit and no unit could count elsewhere."""
    units = [0] * len(combination.groups)
    credits = [0] * len(combination.groups)
    own = [0] * len(combination.groups)
    total = 0
    at_level = [0] * len(combination.levels)
    for unit_id in have:
        unit, home = combination.by_id[unit_id], combination.homes[unit_id]
        own[home] += 1
        total += unit.credits
        for place in combination.ancestors(home):
            units[place] += 1
            credits[place] += unit.credits
        for n, minimum in enumerate(combination.levels):
            if unit.level is not None and unit.level >= minimum.level:
                at_level[n] += unit.credits
    found = []
    for place, group in enumerate(combination.groups):
        unseen = len(group.units) - own[place] if group.is_mandatory else 0
        short = Shortfall(
            group.name, max(unseen, group.min_units - units[place], 0), max(group.min_credits - credits[place], 0)
        )
        if short.units or short.credits:
            found.append(short)
    for minimum, there in zip(combination.levels, at_level, strict=True):
        if there < minimum.credits:
            found.append(Shortfall(credits=minimum.credits - there, level=minimum.level))
    if total < combination.min_credits:
        found.append(Shortfall(credits=combination.min_credits - total))
    return found


def _is_movable(combination: Combination, have: frozenset[int]) -> bool:
    return any(len(combination.choices[unit]) > 1 for unit in have)


def _is_within_limits(combination: Combination, have: frozenset[int], brought: frozenset[int]) -> bool:
    allowance = combination.transfer_allowance
    if allowance is not None and combination.credits_of(brought) > allowance:
        return False
    if any(len(barred & have) > 1 for barred in combination.barred):
        return False
    for place, group in enumerate(combination.groups):
        if group.max_units or group.max_credits:
            inside = [unit for unit in have if place in combination.ancestors(combination.homes[unit])]
            if group.max_units and len(inside) > group.max_units:
                return False
            if group.max_credits and combination.credits_of(inside) > group.max_credits:
                return False
    return True
