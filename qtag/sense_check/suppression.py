"""Small numbers kept from view, in a way that subtracting what is shown from the totals cannot undo (SNS-08)."""

from __future__ import annotations

import numpy as np
from scipy.optimize import linprog

from qtag.sense_check.counts import Booleans, Floats, Integers, SenseCheckError


def hide_small_groups(counts: Integers, fewest: int = 5) -> Booleans:
    """Which cells of a table of learners to hide when its totals by row and by column are shown beside it (SNS-08).

    counts (groups, columns). Hidden are cells from 1 to ``fewest`` - 1, and as many others as it takes so that nobody
    who knows the shown cells and every total can tell any hidden small cell to within ``fewest`` learners. Everything
    computed from a hidden cell (a mean, a share, a bar) must be hidden with it. Nought is shown: it concerns nobody.
    A table of a single column or row has totals one way only.
    A column whose own total is small is hidden whole, nought included: who knows the total from elsewhere would know a cell
    from the noughts beside it. Where hiding everything else would not do, either, everything but the noughts of columns
    without a small cell is hidden, and the totals must be too: ``totals_may_be_shown`` says so.
    """
    if counts.ndim != 2 or (counts.size and counts.min() < 0):
        raise SenseCheckError("The table must have groups down, columns across and no negative number.")
    hidden = np.zeros(counts.shape, dtype=bool)
    totals = counts.sum(axis=0)
    is_small = (totals > 0) & (totals < fewest)
    hidden[:, is_small] = True
    hidden[:, ~is_small] = _hide(counts[:, ~is_small], fewest)
    return hidden


def _hide(counts: Integers, fewest: int) -> Booleans:
    small = (counts > 0) & (counts < fewest)
    hidden = small.copy()
    while True:
        exposed = _exposed(counts, hidden, small, fewest)
        if not exposed.any():
            return hidden
        further = _next_to_hide(counts, hidden, exposed)
        if further is None:
            return np.asarray((counts > 0) | np.asarray(small.any(axis=0))[None, :])
        hidden[further] = True


def totals_may_be_shown(counts: Integers, hidden: Booleans, fewest: int = 5) -> bool:
    """False where the totals would give away a small cell whatever is hidden."""
    small = np.asarray((counts > 0) & (counts < fewest))
    return not _exposed(counts, hidden, small, fewest).any()


def feasible_range(counts: Integers, hidden: Booleans, cell: tuple[int, int]) -> tuple[float, float]:
    """Least and most learners that a hidden cell can have, to a reader who knows the rest and all totals."""
    cells = np.argwhere(hidden)
    target = (cells == cell).all(axis=1).astype(float)
    equations, totals = _equations(counts, hidden, cells)
    bounds = [linprog(sign * target, A_eq=equations, b_eq=totals, method="highs") for sign in (1.0, -1.0)]
    if not all(found.success for found in bounds):
        raise SenseCheckError("The table contradicts its own totals.")
    return float(bounds[0].fun), float(-bounds[1].fun)


def _exposed(counts: Integers, hidden: Booleans, small: Booleans, fewest: int) -> Booleans:
    exposed = np.zeros_like(hidden)
    for row, column in np.argwhere(small & hidden):
        least, most = feasible_range(counts, hidden, (row, column))
        exposed[row, column] = most - least < fewest - 1e-6
    return exposed


def _next_to_hide(counts: Integers, hidden: Booleans, exposed: Booleans) -> tuple[int, int] | None:
    """The smallest cell still shown in a row or column that gives a hidden one away; the next smallest anywhere else."""
    near = np.asarray(exposed.any(axis=1))[:, None] | np.asarray(exposed.any(axis=0))[None, :]
    shown = ~hidden & (counts > 0)
    for candidates in (near & shown, shown):
        if candidates.any():
            smallest = np.where(candidates, counts, np.iinfo(np.int64).max).argmin()
            row, column = np.unravel_index(smallest, counts.shape)
            return int(row), int(column)
    return None


def _equations(counts: Integers, hidden: Booleans, cells: Integers) -> tuple[Floats, Floats]:
    equations, totals = [], []
    for axis, length in ((0, counts.shape[0]), (1, counts.shape[1])):
        if counts.shape[1 - axis] == 1:
            # The total of a single cell would be the cell itself.
            continue
        for place in range(length):
            chosen = cells[:, axis] == place
            if chosen.any():
                equations.append(chosen.astype(float))
                totals.append(float(np.where(hidden, counts, 0).take(place, axis=axis).sum()))
    return np.array(equations).reshape(-1, len(cells)), np.array(totals)
