"""What the sense check reads: loaded history as it counts today, this year's grades once all are in, and whose they are."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from django.db import connection

from awarding.catalogue.models import Grade, Qualification
from awarding.tenancy.columns import read_columns
from awarding.tenancy.scope import current_ao_id
from centres.models import Centre
from qtag.models import CentreChange, ComparisonTerms, QualificationChange, SeriesChoice
from qtag.queries.judged import DECIDED, SUBMITTED, WAITING, Judged, judged_counts
from qtag.rules.baseline import CentreMove, CountedRows, Rename, move_history, sources_of
from qtag.rules.series import SeriesPlan, last_day, plan_series
from qtag.sense_check.counts import Booleans, Integers
from qtag.sense_check.levels import Groups

_THIS_YEAR, _UNPLANNED = -1, -2
#: Slot, grade and learners come packed into one number: what is sent costs as much as what is counted.
_SLOT_AT, _GRADE_AT = 48, 32


@dataclass(frozen=True, slots=True)
class SenseInput:
    """The rows of a run and what is needed to name them. All arrays run over the rows of `groups`.

    is_open       every judgement of the group is recorded (SNS-01), or its results were loaded
    is_submitted  the AO has them
    codes         by qualification id, the codes of its grades, lowest first; suites: by number, in words
    digests       by centre id, a digest of everything that its numbers come from
    """

    groups: Groups
    plan: SeriesPlan
    is_open: Booleans
    is_submitted: Booleans
    codes: dict[int, list[str]]
    suites: dict[int, str]
    digests: dict[int, str]

    @property
    def shown(self) -> set[int]:
        """The centres that have rows."""
        return set(np.unique(self.groups.centre[self.is_open]).tolist())


def chosen_series() -> dict[str, tuple[str, int]]:
    """What the AO chose, by series: (role, weeks)."""
    return {one.series: (one.role, one.weeks) for one in SeriesChoice.objects.order_by("series")}


def series_plan() -> SeriesPlan:
    """The series that count in the open AO (SNS-03)."""
    return plan_series(chosen_series(), loaded_series())


# From one pair to the next by the index: there are a dozen pairs among millions of rows.
_LOADED = """
    WITH RECURSIVE pair AS (
        (SELECT series, principle FROM qtag_pastresults WHERE ao_id = %(ao)s ORDER BY series, principle LIMIT 1)
        UNION ALL
        SELECT later.series, later.principle FROM pair, LATERAL (
            SELECT series, principle FROM qtag_pastresults
            WHERE ao_id = %(ao)s AND (series, principle) > (pair.series, pair.principle)
            ORDER BY series, principle LIMIT 1
        ) later
    ) SELECT series, principle FROM pair
