"""Groups of learners set beside the others of their characteristic: what a run compares, and what a page says of it (SNS-08)."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from awarding.catalogue.models import Qualification
from centres.models import Centre
from qtag.models import SenseRun
from qtag.queries.group_input import Group, GroupLearners, Pair, read_group_learners
from qtag.queries.learner_groups import GroupTable, tables_of
from qtag.queries.sense_gate import require_open_history
from qtag.queries.sense_input import series_plan
from qtag.queries.sense_runs import latest_whole_run, learnt_by, method_settings, stored_settings
from qtag.rules.series import SeriesPlan
from qtag.sense_check.counts import Integers, SenseCheckError, Settings
from qtag.sense_check.group_gaps import (
    CENTRE,
    QUALIFICATION,
    GapCells,
    GapsFound,
    GapsLearnt,
    compare_gaps,
    learn_gaps,
)
from qtag.sense_check.group_totals import Cut, Everywhere
from qtag.sense_check.levels import GRADES, Learnt

#: Under this name a whole run keeps what it learnt of groups.
KEPT_AS = "learner_groups"


@dataclass(frozen=True, slots=True)
class _Cell:
    """Learners and mean grade of one group in one year; nobody where it may not be shown."""

    learners: int
    mean: float


_NOBODY = _Cell(0, 0.0)
# By group, its cells by year, this year's last.
_Line = dict[str, list[_Cell]]


@dataclass(frozen=True, slots=True)
class GroupGap:
    """What a page says of one group: `flagged` and `compared` decide its tag, `found` its figures, None where too few."""

    characteristic: str
    group: str
    beside: str
    learners: int
    others: int
    gap: float
    expected: float | None
    low: float | None
    high: float | None
    flagged: bool
    on_stand_in: bool = False
    centres: int = 0

    @property
    def is_compared(self) -> bool:
        return self.expected is not None


def learn_groups(
    found: GroupLearners, told: Iterable[Pair], likes: dict[int, int], learnt: Learnt, settings: Settings, fewest: int
) -> GapsLearnt:
    """A whole run over everything that was read. Cells of fewer than `fewest` learners are left out at every level (SNS-08).

    What the AO is told of all centres together comes from `told` alone: pairs that are wholly submitted (QTG-17).
    """
    names = subjects(group for groups in found.groups.values() for group in groups)
    grades = learnt.calibrations.get(GRADES)
    if grades is None:
        return GapsLearnt(names, {}, {}, [])
    # Compared by volume: there are no grades to average, and no scale was learnt for it.
    graded = set(grades.strata.tolist())
    lines = [
        (pair, name, line)
        for pair, groups in sorted(found.groups.items())
        if pair[1] in graded
        for name, line in _lines(groups, fewest)
    ]
    cells = _cells(lines, names, likes, found.plan)
    seen = set(told)
    pairs = zip(cells.centre.tolist(), cells.qualification.tolist(), strict=True)
    is_told = np.array([pair in seen for pair in pairs], dtype=bool)
    return learn_gaps(cells, names, grades, settings, is_told, found.sectors)


def subjects(groups: Iterable[Group]) -> list[Group]:
    """The groups to be set beside the others. Of two groups one is enough: the other's distance is the same, turned round."""
    values: dict[str, set[str]] = {}
    for name, value in groups:
        values.setdefault(name, set()).add(value)
    return [
        (name, value)
        for name, known in sorted(values.items())
        for value in (sorted(known)[1:] if len(known) == 2 else sorted(known))
    ]


def _lines(groups: dict[Group, Integers], fewest: int) -> Iterable[tuple[str, _Line]]:
    for name in sorted({name for name, _value in groups}):
        line: _Line = {}
        for (named, value), counts in groups.items():
            if named == name:
                learners = counts.sum(axis=1).tolist()
                scores = (counts * np.arange(counts.shape[1])).sum(axis=1).tolist()
                line[value] = [
                    _Cell(n, total / n) if n >= fewest else _NOBODY for n, total in zip(learners, scores, strict=True)
                ]
        yield name, line


