"""Grades seen as a latent scale cut into pieces: where everybody moves by the same amount, means near the top move less.

A group's location is where a normal population of SD 1, cut at its stratum's cut points, has the group's mean score.
Shifts of a year and volatility add up on this scale and nowhere near do so on means; what people read is turned back
into grades.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from qtag.sense_check.counts import Booleans, Floats, Integers

#: Locations are looked up on this grid.
_GRID = np.linspace(-5.0, 5.0, 401)
#: A cut that everybody or nobody passes.
_FAR = 9.0
#: Centres of a stratum differ, so the cuts of one centre's population lie a little wider than the pooled ones.
_WIDER = 1.1
#: Half a learner at the stratum's middle keeps the location of a group finite when all have the top grade.
_LENT = 0.5
_LEAST_SLOPE = 0.05


def find_cuts(counts: Integers, stratum: Integers, strata: int) -> Floats:
    """(strata, grades - 1) cut points; counts (rows, grades) of all years together."""
    total = np.zeros((strata, counts.shape[1]))
    np.add.at(total, stratum, counts)
    from_here = np.cumsum(total[:, ::-1], axis=1)[:, ::-1]
    share = from_here[:, 1:] / np.maximum(from_here[:, :1], 1.0)
    return np.asarray(np.clip(ndtri(1.0 - share) * _WIDER, -_FAR, _FAR))


@dataclass(frozen=True, slots=True)
class Scales:
    """The scale of each row: ``cuts`` (strata, grades - 1), ``stratum`` (rows,) place of the row's own."""

    cuts: Floats
    stratum: Integers

    def grades_used(self) -> Booleans:
        """(rows, grades) grades that exist on the row's scale: those that anybody of its stratum ever had, and all below."""
        used = self.cuts[self.stratum] < _FAR
        return np.concatenate([np.ones((len(used), 1), dtype=bool), used], axis=1)

    def locate(self, mean: Floats, size: Floats) -> Floats:
        """Location of groups with this mean score (grades) and size."""
        tables = _means(self.cuts)
        middle = tables[:, len(_GRID) // 2][self.stratum]
        shrunk = (mean * size + _LENT * middle) / (size + _LENT)
        found = np.zeros_like(mean)
        for number, rows in self._by_stratum():
            table = tables[number]
            # Flat ends and scales with one grade have no inverse; the smallest rise gives them one.
            found[rows] = np.interp(shrunk[rows], table + np.arange(len(_GRID)) * 1e-12, _GRID)
        return found

    def mean_at(self, location: Floats) -> Floats:
        """Mean score (grades) at a location."""
        return self._look_up(_means(self.cuts), location)

    def slope_at(self, location: Floats) -> Floats:
        """Grades that the mean moves for each learner SD, at a location."""
        slopes = np.exp(-0.5 * (_GRID[None, :, None] - self.cuts[:, None, :]) ** 2).sum(axis=2) / np.sqrt(2 * np.pi)
        return np.maximum(self._look_up(slopes, location), _LEAST_SLOPE)

    def variance_at(self, location: Floats) -> Floats:
        """Variance of learners' scores (grades squared) at a location."""
        passed = ndtr(_GRID[None, :, None] - self.cuts[:, None, :])
        squares = (passed * (2.0 * np.arange(1, self.cuts.shape[1] + 1) - 1.0)).sum(axis=2)
        return np.maximum(self._look_up(squares - passed.sum(axis=2) ** 2, location), 1e-4)

    def _look_up(self, tables: Floats, location: Floats) -> Floats:
        found = np.zeros_like(location)
        for number, rows in self._by_stratum():
            found[rows] = np.interp(location[rows], _GRID, tables[number])
        return found

    def _by_stratum(self) -> list[tuple[int, Integers]]:
        if not len(self.stratum):
            return []
        order = np.argsort(self.stratum, kind="stable")
        numbers, first = np.unique(self.stratum[order], return_index=True)
        return list(zip(numbers.tolist(), np.split(order, first[1:]), strict=True))


def _means(cuts: Floats) -> Floats:
    return np.asarray(ndtr(_GRID[None, :, None] - cuts[:, None, :]).sum(axis=2))
