"""From the numbers of a run to its rows: which group each is, what it shows, as text for the database."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from qtag.rules.series import SeriesPlan
from qtag.sense_check.comparison import Standing
from qtag.sense_check.counts import Booleans, Floats, Integers, Settings
from qtag.sense_check.levels import CENTRES, GRADES, SUITES, VOLUMES, Found, Groups

#: The columns of a row, in the order of the text. The last is a digest of all the others.
COLUMNS = (
    "centre_id", "key", "level", "qualification_id", "label", "by_volume", "figures", "size", "past_size", "years", "mean",
    "past_mean", "shift", "effect", "low", "high", "p", "q", "confidence", "ratio", "on_stand_in", "separated", "verdict",
    "too_few_reason", "is_submitted", "digest",
)  # fmt: skip
_NULL = "\\N"
# Rows of a piece: some forty megabytes of text.
_MOST_ROWS = 50_000
_LEVELS = {GRADES: "qualification", VOLUMES: "qualification", SUITES: "suite", CENTRES: "centre"}


@dataclass(frozen=True, slots=True)
class Named:
    """What the rows are named by and shown with besides their numbers; arrays run over the rows of the run's groups."""

    groups: Groups
    plan: SeriesPlan
    is_open: Booleans
    is_submitted: Booleans
    codes: dict[int, list[str]]
    suites: dict[int, str]


@dataclass(frozen=True, slots=True)
class RowTexts:
    """Some rows as text for COPY, and how many of them are what."""

    text: bytes
    rows: int
    compared: int
    flagged: int
    too_few: int


def row_texts(found: Iterable[Found], named: Named, settings: Settings) -> Iterator[RowTexts]:
    """A line for each group whose judgements are all recorded (SNS-01), by level, in pieces. Touches no database."""
    for level in found:
        shown = named.is_open[level.member] if level.member is not None else np.ones(len(level.centre), dtype=bool)
        rows = np.flatnonzero(shown)
        # What goes into a wider row is found for all of them at once.
        most = _MOST_ROWS if level.member is not None else max(len(rows), 1)
        for start in range(0, len(rows), most):
            yield _piece(level, rows[start : start + most], named, settings)


def _piece(level: Found, rows: Integers, named: Named, settings: Settings) -> RowTexts:
    columns = _columns(level, rows, named, settings)
    verdicts = columns[COLUMNS.index("verdict")]
    lines = []
    for line in map("\t".join, zip(*columns, strict=True)):
        digest = hashlib.blake2b(line.encode(), digest_size=16).hexdigest()
        lines.append(f"{line}\t{digest}\n")
    flagged, ordinary = verdicts.count("flagged"), verdicts.count("ordinary")
    return RowTexts("".join(lines).encode(), len(rows), flagged + ordinary, flagged, verdicts.count("too_few"))


def _columns(level: Found, rows: Integers, named: Named, settings: Settings) -> list[list[str]]:
    """The text of every column but the digest."""
    found, count = level.comparisons.take(rows), len(rows)
    verdicts = _verdicts(found.standing, found.flagged)
    if level.member is not None:
        member = level.member[rows]
        qualifications = _each(named.groups.qualification[member])
        keys, labels = _each(named.groups.qualification[member], "q%d"), [""] * count
        is_volume = level.level == VOLUMES
        figures = (_volume_figures if is_volume else _grade_figures)(member, named)
        submitted = named.is_submitted[member]
    else:
        is_suite = level.level == SUITES
        names = level.name[rows].tolist()
        keys = [f"s{name}" for name in names] if is_suite else ["centre"] * count
        labels = [_safe(named.suites.get(name, "")) for name in names] if is_suite else [""] * count
        qualifications, is_volume = [_NULL] * count, False
        figures, submitted = _wider_figures(level, named)
    few = _too_few(found.standing, found.size, found.past_size, settings)
    numbers = [
        _floats(getattr(found, name))
        for name in ("mean", "past_mean", "shift", "effect", "low", "high", "p")
    ]  # fmt: skip
    return [
        _each(level.centre[rows]), keys, [_LEVELS[level.level]] * count, qualifications, labels,
        ["t" if is_volume else "f"] * count, figures, _whole(found.size), _whole(found.past_size), _whole(found.years),
        *numbers, _floats(level.q[rows]), _floats(found.confidence), _floats(found.ratio), _flags(found.on_stand_in),
        ["t" if found.separated else "f"] * count, verdicts, few, _flags(submitted),
    ]  # fmt: skip


_VERDICTS = {
    Standing.NOTHING_NOW: "nothing_now", Standing.NO_BASELINE: "no_baseline", Standing.TOO_FEW: "too_few",
    Standing.COMPARED: "ordinary",
}  # fmt: skip


def _verdicts(standing: Integers, flagged: Booleans) -> list[str]:
    names = [*(_VERDICTS[one] for one in sorted(Standing)), "flagged"]
    return _chosen(names, np.where(flagged, len(names) - 1, standing))


def _too_few(standing: Integers, now: Floats, past: Floats, settings: Settings) -> list[str]:
    """Why a group is too few to compare (SNS-07), empty for the others."""
    reason = np.where(now < settings.fewest_learners, 1, np.where(past < settings.fewest_learners, 2, 3))
    return _chosen(["", "now", "past", "together"], np.where(standing == Standing.TOO_FEW, reason, 0))


