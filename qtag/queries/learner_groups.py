"""Results of groups of learners beside earlier years and beside each other, small groups kept from view (SNS-08)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from awarding.catalogue.models import Qualification
from centres.models import Centre
from qtag.queries.group_input import Group, GroupLearners, Pair, read_group_learners
from qtag.queries.sense_gate import require_open_history
from qtag.queries.sense_input import series_plan
from qtag.queries.sense_runs import stored_settings
from qtag.sense_check.counts import Integers
from qtag.sense_check.suppression import hide_small_groups, totals_may_be_shown


@dataclass(frozen=True, slots=True)
class GroupCell:
    """One group in one year. `learners` is None where it is kept from view; `mean` is in steps of the scale, None without any."""

    learners: int | None
    mean: float | None

    @property
    def is_hidden(self) -> bool:
        return self.learners is None


@dataclass(frozen=True, slots=True)
class GroupTable:
    """One characteristic: groups down, years across, this year last ("" in `series`). `totals` is None where it would tell.

    `has_unknown`: the last group are learners of whom nothing is known. `says` what a cell's mean is: that of the grades; with a
    pass as the only achievement the share of learners who achieved; with one grade alone nothing.
    """

    class Says(StrEnum):
        MEAN = "mean"
        SHARE = "share"
        NOTHING = "nothing"

    characteristic: str
    series: list[str]
    groups: list[tuple[str, list[GroupCell]]]
    totals: list[int] | None
    has_unknown: bool = False
    says: str = Says.MEAN
    # Names of series that rest on another principle (SNS-03).
    stand_ins: frozenset[str] = frozenset()

    @property
    def known(self) -> list[tuple[str, list[GroupCell]]]:
        return self.groups[:-1] if self.has_unknown else self.groups


def group_tables(standing: Standing, centre: Centre, qualification: Qualification) -> list[GroupTable]:
    """A table for each characteristic of which something is known, by name (SNS-08).

    Cells of 1 to `fewest_shown` - 1 learners are hidden, with as many others as it takes that no subtraction brings them
    back; learners whose group is not known are a group, too, since all learners together are known. A mean goes with its
    cell. PermissionDenied to other people, and while the group's history is closed (SNS-01).
    """
    if not standing.can(Permission.SENSE_EXPLAIN, centre.pk):
        raise PermissionDenied(_("Results of groups of learners are for the head of centre and the quality contact."))
    require_open_history(centre.pk, qualification.pk)
    found = read_group_learners(series_plan(), [centre.pk])
    return tables_of(found, (centre.pk, qualification.pk), stored_settings().fewest_shown)


def tables_of(found: GroupLearners, pair: Pair, fewest: int) -> list[GroupTable]:
    """The tables of one centre and qualification, from what was read."""
    groups = found.groups.get(pair, {})
    names = sorted({name for name, _value in groups})
    says = _what_means_say(found.achieved[pair[1]]) if names else GroupTable.Says.MEAN
    return [replace(_table(name, found, groups, found.everybody[pair], fewest), says=says) for name in names]


def _what_means_say(achieved: list[bool]) -> str:
    if len(achieved) < 2:
        return GroupTable.Says.NOTHING
    return GroupTable.Says.SHARE if achieved == [False, True] else GroupTable.Says.MEAN


def _table(
    name: str, found: GroupLearners, groups: dict[Group, Integers], everybody: Integers, fewest: int
) -> GroupTable:
    values = sorted(value for named, value in groups if named == name)
    by_grade = [groups[name, value] for value in values]
    # Loaded groups may add up to more than was loaded of everybody; then nobody is left over.
    rest = np.maximum(everybody - sum(by_grade, np.zeros_like(everybody)), 0)
    if rest.any():
        values, by_grade = [*values, _("Not known")], [*by_grade, rest]
    table = np.stack(by_grade)
    learners = table.sum(axis=2)
    hidden = hide_small_groups(learners, fewest)
    steps = np.arange(table.shape[2])
    shown = [
        (
            value,
            [
                GroupCell(None, None) if is_hidden else GroupCell(int(count), _mean(grades, steps))
                for count, grades, is_hidden in zip(learners[row], table[row], hidden[row], strict=True)
            ],
        )
        for row, value in enumerate(values)
    ]
    totals = learners.sum(axis=0).tolist() if totals_may_be_shown(learners, hidden, fewest) else None
    series = [*(slot.series for slot in found.plan.slots), ""]
    stand_ins = frozenset(slot.series for slot in found.plan.slots if slot.stands_in)
    return GroupTable(name, series, shown, totals, bool(rest.any()), stand_ins=stand_ins)


def _mean(grades: Integers, steps: Integers) -> float | None:
    total = int(grades.sum())
    return float((grades * steps).sum() / total) if total else None