def _lines_shown(tables: Sequence[GroupTable]) -> Iterable[tuple[str, _Line]]:
    """From what a page shows, and from nothing else: so nothing that is hidden can be worked out from a comparison."""
    for table in tables:
        yield (
            table.characteristic,
            {
                value: [
                    _Cell(cell.learners, cell.mean) if cell.learners and cell.mean is not None else _NOBODY
                    for cell in cells
                ]
                for value, cells in table.known
            },
        )


def _beside(line: _Line, value: str) -> tuple[list[int], list[str]]:
    """The years in which the group is there, and the groups that are there in this year and in all of them: so that a
    change of who is counted among the others is not taken for a change of theirs."""
    mine = line[value]
    years = [year for year, cell in enumerate(mine[:-1]) if cell.learners]
    others = [
        other for other, cells in sorted(line.items())
        if other != value and all(cells[year].learners for year in (*years, -1))
    ]  # fmt: skip
    return years, others


def _cells(
    lines: Sequence[tuple[Pair, str, _Line]], names: Sequence[Group], likes: dict[int, int], plan: SeriesPlan
) -> GapCells:
    number = {group: place for place, group in enumerate(names)}
    keys: list[tuple[int, int, int, int]] = []
    sizes: list[list[list[int]]] = []
    means: list[list[list[float]]] = []
    for (centre, qualification), name, line in lines:
        for value in sorted(line):
            if (name, value) not in number:
                continue
            years, others = _beside(line, value)
            rest = [_together([line[other][year] for other in others]) for year in range(len(plan.slots) + 1)]
            used = [*years, len(plan.slots)] if others and line[value][-1].learners else []
            both = [
                (line[value][year], rest[year]) if year in used else (_NOBODY, _NOBODY) for year in range(len(rest))
            ]
            keys.append((centre, qualification, number[name, value], likes.get(centre, 0)))
            sizes.append([[one.learners for one in pair] for pair in both])
            means.append([[one.mean for one in pair] for pair in both])
    key = np.array(keys, dtype=np.int64).reshape(-1, 4)
    size = np.array(sizes, dtype=np.float64).reshape(len(keys), len(plan.slots) + 1, 2)
    mean = np.array(means, dtype=np.float64).reshape(len(keys), len(plan.slots) + 1, 2)
    return GapCells(
        key[:, 0], key[:, 1], key[:, 2], key[:, 3], size[:, -1], mean[:, -1], size[:, :-1], mean[:, :-1],
        tuple(slot.stands_in for slot in plan.slots),
    )  # fmt: skip


def _together(cells: Sequence[_Cell]) -> _Cell:
    learners = sum(cell.learners for cell in cells)
    return _Cell(learners, sum(cell.learners * cell.mean for cell in cells) / learners) if learners else _NOBODY


def likes_of(centres: Iterable[int]) -> dict[int, int]:
    """By centre, the class of like centres: as in a run."""
    rows = Centre.objects.filter(pk__in=set(centres)).values_list("id", "establishment__type")
    return {pk: zlib.crc32((kind or "").encode()) for pk, kind in rows}


@dataclass(frozen=True, slots=True)
class _Learnt:
    run: SenseRun
    plan: SeriesPlan
    gaps: GapsLearnt


def _last_learnt() -> _Learnt | None:
    run = latest_whole_run()
    if run is None or KEPT_AS not in run.learnt:
        return None
    return _Learnt(run, SeriesPlan.from_data(run.learnt["plan"]), GapsLearnt.from_data(run.learnt[KEPT_AS]))


