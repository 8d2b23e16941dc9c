"""Does the method learn what is true of made-up organisations, and keep its promise on them? Fixed seeds, wide margins."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from qtag.sense_check.comparison import Standing, calibrate
from qtag.sense_check.counts import Settings
from qtag.sense_check.simulation.trial import OURS, run_trial, tabulate
from qtag.sense_check.simulation.worlds import Country, make_world
from qtag.sense_check.volatility import RATIOS

SMALL = Country(centres=200, groups=10)


def test_chance_and_volatility_alone_give_small_p_as_often_as_they_say() -> None:
    p = []
    for seed in range(4):
        world = make_world(replace(SMALL, inflated=0.0), np.random.default_rng(seed))
        found = calibrate(world.now, world.history, Settings())[1]
        # Below 15 learners the exact distribution only looks at the far tail.
        p.append(found.p[(found.standing == Standing.COMPARED) & (found.size >= 15)])
    values = np.concatenate(p)
    # About 5,000 values: 5 % and 1 % with room for sampling error and for groups of a centre going together.
    assert 0.025 < (values < 0.05).mean() < 0.065
    assert 0.003 < (values < 0.01).mean() < 0.016


@pytest.mark.parametrize("volatility", [0.05, 0.2])
def test_the_volatility_of_centres_is_learnt(volatility: float) -> None:
    country = replace(SMALL, volatility=volatility, apart=0.0, within=0.0, inflated=0.0)
    world = make_world(country, np.random.default_rng(11))
    calibration = calibrate(world.now, world.history, Settings())[0]
    usual = float(np.exp(calibration.types @ np.log(RATIOS)))
    assert volatility / 1.6 < usual < volatility * 1.6


def test_a_volatile_centre_is_known_by_all_its_groups() -> None:
    world = make_world(replace(SMALL, apart=1.0, within=0.1), np.random.default_rng(5))
    found = calibrate(world.now, world.history, Settings())[1]
    mean = np.bincount(world.now.centre, found.ratio) / np.bincount(world.now.centre)
    assert np.quantile(mean, 0.9) > 2 * np.quantile(mean, 0.1)


def test_inflation_this_year_does_not_pass_for_volatility() -> None:
    """The same AO with and without inflation: what is learnt of volatility is the same to the last bit."""
    world = make_world(replace(SMALL, inflated=0.0), np.random.default_rng(5))
    raised = world.now.counts.copy()
    rows = world.now.centre < 20
    moved = raised[rows, 0].copy()
    raised[rows, 0] -= moved
    raised[rows, 3] += moved
    first = calibrate(world.now, world.history, Settings())[0]
    # The cut points of the scale read this year too; everything about volatility must hardly notice.
    second = calibrate(replace(world.now, counts=raised), world.history, Settings())[0]
    np.testing.assert_allclose(first.types, second.types, atol=0.05)
    assert first.spread == second.spread


def test_the_shift_of_the_year_is_told_from_the_centres_own() -> None:
    world = make_world(replace(SMALL, year_shift=0.4, inflated=0.2), np.random.default_rng(8))
    quiet = make_world(replace(SMALL, year_shift=0.4, inflated=0.0), np.random.default_rng(8))
    with_inflation = calibrate(world.now, world.history, Settings())[0].overall_shift[0]
    without = calibrate(quiet.now, quiet.history, Settings())[0].overall_shift[0]
    # One in five groups was raised by half a grade on average; hardly any of it may end up as everybody's shift.
    assert abs(with_inflation - without) < 0.1


def test_the_promise_and_the_plain_methods_at_small_scale() -> None:
    """A dozen AOs: false flags at most the promised share within sampling error, and never behind a plain method."""
    lines = tabulate(run_trial(replace(SMALL, centres=250), 12, seed=20))
    ours = {(line.size_class, line.shift, line.share): line for line in lines if line.method == OURS}
    for line in ours.values():
        if line.size_class == "1-4":
            assert line.power == line.false_alarm == 0.0
        assert line.false_discovery < 0.05 + 0.15
    for line in lines:
        if line.method != OURS and line.size_class not in ("1-4", "5-14"):
            best = ours[line.size_class, line.shift, line.share]
            assert best.power >= line.power - 3 * np.hypot(best.se, line.se)
    assert ours["150+", 1.0, 1.0].power > 0.3


def test_the_same_seed_gives_the_same_figures() -> None:
    country = replace(SMALL, centres=40)
    assert tabulate(run_trial(country, 2, seed=3)) == tabulate(run_trial(country, 2, seed=3))
    assert tabulate(run_trial(country, 2, seed=3)) != tabulate(run_trial(country, 2, seed=4))
