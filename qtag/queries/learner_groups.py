"""Results of groups of learners beside earlier years and beside each other, small groups kept from view (SNS-08)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from awarding.catalogue.models import Grade, Qualification
from centres.models import Centre
from qtag.models import Judgement, LearnerCharacteristic, PastGroupResults
from qtag.queries.sense_gate import require_open_history
from qtag.queries.sense_input import centre_moves, read_history, renames, series_plan
from qtag.queries.sense_runs import stored_settings
from qtag.rules.baseline import CentreMove, CountedRows, Rename, move_history, sources_of
from qtag.rules.series import SeriesPlan, last_day
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
    """One characteristic: groups down, years across, this year last ("" in `series`). `totals` is None where it would tell."""

    characteristic: str
    series: list[str]
    groups: list[tuple[str, list[GroupCell]]]
    totals: list[int] | None


def group_tables(standing: Standing, centre: Centre, qualification: Qualification) -> list[GroupTable]:
    """A table for each characteristic of which something is known, by name (SNS-08).

    Cells of 1 to `fewest_shown` - 1 learners are hidden, with as many others as it takes that no subtraction brings them
    back; learners whose group is not known are a group, too, since all learners together are known. A mean goes with its
    cell. PermissionDenied to other people, and while the group's history is closed (SNS-01).
    """
    if not standing.can(Permission.SENSE_EXPLAIN, centre.pk):
        raise PermissionDenied(_("Results of groups of learners are for the head of centre and the quality contact."))
    require_open_history(centre.pk, qualification.pk)
    reader = _Reader(centre, qualification)
    fewest = stored_settings().fewest_shown
    found, past = reader.this_year(), reader.earlier()
    names = sorted({name for name, _value in (*found, *past)})
    everybody = reader.everybody()
    return [_table(name, reader, found, past, everybody, fewest) for name in names]


class _Reader:
    """Counts by grade of one qualification at one centre: (series, grades), this year last."""

    def __init__(self, centre: Centre, qualification: Qualification) -> None:
        self.centre, self.qualification = centre, qualification
        grades = Grade.objects.filter(scale_id=qualification.scale_id).order_by("rank", "id")
        self.codes = list(grades.values_list("code", flat=True))
        self.plan: SeriesPlan = series_plan()
        self.moves: list[CentreMove] = centre_moves()
        self.renames: list[Rename] = renames()

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.plan.slots) + 1, len(self.codes)

    def this_year(self) -> dict[tuple[str, str], Integers]:
        """By (characteristic, group), this year's learners in the last line."""
        judged = list(self._judged())
        groups = LearnerCharacteristic.objects.filter(learner_id__in=[learner for learner, _code in judged])
        of_learner: dict[int, list[tuple[str, str]]] = defaultdict(list)
        for learner, name, value in groups.values_list("learner_id", "characteristic", "value"):
            of_learner[learner].append((name, value))
        found: dict[tuple[str, str], Integers] = defaultdict(self._nobody)
        for learner, code in judged:
            for group in of_learner[learner]:
                found[group][-1, self.codes.index(code)] += 1
        return found

    def earlier(self) -> dict[tuple[str, str], Integers]:
        """By (characteristic, group), loaded results as they count today (SNS-04)."""
        sources = sources_of([self.centre.pk], self.moves)
        slots = {(slot.series, slot.principle): place for place, slot in enumerate(self.plan.slots)}
        rows: dict[tuple[str, str], list[tuple[int, int, int, int, int]]] = defaultdict(list)
        for one in PastGroupResults.objects.filter(centre_id__in=sources):
            place = slots.get((one.series, one.principle))
            if place is not None and one.grade in self.codes:
                entry = (one.centre_id, one.qualification_id, place, self.codes.index(one.grade), one.count)
                rows[one.characteristic, one.value].append(entry)
        return {group: self._moved(_rows(entries)) for group, entries in rows.items()}

    def everybody(self) -> Integers:
        """All learners of the qualification, whatever is known of them."""
        sources = sorted(sources_of([self.centre.pk], self.moves))
        loaded = read_history(self.plan, self.codes, sources)
        loaded = loaded.take((loaded.slot >= 0) & (loaded.grade > 0))
        total = self._moved(
            CountedRows(loaded.centre, loaded.qualification, loaded.slot, loaded.grade - 1, loaded.count)
        )
        for _learner, code in self._judged():
            total[-1, self.codes.index(code)] += 1
        return total

    def _judged(self) -> Sequence[tuple[int, str]]:
        rows = Judgement.objects.filter(
            submission__centre=self.centre, submission__qualification=self.qualification, grade__isnull=False
        )
        newest = rows.order_by("registration_id", "-submission_id").distinct("registration_id")
        return [
            (learner, code)
            for learner, code in newest.values_list("registration__learner_id", "grade__code")
            if code in self.codes
        ]

    def _moved(self, rows: CountedRows) -> Integers:
        ends = [last_day(slot.series) for slot in self.plan.slots]
        moved = move_history(rows, ends, self.moves, self.renames)
        mine = moved.take((moved.centre == self.centre.pk) & (moved.qualification == self.qualification.pk))
        counts = self._nobody()
        np.add.at(counts, (mine.slot, mine.grade), mine.count)
        return counts

    def _nobody(self) -> Integers:
        return np.zeros(self.shape, dtype=np.int64)


def _rows(entries: list[tuple[int, int, int, int, int]]) -> CountedRows:
    return CountedRows(*np.array(entries, dtype=np.int64).reshape(-1, 5).T)


def _table(
    name: str, reader: _Reader, found: dict[tuple[str, str], Integers], past: dict[tuple[str, str], Integers],
    everybody: Integers, fewest: int,
) -> GroupTable:  # fmt: skip
    values = sorted({value for named, value in (*found, *past) if named == name})
    nobody = np.zeros(reader.shape, dtype=np.int64)
    by_grade = [found.get((name, value), nobody) + past.get((name, value), nobody) for value in values]
    # Loaded groups may add up to more than was loaded of everybody; then nobody is left over.
    rest = np.maximum(everybody - sum(by_grade, nobody), 0)
    if rest.any():
        values, by_grade = [*values, _("Not known")], [*by_grade, rest]
    table = np.stack(by_grade)
    learners = table.sum(axis=2)
    hidden = hide_small_groups(learners, fewest)
    steps = np.arange(table.shape[2])
    groups = [
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
    return GroupTable(name, [*(slot.series for slot in reader.plan.slots), ""], groups, totals)


def _mean(grades: Integers, steps: Integers) -> float | None:
    total = int(grades.sum())
    return float((grades * steps).sum() / total) if total else None