def _grade_figures(member: Integers, named: Named) -> list[str]:
    """This year's and each series' learners by grade, lowest first; series of which nothing is loaded are left out."""
    groups, plan = named.groups, named.plan
    slots = [_slot_head(slot.series, slot.stands_in) for slot in plan.slots]
    there = groups.past_time[member][:, : len(slots)] > 0
    # Rows of one qualification with the same series look alike but for their numbers.
    alike = np.stack([groups.qualification[member], there @ (1 << np.arange(len(slots), dtype=np.int64))], axis=1)
    kinds, first, kind = np.unique(alike, axis=0, return_index=True, return_inverse=True)
    texts: npt.NDArray[Any] = np.empty(len(member), dtype=object)
    for number, rows in enumerate(_rows_of(kind.reshape(-1), len(kinds))):
        codes, inside = named.codes[int(kinds[number, 0])], np.flatnonzero(there[first[number]])
        counts = "[" + ", ".join(["%d"] * len(codes)) + "]"
        parts = [f'{_literal(slots[place])}, "counts": {counts}}}' for place in inside]
        text = f'{{"grades": {_literal(json.dumps(codes))}, "now": {counts}, "past": [{", ".join(parts)}]}}'
        text, which = text.replace("\\", "\\\\"), member[rows]
        before = groups.past[which][:, inside, : len(codes)].reshape(len(rows), -1)
        numbers = np.concatenate([groups.now[which, : len(codes)], before], axis=1)
        texts[rows] = [text % tuple(row) for row in numbers.tolist()]
    return list(texts)


def _rows_of(kind: Integers, kinds: int) -> list[Integers]:
    """The places of each kind."""
    order = np.argsort(kind, kind="stable")
    return np.split(order, np.cumsum(np.bincount(kind, minlength=kinds))[:-1]) if kinds else []


def _literal(text: str) -> str:
    return text.replace("%", "%%")


def _volume_figures(member: Integers, named: Named) -> list[str]:
    """How many achieved in this year's and each earlier period, and how many weeks each was (SNS-06)."""
    groups, plan = named.groups, named.plan
    slots = [_slot_head(slot.series, slot.stands_in) for slot in plan.slots]
    texts = []
    for now, past, weeks in zip(
        groups.achieved[member].tolist(), groups.past_achieved[member].tolist(),
        groups.past_time[member].astype(np.int64).tolist(), strict=True,
    ):  # fmt: skip
        parts = [
            f'{slot}, "count": {count}, "weeks": {long}}}'
            for slot, count, long in zip(slots, past, weeks, strict=False)
            if long
        ]
        texts.append(f'{{"now": {now}, "weeks": {plan.weeks}, "past": [{", ".join(parts)}]}}')
    return texts


def _slot_head(series: str, stands_in: bool) -> str:
    return f'{{"series": {json.dumps(series)}, "stands_in": {json.dumps(stands_in)}'


def _wider_figures(level: Found, named: Named) -> tuple[list[str], Booleans]:
    """Which qualifications went in and which were left out as no longer offered (SNS-05); whether all were submitted."""
    groups, count = named.groups, len(level.centre)
    member_of = np.full(len(groups), -1) if level.member_of is None else level.member_of
    members = np.flatnonzero(member_of >= 0)
    inside = _lists(member_of[members], groups.qualification[members], count)
    out = np.flatnonzero(~groups.offered)
    place = {key: row for row, key in enumerate(_wider_keys(level.centre, level.name))} if len(out) else {}
    suites = groups.suite[out] if level.level == SUITES else np.zeros(len(out), dtype=np.int64)
    row_of = np.array([place.get(key, -1) for key in _wider_keys(groups.centre[out], suites)], dtype=np.int64)
    gone = _lists(row_of[row_of >= 0], groups.qualification[out][row_of >= 0], count)
    unsent = np.zeros(count, dtype=bool)
    unsent[member_of[members[~named.is_submitted[members]]]] = True
    texts = [f'{{"members": [{mine}], "left_out": [{theirs}]}}' for mine, theirs in zip(inside, gone, strict=True)]
    return texts, ~unsent


def _lists(row: Integers, numbers: Integers, count: int) -> list[str]:
    """For each of `count` rows its numbers, in their order, with commas between."""
    if not len(row):
        return [""] * count
    words, ends = _each(numbers[np.argsort(row, kind="stable")]), np.cumsum(np.bincount(row, minlength=count)).tolist()
    return [", ".join(words[start:end]) for start, end in zip([0, *ends[:-1]], ends, strict=True)]


def _wider_keys(centre: Integers, name: Integers) -> list[tuple[int, int]]:
    return list(zip(centre.tolist(), name.tolist(), strict=True))


def _each(numbers: Integers, form: str = "%d") -> list[str]:
    """The text of each number; few different ones come over and over."""
    different, place = np.unique(numbers, return_inverse=True)
    return _chosen([form % number for number in different.tolist()], place)


def _chosen(texts: Sequence[str], place: Integers) -> list[str]:
    return list(np.array(texts, dtype=object)[place]) if len(texts) else []


def _floats(values: Floats) -> list[str]:
    """To nine figures: nobody is shown more than three, and text that comes back to the last bit takes four times as long."""
    texts = list(map("%.9g".__mod__, values.tolist()))
    for place in np.flatnonzero(np.isnan(values)).tolist():
        texts[place] = _NULL
    return texts


def _whole(values: Floats | Integers) -> list[str]:
    return _each(np.asarray(values).astype(np.int64))


def _flags(values: Booleans) -> list[str]:
    return _chosen(("f", "t"), values.astype(np.int64))


def _safe(text: str) -> str:
    return " ".join(text.split()).replace("\\", "\\\\")


def texts_of(columns: Sequence[str] = COLUMNS) -> str:
    """The columns as SQL names them."""
    return ", ".join(f'"{name}"' for name in columns)