"""


def loaded_series() -> list[tuple[str, str]]:
    """The (series, principle) pairs of which something is loaded in the open AO."""
    with connection.cursor() as cursor:
        cursor.execute(_LOADED, {"ao": current_ao_id()})
        return list(cursor.fetchall())


def centre_moves() -> list[CentreMove]:
    """The recorded changes of centres that hold (SNS-04)."""
    return [
        CentreMove(one.from_centre_id, one.to_centre_id, one.effective_on, one.share, frozenset(one.qualification_ids))
        for one in CentreChange.objects.filter(withdrawn_at=None).order_by("effective_on", "id")
    ]


def renames() -> list[Rename]:
    """Qualifications that go on under another number (SNS-04)."""
    rows = QualificationChange.objects.filter(withdrawn_at=None, kind=QualificationChange.Kind.RENAMED)
    return [
        Rename(one.from_qualification_id, one.to_qualification_id, one.effective_on)
        for one in rows.order_by("effective_on", "id")
    ]


def discontinued(today: date) -> set[int]:
    """Qualifications that are no longer offered, which suites and centres leave out (SNS-05)."""
    rows = QualificationChange.objects.filter(withdrawn_at=None, kind=QualificationChange.Kind.DISCONTINUED)
    return set(rows.filter(effective_on__lte=today).values_list("from_qualification_id", flat=True))


def read_history(plan: SeriesPlan, codes: Sequence[str], centres: Sequence[int] | None) -> CountedRows:
    """Loaded results of the plan's series, slot -1 for this year's; `grade` is the place in `codes` from 1, 0 for others.

    What rests on a principle that the plan does not know of its series is left out, until a whole run plans anew.
    """
    names = [slot.series for slot in plan.slots] + ([plan.this_year] if plan.this_year else [])
    cases: list[str] = []
    values: list[object] = []
    for place, slot in enumerate(plan.slots):
        cases.append("WHEN series = %s AND principle = %s THEN %s")
        values += [slot.series, slot.principle, place]
    if plan.this_year:
        cases.append(f"WHEN series = %s THEN {_THIS_YEAR}")
        values.append(plan.this_year)
    where: list[str] = ["series = ANY(%s)"]
    reached: list[object] = [names]
    if centres is not None:
        where.append("centre_id = ANY(%s)")
        reached.append(list(centres))
    if not names:
        return CountedRows(*(np.zeros(0, dtype=np.int64) for _ in range(5)))
    numbered = f"CASE {' '.join(cases)} ELSE {_UNPLANNED} END - {_UNPLANNED}"
    query = (
        f"SELECT centre_id::int8, qualification_id::int8, (({numbered})::int8 << {_SLOT_AT})"  # noqa: S608 - only places
        f" | (coalesce(array_position(%s::text[], grade::text), 0)::int8 << {_GRADE_AT}) | count::int8"
        f" FROM qtag_pastresults WHERE {' AND '.join(where)}"
    )
    centre, qualification, packed = read_columns(query, [*values, list(codes), *reached], 3)
    places, grades = (packed >> _SLOT_AT) + _UNPLANNED, (packed >> _GRADE_AT) & 0xFFFF
    rows = CountedRows(centre, qualification, places, grades, packed & 0xFFFFFFFF)
    planned = places != _UNPLANNED
    return rows if planned.all() else rows.take(planned)


def read_input(today: date, centres: Sequence[int] | None = None, plan: SeriesPlan | None = None) -> SenseInput:
    """Everything that a run over all centres, or over these, is computed from. `plan`: that of the run it goes on from."""
    plan = plan or series_plan()
    scales = _Scales()
    moves = centre_moves()
    wanted = None if centres is None else sorted(set(centres))
    sources = None if wanted is None else sorted(sources_of(wanted, moves))
    loaded = read_history(plan, scales.codes, sources)
    elsewhere = loaded.take(loaded.slot == _THIS_YEAR)
    past = move_history(
        loaded.take(loaded.slot != _THIS_YEAR), [last_day(slot.series) for slot in plan.slots], moves, renames()
    )
    judged = judged_counts(wanted)
    if wanted is not None:
        past = past.take(np.isin(past.centre, wanted))
        elsewhere = elsewhere.take(np.isin(elsewhere.centre, wanted))
    return _Builder(plan, scales, today).build(past, elsewhere, judged)


class _Scales:
    """The AO's qualifications: how their grades are numbered, what they are compared by, where they belong."""

    def __init__(self) -> None:
        self.codes = sorted(set(Grade.objects.values_list("code", flat=True)))
        number = {code: place for place, code in enumerate(self.codes, start=1)}
        by_scale: dict[int, list[tuple[str, bool, int]]] = {}
        for scale, code, achieved, pk in Grade.objects.order_by("scale_id", "rank", "id").values_list(
            "scale_id", "code", "is_achieved", "id"
        ):
            by_scale.setdefault(scale, []).append((code, achieved, pk))
        self.number, self.by_scale = number, by_scale
        self.place_of_grade = {pk: place for rows in by_scale.values() for place, (_c, _a, pk) in enumerate(rows)}
        self.widest = max([len(rows) for rows in by_scale.values()], default=1)