def centre_gaps(standing: Standing, centre: Centre, qualification: Qualification | None) -> tuple[list[GroupGap], bool]:
    """Each group of a centre beside the others, on one qualification or on all of them, and whether a run has learnt enough.

    Computed from the tables as they are shown, under what the last whole run learnt. PermissionDenied to other people and
    while it is closed (SNS-01): for all qualifications together, while any of them is.
    """
    if not standing.can(Permission.SENSE_EXPLAIN, centre.pk):
        raise PermissionDenied(_("Results of groups of learners are for the head of centre and the quality contact."))
    require_open_history(centre.pk, qualification.pk if qualification else None)
    last = _last_learnt()
    # Under other series than those of the tables other cells would be hidden, and two tables would tell what one does not.
    if last is None or last.plan != series_plan():
        return [], False
    stored = stored_settings()
    found = read_group_learners(last.plan, [centre.pk])
    lines = [
        (pair, name, line)
        for pair in sorted(found.groups)
        for name, line in _lines_shown(tables_of(found, pair, stored.fewest_shown))
    ]
    try:
        learnt = learnt_by(last.run)
        grades = learnt.calibrations[GRADES]
        strata = set(grades.strata.tolist())
        lines = [one for one in lines if one[0][1] in strata]
        cells = _cells(lines, last.gaps.names, likes_of([centre.pk]), last.plan)
        level = QUALIFICATION if qualification else CENTRE
        rows = compare_gaps(cells, grades, method_settings(stored), last.gaps, level)
    except (KeyError, SenseCheckError):
        return [], False
    beside = {
        (pair[1], number): _beside(line, value)[1]
        for pair, name, line in lines
        for number, (named, value) in enumerate(last.gaps.names)
        if named == name and value in line
    }
    wanted = [row for row in range(len(rows.q)) if qualification is None or rows.qualification[row] == qualification.pk]
    return [_shown(rows, row, last.gaps.names, beside) for row in wanted], True


def _shown(rows: GapsFound, row: int, names: Sequence[Group], beside: dict[tuple[int, int], list[str]]) -> GroupGap:
    number = int(rows.group[row])
    name, value = names[number]
    others = sorted(
        {
            other
            for (pk, of), found in beside.items()
            if of == number and rows.qualification[row] in (0, pk)
            for other in found
        }
    )
    compared = rows.comparisons
    gap = float(rows.gap[row])
    if int(compared.standing[row]) != 3:
        return GroupGap(
            name, value, ", ".join(others), int(rows.learners[row, 0]), int(rows.learners[row, 1]), gap, None, None, None,
            False,
        )  # fmt: skip
    return GroupGap(
        name, value, ", ".join(others), int(rows.learners[row, 0]), int(rows.learners[row, 1]), gap,
        gap - float(compared.effect[row]), gap - float(compared.high[row]), gap - float(compared.low[row]),
        bool(compared.flagged[row]), bool(compared.on_stand_in[row]),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class WideGap:
    """One group over many centres: the AO's, a sector's, a qualification's. `gap` has figures where it `is_compared` only."""

    gap: GroupGap
    sector: str
    qualification_id: int | None


def gaps_over_centres(cut: Cut) -> tuple[list[WideGap], bool]:
    """Each group over centres whose grades the AO may see, from the last whole run, the strongest evidence first; is there one?

    Figures are told only of what rests on enough centres, and numbers of learners rounded to the fewest that may be shown, so
    that nothing small follows from them (SNS-08).
    """
    last = _last_learnt()
    if last is None:
        return [], False
    rows = [one for one in last.gaps.everywhere if one.cut == cut]
    rows.sort(
        key=lambda one: (one.q is None, one.q or 0.0, one.p or 0.0, one.group, one.sector, one.qualification or 0)
    )
    nearest = stored_settings().fewest_shown
    return [
        WideGap(_over_centres(one, last.gaps.names, nearest), one.sector, one.qualification) for one in rows
    ], True  # fmt: skip


def _over_centres(one: Everywhere, names: Sequence[Group], nearest: int) -> GroupGap:
    name, value = names[one.group]
    if one.effect is None or one.low is None or one.high is None:
        return GroupGap(name, value, "", 0, 0, 0.0, None, None, None, False)
    learners, others = (nearest * round(count / nearest) for count in (one.learners, one.others))
    return GroupGap(
        name, value, "", learners, others, one.gap, one.gap - one.effect, one.gap - one.high, one.gap - one.low,
        one.flagged, centres=one.centres,
    )  # fmt: skip
