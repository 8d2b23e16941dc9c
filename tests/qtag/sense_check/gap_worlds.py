"""Made-up awarding organisations with groups of learners whose distances are known, and change only where it is said."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qtag.sense_check.calibration import Calibration
from qtag.sense_check.comparison import calibrate
from qtag.sense_check.counts import Booleans, Floats, GroupCounts, History, Integers, Settings
from qtag.sense_check.group_gaps import GapCells

NAMES = [("Disadvantaged", "Yes")]
_CUTS = np.array([-0.8, 0.1, 0.9])


@dataclass(frozen=True)
class GapWorld:
    """`changed` (rows,) where the group's distance moved this year."""

    cells: GapCells
    grades: Calibration
    changed: Booleans


def make_gap_world(
    seed: int, *, centres: int = 120, qualifications: int = 3, years: int = 3, restless: float = 0.06,
    everywhere: float = 0.0, somewhere: float = 0.0, share: float = 0.0, shift: float = 0.15,
) -> GapWorld:  # fmt: skip
    """Learner SDs: groups differ by centre about -0.3, their distance swings by `restless` between years, and so do centres.

    This year everybody moves by `shift`. `everywhere` is added to the distance at every centre, `somewhere` at a `share` of
    the rows. Groups have 6 to 60 learners, the others 8 to 120.
    """
    random = np.random.default_rng(seed)
    rows = centres * qualifications
    centre, qualification = np.repeat(np.arange(centres), qualifications), np.tile(np.arange(qualifications), centres)
    sizes = np.stack([random.integers(6, 60, rows), random.integers(8, 120, rows)], axis=1)
    level = random.normal(0, 0.3, rows)
    distance = np.repeat(random.normal(-0.3, 0.2, centres), qualifications) + random.normal(0, 0.1, rows)
    changed = random.random(rows) < share
    counts = np.zeros((rows, years + 1, 2, 4), dtype=np.int64)
    for year in range(years + 1):
        is_now = year == years
        moved = level + random.normal(0, 0.1, rows) + (shift if is_now else 0.05 * year)
        apart = distance + random.normal(0, restless, rows)
        if is_now:
            apart = apart + everywhere + somewhere * changed
        for side in (0, 1):
            latent = moved + (apart if side == 0 else 0.0)
            for row in range(rows):
                drawn = random.normal(latent[row], 1.0, sizes[row, side])
                counts[row, year, side] = np.bincount(np.searchsorted(_CUTS, drawn), minlength=4)
    return GapWorld(_cells(centre, qualification, counts), _grades(centre, qualification, counts), changed)


def _cells(centre: Integers, qualification: Integers, counts: Integers) -> GapCells:
    size = counts.sum(axis=3).astype(np.float64)
    mean: Floats = (counts * np.arange(counts.shape[3])).sum(axis=3) / np.maximum(size, 1.0)
    nobody = np.zeros(len(centre), dtype=np.int64)
    return GapCells(
        centre, qualification, nobody, nobody, size[:, -1], mean[:, -1], size[:, :-1], mean[:, :-1],
        (False,) * (counts.shape[1] - 1),
    )  # fmt: skip


def _grades(centre: Integers, qualification: Integers, counts: Integers) -> Calibration:
    together = counts.sum(axis=2)
    now = GroupCounts(together[:, -1], centre, qualification, np.zeros_like(centre))
    return calibrate(now, History(together[:, :-1], (False,) * (counts.shape[1] - 1)), Settings())[0]
