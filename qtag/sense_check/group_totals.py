"""Groups of learners over many centres: the whole AO, a sector, a qualification (SNS-02, SNS-08).

Reads distances that a whole run has located (group_gaps.py) and adds them up. What is added up may be shown only if nothing that
follows from it by subtraction rests on few centres: docs/sense-check.md, "Groups of learners".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from scipy.stats import false_discovery_control
from scipy.stats import t as student

from qtag.sense_check.counts import Floats, Integers, Settings

#: Fewer centres than this, counted by what they contribute, say nothing about an AO, and would be told of themselves.
FEWEST_CENTRES = 10.0
#: Where qualifications stand that belong to none.
NO_SECTOR = "–"


class Cut(StrEnum):
    """Over what a row adds up."""

    WHOLE = "whole"
    SECTOR = "sector"
    QUALIFICATION = "qualification"


@dataclass(frozen=True, slots=True)
class Everywhere:
    """One group over many centres, in average steps of a grade. `effect` and what follows are None with too few centres.

    Of the whole AO every group is there; of a sector or a qualification only rows that may be shown. A row of a sector has its
    name, a row of a qualification its id as well.
    """

    group: int
    centres: int
    learners: int
    others: int
    gap: float
    effect: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    q: float | None = None
    flagged: bool = False
    sector: str = ""
    qualification: int | None = None

    @property
    def cut(self) -> Cut:
        return Cut.QUALIFICATION if self.qualification is not None else Cut.SECTOR if self.sector else Cut.WHOLE


@dataclass(frozen=True, slots=True)
class Distances:
    """Rows of one group, or of all: where they are, how much each says (`weight`), how far it moved, how far it is this year.

    size  (rows, 2) learners this year, the group's and the others'
    """

    group: Integers
    centre: Integers
    qualification: Integers
    size: Floats
    weight: Floats
    change: Floats
    gap: Floats

    def take(self, rows: Integers) -> Distances:
        return Distances(*(getattr(self, name)[rows] for name in self.__slots__))

    @property
    def effective(self) -> float:
        """How many centres this rests on, counted by what they contribute: 0 for none, and few where one outweighs the rest."""
        return _effective(self.centre, self.weight)


def _effective(centre: Integers, weight: Floats) -> float:
    if not len(centre):
        return 0.0
    _centres, place = np.unique(centre, return_inverse=True)
    of_centre = np.bincount(place, weight)
    return float(of_centre.sum() ** 2 / (of_centre**2).sum())


def add_up_groups(found: Distances, sectors: Mapping[int, str], settings: Settings) -> list[Everywhere]:
    """Rows by group: of the whole AO, of each sector, of each qualification. `sectors` by qualification.

    False flags are controlled by Benjamini-Hochberg over the rows of each cut, at the share that the AO promised.
    """
    rows = [one for mine in _by(found, found.group) for one in _of_group(mine, sectors, settings)]
    for cut in Cut:
        tested = [place for place, one in enumerate(rows) if one.cut == cut and one.p is not None]
        if tested:
            q = false_discovery_control([rows[place].p for place in tested], method="bh")
            for place, value in zip(tested, q.tolist(), strict=True):
                rows[place] = replace(rows[place], q=value, flagged=value <= settings.promised_false_discovery)
    return rows


def _of_group(mine: Distances, sectors: Mapping[int, str], settings: Settings) -> Iterator[Everywhere]:
    yield _added_up(mine, settings)
    of_sector: dict[str, list[Distances]] = {}
    for part in _by(mine, mine.qualification):
        of_sector.setdefault(sectors.get(int(part.qualification[0]), "") or NO_SECTOR, []).append(part)
    parts_of = sorted(of_sector.items())
    shown, told = choose_shown([parts for _name, parts in parts_of])
    for (name, parts), is_shown, of_parts in zip(parts_of, shown, told, strict=True):
        if is_shown:
            yield replace(_added_up(_joined(parts), settings), sector=name)
        for part, is_told in zip(parts, of_parts, strict=True):
            if is_told:
                yield replace(_added_up(part, settings), sector=name, qualification=int(part.qualification[0]))


def choose_shown(sectors: Sequence[Sequence[Distances]]) -> tuple[list[bool], list[list[bool]]]:
    """Which sectors and which of their qualifications to show beside the whole AO (SNS-08).

    sectors  of one group: for each sector its qualifications' rows, none of them empty
    Each that is shown rests on enough centres, and so does whatever is left over of a sector without its qualifications that are
    shown, and of the whole AO without all that is shown: no subtraction tells of few. Only sizes decide, never what was found.
    """
    shown, told = [], []
    for parts in sectors:
        is_shown = _joined(parts).effective >= FEWEST_CENTRES
        mine = [part.effective >= FEWEST_CENTRES for part in parts]
        if is_shown:
            _leave_enough(parts, mine)
        shown.append(is_shown)
        told.append(mine)
    if _joined([part for parts in sectors for part in parts]).effective >= FEWEST_CENTRES:
        _leave_enough_of_all(sectors, shown, told)
    return shown, told


def _leave_enough(parts: Sequence[Distances], mine: list[bool]) -> None:
    """Takes qualifications out of sight, the smallest first, until what is left over of their sector rests on enough."""
    while any(mine):
        rest = [part for part, is_told in zip(parts, mine, strict=True) if not is_told]
        if not rest or _joined(rest).effective >= FEWEST_CENTRES:
            return
        smallest = min((part.effective, place) for place, part in enumerate(parts) if mine[place])[1]
        mine[smallest] = False


def _leave_enough_of_all(sectors: Sequence[Sequence[Distances]], shown: list[bool], told: list[list[bool]]) -> None:
    """The same for the whole AO: out of sight goes the smallest sector, or qualification of a sector that is not shown."""
    while True:
        rest: list[Distances] = []
        candidates: list[tuple[float, int, int]] = []
        for number, parts in enumerate(sectors):
            if shown[number]:
                candidates.append((_joined(parts).effective, number, -1))
                continue
            rest += [part for part, is_told in zip(parts, told[number], strict=True) if not is_told]
            candidates += [(parts[one].effective, number, one) for one, is_told in enumerate(told[number]) if is_told]
        if not rest or not candidates or _joined(rest).effective >= FEWEST_CENTRES:
            return
        _size, number, one = min(candidates)
        if one >= 0:
            told[number][one] = False
        else:
            shown[number] = False


def _joined(parts: Sequence[Distances]) -> Distances:
    if len(parts) == 1:
        return parts[0]
    return Distances(*(np.concatenate([getattr(part, name) for part in parts]) for name in Distances.__slots__))


def _by(found: Distances, key: Integers) -> list[Distances]:
    """In parts of one key each, by key; rows keep their order."""
    order = np.argsort(key, kind="stable")
    starts = np.flatnonzero(np.diff(key[order])) + 1
    return [found.take(rows) for rows in np.split(order, starts) if len(rows)]


def _added_up(mine: Distances, settings: Settings) -> Everywhere:
    """The mean change of centres, judged by how centres differ among themselves, so that nothing about them is assumed."""
    centres, place = np.unique(mine.centre, return_inverse=True)
    of_centre = np.bincount(place, mine.weight)
    share = of_centre / of_centre.sum()
    means = np.bincount(place, mine.weight * mine.change) / of_centre
    learners, others = (int(total) for total in mine.size.sum(axis=0))
    now = float((mine.weight * mine.gap).sum() / mine.weight.sum())
    plain = Everywhere(int(mine.group[0]), len(centres), learners, others, now)
    effective = 1.0 / float((share**2).sum())
    if effective < FEWEST_CENTRES:
        return plain
    effect = float((share * means).sum())
    # Each centre's residual is made as large as it would be had the centre not pulled the mean towards itself.
    error = float(np.sqrt((share**2 * (means - effect) ** 2 / (1.0 - share)).sum()))
    if error == 0.0:
        return plain
    degrees = effective - 1.0
    wide = float(student.ppf(0.975, degrees)) * error
    beyond = max(abs(effect) - settings.smallest_difference, 0.0)
    p = 1.0 if beyond == 0.0 else float(2.0 * student.sf(beyond / error, degrees))
    return replace(plain, effect=effect, low=effect - wide, high=effect + wide, p=p)
