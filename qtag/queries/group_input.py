"""Learners by group, year and grade: loaded results as they count today, and this year's. Never shown as they are (SNS-08)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from django.db.models import QuerySet

from awarding.catalogue.models import Grade, Qualification
from qtag.models import Judgement, LearnerCharacteristic, PastGroupResults, Submission
from qtag.queries.sense_gate import missing_judgements
from qtag.queries.sense_input import centre_moves, read_history, renames
from qtag.rules.baseline import CountedRows, move_history, sources_of
from qtag.rules.series import SeriesPlan, last_day
from qtag.sense_check.counts import Integers

Pair = tuple[int, int]
Group = tuple[str, str]


@dataclass
class GroupLearners:
    """By (centre id, qualification id) and (characteristic, group): (series + 1, grades) learners, this year's last.

    `everybody` has all learners of a pair, whatever is known of them; a pair's grades are those of its own scale, lowest
    first. Pairs of which no group is known are absent. `sectors` and
    `achieved` (whether each grade is an achievement) are those of all qualifications, by id.
    """

    plan: SeriesPlan
    groups: dict[Pair, dict[Group, Integers]] = field(default_factory=dict)
    everybody: dict[Pair, Integers] = field(default_factory=dict)
    sectors: dict[int, str] = field(default_factory=dict)
    achieved: dict[int, list[bool]] = field(default_factory=dict)


def read_group_learners(
    plan: SeriesPlan, centres: Sequence[int] | None = None, *, with_everybody: bool = True
) -> GroupLearners:
    """What is known of groups in the open AO, or at these centres; this year's only of pairs that are open (SNS-01).

    Without `with_everybody` that part stays empty, and learners of whom nothing is known are not read.
    A fixed number of queries, and two where nothing is known of any group.
    """
    if not (PastGroupResults.objects.exists() or LearnerCharacteristic.objects.exists()):
        return GroupLearners(plan)
    return _Reader(plan, None if centres is None else sorted(set(centres))).read(with_everybody)


class _Reader:
    def __init__(self, plan: SeriesPlan, centres: list[int] | None) -> None:
        self.plan, self.centres = plan, centres
        self.moves, self.renames = centre_moves(), renames()
        self.codes = sorted(set(Grade.objects.values_list("code", flat=True)))
        self.number = {code: place for place, code in enumerate(self.codes)}
        scales: dict[int, list[int]] = defaultdict(list)
        achieved: dict[int, list[bool]] = defaultdict(list)
        grades = Grade.objects.order_by("scale_id", "rank", "id").values_list("scale_id", "code", "is_achieved")
        for scale, code, is_achieved in grades:
            scales[scale].append(self.number[code])
            achieved[scale].append(is_achieved)
        offered = list(Qualification.objects.values_list("id", "scale_id", "sector"))
        self.scale_of = {
            pk: np.array(scales[scale], dtype=np.int64) for pk, scale, _sector in offered if scale in scales
        }
        self.sectors = {pk: sector for pk, _scale, sector in offered}
        self.achieved = {pk: achieved[scale] for pk, scale, _sector in offered if scale in scales}
        self.sources = None if centres is None else sorted(sources_of(centres, self.moves))
        begun = Submission.objects.all() if centres is None else Submission.objects.filter(centre_id__in=centres)
        self.begun = set(begun.values_list("centre_id", "qualification_id"))
        missing = self._reached(missing_judgements())
        self.closed = set(missing.values_list("submission__centre_id", "submission__qualification_id").distinct())

    def read(self, with_everybody: bool) -> GroupLearners:
        found = GroupLearners(self.plan, sectors=self.sectors, achieved=self.achieved)
        counted: dict[Pair, dict[Group, Integers]] = defaultdict(dict)
        for group, rows in self._loaded_groups().items():
            for pair, counts in self._settled(rows):
                counted[pair][group] = counts
        self._add_judged_groups(counted)
        found.groups = {pair: self._on_own_scale(pair, groups) for pair, groups in counted.items() if groups}
        if with_everybody:
            found.everybody = self._everybody(set(found.groups))
        return found

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.plan.slots) + 1, len(self.codes)

    def _reached(self, rows: QuerySet[Judgement]) -> QuerySet[Judgement]:
        return rows if self.centres is None else rows.filter(submission__centre_id__in=self.centres)

    def _loaded_groups(self) -> dict[Group, CountedRows]:
        slots = {(slot.series, slot.principle): place for place, slot in enumerate(self.plan.slots)}
        now = len(self.plan.slots)
        loaded = PastGroupResults.objects.order_by()
        if self.sources is not None:
            loaded = loaded.filter(centre_id__in=self.sources)
        entries: dict[Group, list[tuple[int, int, int, int, int]]] = defaultdict(list)
        for name, value, series, principle, *pair, grade, count in loaded.values_list(
            "characteristic", "value", "series", "principle", "centre_id", "qualification_id", "grade", "count"
        ).iterator(chunk_size=20_000):
            place = now if series == self.plan.this_year else slots.get((series, principle))
            if place is not None and grade in self.number:
                entries[name, value].append((pair[0], pair[1], place, self.number[grade], count))
        return {group: CountedRows(*np.array(rows, dtype=np.int64).reshape(-1, 5).T) for group, rows in entries.items()}

    def _settled(self, rows: CountedRows) -> Iterable[tuple[Pair, Integers]]:
        """By pair, what counts today: moved with its centre and its qualification, this year's where none is judged here."""
        now = rows.slot == len(self.plan.slots)
        ends = [last_day(slot.series) for slot in self.plan.slots]
        past = move_history(rows.take(~now), ends, self.moves, self.renames)
        found: dict[Pair, Integers] = {}
        for part, is_now in ((past, False), (rows.take(now), True)):
            for centre, qualification, slot, grade, count in zip(
                part.centre.tolist(), part.qualification.tolist(), part.slot.tolist(), part.grade.tolist(),
                part.count.tolist(), strict=True,
            ):  # fmt: skip
                pair = (centre, qualification)
                if self.centres is not None and centre not in self.centres:
                    continue
                if qualification in self.scale_of and not (is_now and pair in self.begun):
                    counts = found.setdefault(pair, np.zeros(self.shape, dtype=np.int64))
                    counts[slot, grade] += count
        return found.items()

    def _add_judged_groups(self, counted: dict[Pair, dict[Group, Integers]]) -> None:
        known = LearnerCharacteristic.objects.order_by()
        if self.centres is not None:
            known = known.filter(learner__centre_id__in=self.centres)
        of_learner: dict[int, list[Group]] = defaultdict(list)
        for learner, name, value in known.values_list("learner_id", "characteristic", "value"):
            of_learner[learner].append((name, value))
        if not of_learner:
            return
        for learner, centre, qualification, code in self._judged(known):
            pair = (centre, qualification)
            if pair in self.closed or qualification not in self.scale_of:
                continue
            for group in of_learner[learner]:
                counts = counted[pair].setdefault(group, np.zeros(self.shape, dtype=np.int64))
                counts[-1, self.number[code]] += 1

    def _judged(self, known: QuerySet[LearnerCharacteristic] | None) -> Iterable[tuple[int, int, int, str]]:
        """(learner, centre, qualification, grade) of the newest judgement of each registration; of these learners or of all."""
        # In a group that is open, a grade still in its teacher's hands is that of a learner who was withdrawn.
        rows = self._reached(Judgement.objects.filter(grade__isnull=False).exclude(state="open"))
        if known is not None:
            rows = rows.filter(registration__learner_id__in=known.values("learner_id"))
        newest = rows.order_by("registration_id", "-submission_id").distinct("registration_id")
        return newest.values_list(
            "registration__learner_id", "submission__centre_id", "submission__qualification_id", "grade__code"
        )

    def _everybody(self, pairs: set[Pair]) -> dict[Pair, Integers]:
        loaded = read_history(self.plan, self.codes, self.sources)
        loaded = loaded.take(loaded.grade > 0)
        slot = np.where(loaded.slot < 0, len(self.plan.slots), loaded.slot)
        rows = CountedRows(loaded.centre, loaded.qualification, slot, loaded.grade - 1, loaded.count)
        total = dict(self._settled(rows))
        for _learner, centre, qualification, code in self._judged(None):
            pair = (centre, qualification)
            if pair in pairs and pair not in self.closed:
                counts = total.setdefault(pair, np.zeros(self.shape, dtype=np.int64))
                counts[-1, self.number[code]] += 1
        empty = np.zeros(self.shape, dtype=np.int64)
        return {pair: total.get(pair, empty)[:, self.scale_of[pair[1]]] for pair in pairs}

    def _on_own_scale(self, pair: Pair, groups: dict[Group, Integers]) -> dict[Group, Integers]:
        return {group: counts[:, self.scale_of[pair[1]]] for group, counts in groups.items()}
