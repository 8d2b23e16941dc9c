"""From the numbers of a run to its rows: which group each is, what it shows, as text for the database."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from qtag.rules.series import SeriesPlan
from qtag.sense_check.comparison import Standing
from qtag.sense_check.counts import Booleans, Floats, Integers, Settings
from qtag.sense_check.levels import CENTRES, GRADES, SUITES, VOLUMES, Found, Groups

#: The columns of a row, in the order of the text. The last is a digest of all of them but the centre's.
COLUMNS = (
    "centre_id", "key", "level", "qualification_id", "label", "by_volume", "figures", "size", "past_size", "years", "mean",
    "past_mean", "shift", "effect", "low", "high", "p", "q", "confidence", "ratio", "on_stand_in", "separated", "verdict",
    "too_few_reason", "is_submitted", "input_digest", "digest",
)  # fmt: skip
_NULL = "\\N"
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
    digests: dict[int, str]


@dataclass(slots=True)
class RowTexts:
    """Lines for COPY, and how many of them are what."""

    lines: list[str] = field(default_factory=list)
    compared: int = 0
    flagged: int = 0
    too_few: int = 0


def row_texts(found: Iterable[Found], named: Named, settings: Settings) -> RowTexts:
    """A line for each group whose judgements are all recorded (SNS-01), by level."""
    texts = RowTexts()
    for level in found:
        shown = named.is_open[level.member] if level.member is not None else np.ones(len(level.centre), dtype=bool)
        rows = np.flatnonzero(shown)
        columns = _columns(level, rows, named, settings)
        verdicts = columns[COLUMNS.index("verdict")]
        texts.flagged += verdicts.count("flagged")
        texts.compared += verdicts.count("flagged") + verdicts.count("ordinary")
        texts.too_few += verdicts.count("too_few")
        digests = [named.digests[centre] for centre in level.centre[rows].tolist()]
        for line, digest in zip(map("\t".join, zip(*columns, strict=True)), digests, strict=True):
            own = hashlib.blake2b(line.encode(), digest_size=16).hexdigest()
            texts.lines.append(f"{line}\t{digest}\t{own}")
    return texts


def _columns(level: Found, rows: Integers, named: Named, settings: Settings) -> list[list[str]]:
    """The text of every column but the two digests."""
    found, count = level.comparisons.take(rows), len(rows)
    verdicts = _verdicts(found.standing, found.flagged)
    if level.member is not None:
        member = level.member[rows]
        names = named.groups.qualification[member].tolist()
        keys, labels = [f"q{name}" for name in names], [""] * count
        qualifications = list(map(str, names))
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
    few = [
        reason if verdict == "too_few" else ""
        for verdict, reason in zip(verdicts, _too_few(found.size, found.past_size, settings), strict=True)
    ]
    numbers = [
        _floats(getattr(found, name))
        for name in ("mean", "past_mean", "shift", "effect", "low", "high", "p")
    ]  # fmt: skip
    return [
        list(map(str, level.centre[rows].tolist())), keys, [_LEVELS[level.level]] * count, qualifications, labels,
        ["t" if is_volume else "f"] * count, figures, _whole(found.size), _whole(found.past_size), _whole(found.years),
        *numbers, _floats(level.q[rows]), _floats(found.confidence), _floats(found.ratio), _flags(found.on_stand_in),
        ["t" if found.separated else "f"] * count, verdicts, few, _flags(submitted),
    ]  # fmt: skip


def _verdicts(standing: Integers, flagged: Booleans) -> list[str]:
    names = {
        int(Standing.NOTHING_NOW): "nothing_now", int(Standing.NO_BASELINE): "no_baseline",
        int(Standing.TOO_FEW): "too_few", int(Standing.COMPARED): "ordinary",
    }  # fmt: skip
    return [
        "flagged" if is_flagged else names[one]
        for one, is_flagged in zip(standing.tolist(), flagged.tolist(), strict=True)
    ]


def _too_few(now: Floats, past: Floats, settings: Settings) -> list[str]:
    """Why a group would be too few to compare (SNS-07)."""
    reasons = np.where(
        now < settings.fewest_learners, "now", np.where(past < settings.fewest_learners, "past", "together")
    )
    return [str(reason) for reason in reasons.tolist()]


def _grade_figures(member: Integers, named: Named) -> list[str]:
    """This year's and each series' learners by grade, lowest first; series of which nothing is loaded are left out."""
    groups, plan = named.groups, named.plan
    heads = {pk: json.dumps(codes) for pk, codes in named.codes.items()}
    widths = {pk: len(codes) for pk, codes in named.codes.items()}
    slots = [_slot_head(slot.series, slot.stands_in) for slot in plan.slots]
    now, names = groups.now[member].tolist(), groups.qualification[member].tolist()
    past, periods = groups.past[member].tolist(), (groups.past_time[member] > 0).tolist()
    texts = []
    for name, mine, before, there in zip(names, now, past, periods, strict=True):
        width = widths[name]
        parts = [
            f'{slot}, "counts": {counts[:width]}}}'
            for slot, counts, is_there in zip(slots, before, there, strict=False)
            if is_there
        ]
        texts.append(
            f'{{"grades": {heads[name]}, "now": {mine[:width]}, "past": [{", ".join(parts)}]}}'.replace("\\", "\\\\")
        )
    return texts


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
    inside: list[list[int]] = [[] for _ in range(count)]
    for row, name in zip(member_of.tolist(), groups.qualification.tolist(), strict=True):
        if row >= 0:
            inside[row].append(name)
    place = {key: row for row, key in enumerate(_wider_keys(level.centre, level.name))}
    gone: list[list[int]] = [[] for _ in range(count)]
    out = np.flatnonzero(~groups.offered)
    suites = groups.suite[out] if level.level == SUITES else np.zeros(len(out), dtype=np.int64)
    for key, name in zip(_wider_keys(groups.centre[out], suites), groups.qualification[out].tolist(), strict=True):
        if key in place:
            gone[place[key]].append(name)
    unsent = np.zeros(count, dtype=bool)
    members = np.flatnonzero(member_of >= 0)
    unsent[member_of[members[~named.is_submitted[members]]]] = True
    texts = [f'{{"members": {mine}, "left_out": {theirs}}}' for mine, theirs in zip(inside, gone, strict=True)]
    return texts, ~unsent


def _wider_keys(centre: Integers, name: Integers) -> list[tuple[int, int]]:
    return list(zip(centre.tolist(), name.tolist(), strict=True))


def _floats(values: Floats) -> list[str]:
    """As short as they come back to the last bit."""
    return [repr(value) if value == value else _NULL for value in values.tolist()]


def _whole(values: Floats | Integers) -> list[str]:
    return list(map(str, np.asarray(values).astype(np.int64).tolist()))


def _flags(values: Booleans) -> list[str]:
    return ["t" if value else "f" for value in values.tolist()]


def _safe(text: str) -> str:
    return " ".join(text.split()).replace("\\", "\\\\")


def texts_of(columns: Sequence[str] = COLUMNS) -> str:
    """The columns as SQL names them."""
    return ", ".join(f'"{name}"' for name in columns)
