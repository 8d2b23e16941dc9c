"""Wider views: like for like, without what is no longer offered."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from qtag.sense_check.comparison import calibrate
from qtag.sense_check.counts import GroupCounts, History, Settings
from qtag.sense_check.pooling import compare_pooled
from tests.qtag.sense_check.conftest import Run


def whole_centres(run: Run, **changes: object):
    now = run.world.now
    arguments = {"level": np.zeros(len(now), dtype=np.int64), "offered": np.ones(len(now), dtype=bool), **changes}
    return compare_pooled(
        now, run.world.history, arguments["level"], arguments["offered"], run.calibration, run.settings
    )[1]


def test_sns_02_every_centre_is_compared_as_a_whole(run: Run) -> None:
    pooled = whole_centres(run)
    assert pooled.centre.tolist() == sorted(set(run.world.now.centre.tolist()))
    rows = (run.world.now.centre == pooled.centre[3]) & (pooled.member_of >= 0)
    assert pooled.comparisons.size[3] == run.world.now.counts[rows].sum()


def test_sns_02_levels_part_a_centre(run: Run) -> None:
    level = run.world.now.stratum % 2
    pooled = whole_centres(run, level=level)
    assert set(pooled.level.tolist()) == {0, 1} and len(pooled.level) > 1.8 * len(set(pooled.centre.tolist()))


def test_sns_05_withdrawn_qualifications_stay_out(run: Run) -> None:
    withdrawn = run.world.now.stratum == 2
    pooled = whole_centres(run, offered=~withdrawn)
    assert (pooled.member_of[withdrawn] == -1).all()
    assert pooled.comparisons.size.sum() < whole_centres(run).comparisons.size.sum()


def test_sns_02_a_change_of_what_is_taught_is_no_change_of_standard() -> None:
    """Every centre moves from a low-graded qualification to a high-graded one; in each, grades stay what they were."""
    centres = 40
    low, high = [40, 30, 20, 10], [10, 20, 30, 40]
    past = np.array([[np.array(low) * 3, high]] * centres).reshape(2 * centres, 4)
    now = np.array([[low, np.array(high) * 3]] * centres).reshape(2 * centres, 4)
    centre = np.repeat(np.arange(centres), 2)
    group = GroupCounts(now, centre, np.tile([0, 1], centres), np.zeros(2 * centres, dtype=np.int64))
    history = History(np.stack([past, past], axis=1), (False, False))
    settings = Settings()
    calibration, _ = calibrate(group, history, settings)
    everything = np.zeros(2 * centres, dtype=np.int64)
    pooled = compare_pooled(group, history, everything, np.ones(2 * centres, dtype=bool), calibration, settings)[1]
    assert not pooled.comparisons.flagged.any()
    np.testing.assert_allclose(pooled.comparisons.effect, 0.0, atol=0.02)


def test_sns_02_a_centre_that_moved_a_little_everywhere_shows_as_a_whole(run: Run) -> None:
    """Too little in each group, plain in all of them together."""
    counts = run.world.now.counts.copy()
    rows = run.world.now.centre == 11
    sizes = counts[rows].sum(axis=1)
    assert sizes.sum() > 100
    moved = counts[rows, :3] // 2
    counts[rows, :3] -= moved
    counts[rows, 1:4] += moved
    changed = replace(run.world.now, counts=counts)
    everything, offered = np.zeros(len(counts), dtype=np.int64), np.ones(len(counts), dtype=bool)
    before = whole_centres(run).comparisons
    after = compare_pooled(changed, run.world.history, everything, offered, run.calibration, run.settings)[
        1
    ].comparisons
    assert after.p[11] < before.p[11] and after.effect[11] > before.effect[11] + 0.2