class _Builder:
    """Puts counted rows into the arrays of a run."""

    def __init__(self, plan: SeriesPlan, scales: _Scales, today: date) -> None:
        self.plan, self.scales, self.today = plan, scales, today
        # A run needs a place for a past even where none is loaded: then every group is without a baseline (SNS-04).
        self.series = max(len(plan.slots), 1)
        self.weeks = np.array([slot.weeks for slot in plan.slots] or [0], dtype=np.float64)

    def build(self, past: CountedRows, elsewhere: CountedRows, judged: Judged) -> SenseInput:
        centres = np.unique(np.concatenate([np.unique(past.centre), np.unique(elsewhere.centre), judged.centre]))
        offered = np.unique(
            np.concatenate([np.unique(past.qualification), np.unique(elsewhere.qualification), judged.qualification])
        )
        facts = _Facts(self.scales, offered, self.today)
        pairs = _Pairs(centres, offered, facts.is_graded)
        for rows in (past, elsewhere, judged):
            pairs.note(rows.centre, rows.qualification)
        pairs.settle()
        now, is_open, is_submitted, waiting = self._now(elsewhere, judged, pairs, facts)
        history, has_period = self._history(past, pairs, facts)
        by_volume, achieved = facts.by_volume[pairs.column], facts.achieved[pairs.column]
        groups = Groups(
            centre=centres[pairs.line], qualification=offered[pairs.column], suite=facts.suite[pairs.column],
            like=_likes(centres)[pairs.line], now=now, past=history,
            stand_in=tuple(slot.stands_in for slot in self.plan.slots) or (False,), by_volume=by_volume,
            achieved=(now * achieved).sum(axis=1), past_achieved=(history * achieved[:, None, :]).sum(axis=2),
            time=np.where(is_open, float(self.plan.weeks), 0.0), past_time=has_period * self.weeks[None, :],
            offered=facts.offered[pairs.column], waiting=waiting,
        )  # fmt: skip
        digests = _digests(groups, is_open, is_submitted)
        return SenseInput(groups, self.plan, is_open, is_submitted, facts.codes, facts.suites, digests)

    def _now(
        self, elsewhere: CountedRows, judged: Judged, pairs: _Pairs, facts: _Facts
    ) -> tuple[Integers, Booleans, Booleans, Booleans]:
        """This year's counts, 0 until every judgement of the group is recorded (SNS-01). Judgements come before loaded rows."""
        rows = pairs.places(judged.centre, judged.qualification)
        there = rows >= 0
        rows, state = rows[there], judged.state[there]
        begun, open_ones, decided = (np.zeros(len(pairs), dtype=bool) for _ in range(3))
        begun[rows] = True
        open_ones[rows[state == WAITING]] = True
        decided[rows[(state != WAITING) & (state != DECIDED)]] = True
        unsent = np.zeros(len(pairs), dtype=bool)
        unsent[rows[(state != SUBMITTED) & (state != DECIDED)]] = True
        waiting = begun & open_ones
        is_open = begun & ~open_ones & decided
        counted = (state != WAITING) & (state != DECIDED) & is_open[rows]
        place = np.array(
            [self.scales.place_of_grade[pk] for pk in judged.grade[there][counted].tolist()], dtype=np.int64
        )
        now = _tally(rows[counted], place, judged.count[there][counted], len(pairs), self.scales.widest)
        loaded_rows, loaded_place = pairs.places(elsewhere.centre, elsewhere.qualification), facts.places(elsewhere)
        use = (loaded_rows >= 0) & (loaded_place >= 0)
        use &= ~begun[np.maximum(loaded_rows, 0)]
        is_open[loaded_rows[use]] = True
        now += _tally(loaded_rows[use], loaded_place[use], elsewhere.count[use], len(pairs), self.scales.widest)
        return now, is_open, is_open & ~unsent, waiting

    def _history(self, past: CountedRows, pairs: _Pairs, facts: _Facts) -> tuple[Integers, Booleans]:
        """(rows, series, grades) earlier learners, and (rows, series) whether anything is loaded of the series."""
        rows, place = pairs.places(past.centre, past.qualification), facts.places(past)
        use = (rows >= 0) & (place >= 0)
        rows, place, slot = rows[use], place[use], past.slot[use]
        cell = rows * self.series + slot
        counts = _tally(cell, place, past.count[use], len(pairs) * self.series, self.scales.widest)
        has_period = np.zeros(len(pairs) * self.series, dtype=bool)
        has_period[cell] = True
        shape = (len(pairs), self.series)
        return counts.reshape(*shape, self.scales.widest), has_period.reshape(shape)


class _Pairs:
    """The groups that there are, as rows in order of centre and qualification."""

    def __init__(self, centres: Integers, qualifications: Integers, is_graded: Booleans) -> None:
        self.centres, self.qualifications, self.is_graded = centres, qualifications, is_graded
        self.seen = np.zeros(len(centres) * len(qualifications), dtype=bool)

    def note(self, centre: Integers, qualification: Integers) -> None:
        self.seen[self._cell(centre, qualification)] = True

    def settle(self) -> None:
        """Numbers the rows, and leaves out qualifications without grades of their own."""
        width = max(len(self.qualifications), 1)
        self.seen.reshape(-1, width)[:, ~self.is_graded] = False
        cells = np.flatnonzero(self.seen)
        self.line, self.column = cells // width, cells % width
        self._row = np.cumsum(self.seen, dtype=np.int64) - 1
        self._row[~self.seen] = -1

    def places(self, centre: Integers, qualification: Integers) -> Integers:
        """The row of each, -1 where there is none."""
        return self._row[self._cell(centre, qualification)]

    def _cell(self, centre: Integers, qualification: Integers) -> Integers:
        line = np.searchsorted(self.centres, centre)
        return line * len(self.qualifications) + np.searchsorted(self.qualifications, qualification)

    def __len__(self) -> int:
        return len(self.line)


