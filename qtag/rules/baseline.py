"""Whose history counts for whom, once centres merged, split or changed and qualifications were renamed (SNS-04)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from qtag.sense_check.counts import Booleans, Integers

#: Neighbours lie this far apart among the hundredths of a share: the golden section, which spreads any number evenly.
_STRIDE, _FIRST = 61, 30


@dataclass(frozen=True, slots=True)
class CountedRows:
    """Learners counted by grade, one entry for each (centre, qualification, slot, grade): all arrays (rows,).

    `slot` is the place of the series among those compared with, `grade` a number that stands for the grade's code.
    """

    centre: Integers
    qualification: Integers
    slot: Integers
    grade: Integers
    count: Integers

    def __len__(self) -> int:
        return len(self.count)

    def take(self, rows: Booleans | Integers) -> CountedRows:
        return CountedRows(*(getattr(self, name)[rows] for name in self.__slots__))


@dataclass(frozen=True, slots=True)
class CentreMove:
    """What one recorded change of a centre does; `to` None: nobody's history any more. No qualifications: all."""

    origin: int
    to: int | None
    effective_on: dt.date
    share: int = 100
    qualifications: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Rename:
    """A qualification that goes on under another number, with what its series before that day gave."""

    origin: int
    to: int
    effective_on: dt.date


def move_history(
    rows: CountedRows, ends: Sequence[dt.date], moves: Sequence[CentreMove], renames: Sequence[Rename]
) -> CountedRows:
    """The rows as they count today (SNS-04): changes are applied in order of their day, to series that had ended by then.

    `ends` is the last day of each slot's series. Shares of one centre on one day are shares of what it had before that
    day; learners are whole, and none is lost or counted twice except where a change sends history to nobody.
    """
    steps: list[CentreMove | Rename] = sorted([*moves, *renames], key=lambda step: step.effective_on)
    done: set[int] = set()
    for step in steps:
        if id(step) in done:
            continue
        before = np.array([end < step.effective_on for end in ends], dtype=np.bool_)
        if isinstance(step, Rename):
            hit = (rows.qualification == step.origin) & before[rows.slot]
            rows = replace(rows, qualification=np.where(hit, step.to, rows.qualification))
            continue
        together = [
            other
            for other in steps
            if isinstance(other, CentreMove) and (other.origin, other.effective_on) == (step.origin, step.effective_on)
        ]
        rows = _move_out(rows, before, together)
        done |= {id(other) for other in together}
    return rows


def _move_out(rows: CountedRows, before: Booleans, moves: Sequence[CentreMove]) -> CountedRows:
    """Everything that leaves one centre on one day, shared out in order."""
    hit = (rows.centre == moves[0].origin) & before[rows.slot]
    if not hit.any():
        return rows
    leaving = rows.take(hit)
    leaving = leaving.take(np.lexsort((leaving.grade, leaving.slot, leaving.qualification)))
    # Learner by learner, those of a group in order of their grades, so that each part gets its share of every grade.
    learner = np.repeat(np.arange(len(leaving)), leaving.count)
    group = np.stack([leaving.qualification, leaving.slot], axis=1)[learner]
    number = np.arange(len(learner))
    starts = np.concatenate([[True], (group[1:] != group[:-1]).any(axis=1)]) if len(learner) else number > 0
    place = (number - np.maximum.accumulate(np.where(starts, number, 0))) * _STRIDE + _FIRST
    percent = place % 100
    used = np.zeros(len(learner), dtype=np.int64)
    parts = [rows.take(~hit)]
    left = np.ones(len(learner), dtype=bool)
    for move in moves:
        chosen = np.isin(group[:, 0], list(move.qualifications)) if move.qualifications else used >= 0
        goes = left & chosen & (percent < used + move.share)
        used = used + np.where(chosen, move.share, 0)
        left &= ~goes
        if move.to is not None:
            parts.append(_counted(replace(leaving, centre=np.full(len(leaving), move.to)), learner[goes]))
    parts.append(_counted(leaving, learner[left]))
    return CountedRows(*(np.concatenate([getattr(part, name) for part in parts]) for name in CountedRows.__slots__))


def _counted(rows: CountedRows, learner: Integers) -> CountedRows:
    """The rows with these learners of theirs; rows without any are left out."""
    count = np.bincount(learner, minlength=len(rows)).astype(np.int64)
    return replace(rows, count=count).take(count > 0)


def sources_of(centres: Sequence[int], moves: Sequence[CentreMove]) -> set[int]:
    """The centres whose loaded history may reach these ones through recorded changes, themselves included."""
    found = set(centres)
    while True:
        more = {move.origin for move in moves if move.to in found} - found
        if not more:
            return found
        found |= more
