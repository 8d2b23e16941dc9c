"""What goes in: how many learners had each grade this year and in each earlier series; and the AO's settings."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]
Integers: TypeAlias = npt.NDArray[np.int64]
Booleans: TypeAlias = npt.NDArray[np.bool_]

#: Goes up whenever the same input would give other numbers, so that a stored calibration is never read by other code.
METHOD_VERSION = 2


class SenseCheckError(ValueError):
    """The counts, the settings or the calibration cannot be used as given; the message says what and where."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What an awarding organisation decides. The defaults are those of docs/sense-check.md.

    promised_false_discovery  at most this share of flags, in every size class, where nothing but chance and volatility acts
    fewest_learners           fewer learners than this, now or in all past series together: too few to compare
    too_few                   harmonic size h up to which groups are too few to compare (SNS-07)
    full_confidence           harmonic size from which a comparison counts in full; between the two it tapers
    smallest_difference       in grades: differences up to this are no concern of the AO, however certain
    difference_sought         in grades: what a flag is meant to find. Groups that could hardly show it need stronger evidence
    size_bounds               lower ends of the size classes of this year's group; flags are promised within each class
    exact_up_to               where the smaller side has up to this many learners, the exact distribution decides too
    fewest_centres            fewer centres than this: the shift of the year cannot be told from the centres' own
    """

    promised_false_discovery: float = 0.05
    fewest_learners: int = 5
    too_few: float = 5.0
    full_confidence: float = 15.0
    smallest_difference: float = 0.0
    difference_sought: float = 0.5
    size_bounds: tuple[int, ...] = (5, 15, 30, 60, 150)
    exact_up_to: int = 29
    fewest_centres: int = 10

    def __post_init__(self) -> None:
        if not 0 < self.promised_false_discovery < 1:
            raise SenseCheckError("The promised share of false flags must lie between 0 and 1, such as 0.05.")
        if not 0 < self.too_few < self.full_confidence:
            raise SenseCheckError("Full confidence must begin above the size that is too few.")
        if self.smallest_difference < 0:
            raise SenseCheckError("The smallest difference of concern is in grades and cannot be negative.")
        if self.difference_sought <= 0:
            raise SenseCheckError("The difference sought is in grades and must be above 0, such as 0.5.")
        if list(self.size_bounds) != sorted(set(self.size_bounds)) or not self.size_bounds:
            raise SenseCheckError("Size classes need lower ends that rise, such as 5, 15, 30.")

    @property
    def digest(self) -> str:
        """Short name of these settings under this version of the method."""
        text = json.dumps([METHOD_VERSION, asdict(self)], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class GroupCounts:
    """This year's grades: one row for each group of learners of a centre.

    counts   (rows, grades) learners by grade, lowest grade first; unused places on the right stay 0
    centre   (rows,) number of the centre; all rows of a centre belong in one call, they share its volatility
    stratum  (rows,) groups on one grade scale that share the shift of the year: a qualification, or sector x level x suite
    like     (rows,) class of like centres (its type, say), whose volatility stands in for a short history
    """

    counts: Integers
    centre: Integers
    stratum: Integers
    like: Integers

    def __post_init__(self) -> None:
        _check_counts(self.counts, 2, "This year's counts")
        for name in ("centre", "stratum", "like"):
            if getattr(self, name).shape != (len(self.counts),):
                raise SenseCheckError(f"{name} needs one number for each of the {len(self.counts)} rows of counts.")

    def __len__(self) -> int:
        return len(self.counts)

    def take(self, rows: Any) -> GroupCounts:
        """These rows alone (index or mask)."""
        return GroupCounts(self.counts[rows], self.centre[rows], self.stratum[rows], self.like[rows])


@dataclass(frozen=True, slots=True)
class History:
    """Earlier grades in the same rows.

    counts    (rows, series, grades) learners by grade; a series without learners is all 0
    stand_in  one mark for each series: True where grades rest on another principle, as in 2020. Such a series counts
              only in rows where no other has any learner (SNS-03)
    """

    counts: Integers
    stand_in: tuple[bool, ...]

    def __post_init__(self) -> None:
        _check_counts(self.counts, 3, "The counts of earlier series")
        if len(self.stand_in) != self.counts.shape[1]:
            raise SenseCheckError(f"stand_in needs one mark for each of the {self.counts.shape[1]} series.")

    def take(self, rows: Any) -> History:
        """These rows alone (index or mask)."""
        return History(self.counts[rows], self.stand_in)


@dataclass(frozen=True, slots=True)
class Summaries:
    """What the comparison needs of the counts. Lists run over series, arrays over rows.

    size, mean, squares  learners, mean score in grades, sum of squares about the mean: this year's
    past_size, past_mean, past_squares  the same for each earlier series that counts; size 0 where none does
    on_stand_in          rows compared with a series of another principle (SNS-03)
    """

    size: Floats
    mean: Floats
    squares: Floats
    past_size: list[Floats]
    past_mean: list[Floats]
    past_squares: list[Floats]
    on_stand_in: Booleans

    @property
    def past_total(self) -> Floats:
        return add_up(self.past_size)


def summarise(now: GroupCounts, history: History) -> Summaries:
    """Sizes and means of every row; a stand-in series is left out wherever an examined one exists (SNS-03)."""
    if history.counts.shape[0] != len(now) or history.counts.shape[2] != now.counts.shape[1]:
        raise SenseCheckError("This year's counts and the earlier ones need the same rows and the same grades.")
    size, mean, squares = _moments(now.counts)
    series = [_moments(history.counts[:, place]) for place in range(history.counts.shape[1])]
    examined = np.zeros(len(now), dtype=bool)
    for (learners, _, _), stands_in in zip(series, history.stand_in, strict=True):
        if not stands_in:
            examined |= learners > 0
    on_stand_in = np.zeros(len(now), dtype=bool)
    past_size = []
    for (learners, _, _), stands_in in zip(series, history.stand_in, strict=True):
        counting = ~examined if stands_in else np.ones(len(now), dtype=bool)
        past_size.append(np.where(counting, learners, 0.0))
        if stands_in:
            on_stand_in |= counting & (learners > 0)
    return Summaries(
        size, mean, squares, past_size, [one[1] for one in series],
        [np.where(used > 0, one[2], 0.0) for used, one in zip(past_size, series, strict=True)], on_stand_in,
    )  # fmt: skip


def without_stand_ins(past: Floats, stand_in: Sequence[bool]) -> tuple[Floats, Booleans]:
    """(rows, series) what is there of each earlier series: 0 in those of another principle where an examined one has anything.

    And (rows,) whether all that is left rests on another principle (SNS-03).
    """
    apart = np.array(stand_in, dtype=bool)
    examined = np.asarray((past[:, ~apart] > 0).any(axis=1))
    used = np.where(examined[:, None] & apart[None, :], 0.0, past)
    return used, np.asarray(~examined & (used > 0).any(axis=1))


def counted_history(history: History, summaries: Summaries) -> Integers:
    """(rows, grades) all earlier learners that count, the series put together."""
    total = np.zeros((history.counts.shape[0], history.counts.shape[2]), dtype=np.int64)
    for place, learners in enumerate(summaries.past_size):
        total += np.where((learners > 0)[:, None], history.counts[:, place], 0)
    return total


def add_up(columns: list[Floats]) -> Floats:
    """Sum of the columns, always in this order, so that a row's numbers never depend on the rows around it."""
    total = np.zeros_like(columns[0])
    for column in columns:
        total = total + column
    return total


def _moments(counts: Integers) -> tuple[Floats, Floats, Floats]:
    scores = np.arange(counts.shape[1], dtype=np.float64)
    # Whole numbers far below 2**53: these products are exact, whichever way they are added up.
    sums = counts.astype(np.float64) @ np.stack([np.ones_like(scores), scores, scores**2], axis=1)
    size = np.ascontiguousarray(sums[:, 0])
    safe = np.where(size > 0, size, 1.0)
    mean = sums[:, 1] / safe
    squares = np.maximum(sums[:, 2] - sums[:, 1] * mean, 0.0)
    return size, mean, squares


def _check_counts(counts: Integers, dimensions: int, name: str) -> None:
    if counts.ndim != dimensions:
        raise SenseCheckError(f"{name} must have {dimensions} dimensions, not {counts.ndim}.")
    if not np.issubdtype(counts.dtype, np.integer):
        raise SenseCheckError(f"{name} must be whole numbers of learners.")
    if counts.size and counts.min() < 0:
        raise SenseCheckError(f"{name} hold a negative number of learners.")