class _Facts:
    """By column (qualification): how its grades are numbered, what it is compared by, which suite, whether offered."""

    def __init__(self, scales: _Scales, qualifications: Integers, today: date) -> None:
        self.scales, self.qualifications = scales, qualifications
        count = len(qualifications)
        terms = {one.qualification_id: one for one in ComparisonTerms.objects.all()}
        gone = discontinued(today)
        self.suite = np.zeros(count, dtype=np.int64)
        self.by_volume, self.offered, self.is_graded = (np.zeros(count, dtype=bool) for _ in range(3))
        self.achieved = np.zeros((count, scales.widest), dtype=np.int64)
        self.table = np.full((count, len(scales.codes) + 1), -1, dtype=np.int64)
        self.codes: dict[int, list[str]] = {}
        self.suites: dict[int, str] = {}
        rows = Qualification.objects.filter(pk__in=qualifications.tolist()).values_list(
            "id", "scale_id", "sector", "level", "type"
        )
        for pk, scale, sector, level, kind in rows:
            column = int(np.searchsorted(qualifications, pk))
            grades = scales.by_scale.get(scale, [])
            mine = terms.get(pk)
            words = " · ".join([sector, level, mine.suite if mine and mine.suite else kind])
            self.suite[column] = suite_number(words)
            self.suites[suite_number(words)] = words
            self.offered[column] = pk not in gone
            self.is_graded[column] = bool(grades)
            self.by_volume[column] = is_by_volume(mine, [achieved for _code, achieved, _pk in grades])
            self.codes[pk] = [code for code, _achieved, _pk in grades]
            for place, (code, achieved, _pk) in enumerate(grades):
                self.achieved[column, place] = achieved
                self.table[column, scales.number[code]] = place

    def places(self, rows: CountedRows) -> Integers:
        """Where each row's grade stands on the scale of its qualification; -1 where it is not on it."""
        column = np.searchsorted(self.qualifications, rows.qualification)
        return self.table[column, rows.grade]


def is_by_volume(terms: ComparisonTerms | None, achieved: Sequence[bool]) -> bool:
    """Compared by how many achieve: as the AO says, else where there is one grade to achieve at most (SNS-06)."""
    if terms is not None and terms.compared_by:
        return str(terms.compared_by) == str(ComparisonTerms.By.VOLUME)
    return sum(achieved) <= 1


def suite_number(words: str) -> int:
    """A number for a suite that is the same in every run."""
    return int.from_bytes(hashlib.sha256(words.encode()).digest()[:7], "big")


def _tally(rows: Integers, places: Integers, counts: Integers, length: int, width: int) -> Integers:
    """(length, width) learners, summed."""
    found = np.bincount(rows * width + places, counts.astype(np.float64), minlength=length * width)
    return found.astype(np.int64).reshape(length, width)


def _likes(centres: Integers) -> Integers:
    """(centres,) the class of like centres: those whose establishments are of one type."""
    types = dict(Centre.objects.filter(pk__in=centres.tolist()).values_list("id", "establishment__type"))
    return np.array([zlib.crc32(types.get(pk, "").encode()) for pk in centres.tolist()], dtype=np.int64)


def _digests(groups: Groups, is_open: Booleans, is_submitted: Booleans) -> dict[int, str]:
    """By centre, a digest of everything that decides its rows' numbers and who sees them."""
    count = len(groups)
    if not count:
        return {}
    parts = [
        groups.qualification, groups.suite, groups.like, groups.now, groups.past.reshape(count, -1),
        groups.by_volume, groups.time.astype(np.int64), groups.past_time.astype(np.int64), groups.offered, groups.waiting,
        is_open, is_submitted,
    ]  # fmt: skip
    table = np.ascontiguousarray(
        np.concatenate([np.asarray(part, dtype=np.int64).reshape(count, -1) for part in parts], axis=1)
    )
    first = np.flatnonzero(np.concatenate([[True], groups.centre[1:] != groups.centre[:-1]]))
    last = [*first[1:].tolist(), count]
    return {
        int(groups.centre[start]): hashlib.blake2b(table[start:end].tobytes(), digest_size=16).hexdigest()
        for start, end in zip(first.tolist(), last, strict=True)
    }
