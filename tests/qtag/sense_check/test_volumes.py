"""Volumes of pass/fail and roll-on/roll-off qualifications."""

from __future__ import annotations

import numpy as np
import pytest

from qtag.sense_check.comparison import Standing
from qtag.sense_check.counts import SenseCheckError, Settings
from qtag.sense_check.volumes import Volumes, calibrate_volumes, compare_volumes, expected_sizes


def country(seed: int, centres: int = 120, groups: int = 5, shift: float = 1.0) -> Volumes:
    """Centres with Poisson volumes about their own level, three earlier years, yearly swings of a tenth."""
    random = np.random.default_rng(seed)
    rows = centres * groups
    level = np.exp(random.normal(3.5, 1.0, rows))
    swing = np.exp(random.normal(0.0, 0.1, (rows, 4)))
    counts = random.poisson(level[:, None] * swing * np.array([1, 1, 1, shift]))
    centre = np.repeat(np.arange(centres), groups)
    zeros = np.zeros(rows, dtype=np.int64)
    return Volumes(
        counts[:, 3], counts[:, :3], np.full(rows, 10.0), np.full((rows, 3), 10.0), centre, zeros, zeros, zeros > 0
    )


def test_sns_06_a_volume_that_doubled_is_flagged_and_others_are_not() -> None:
    volumes = country(1)
    row = int(np.argmax(volumes.now))
    volumes.now[row] *= 3
    found = calibrate_volumes(volumes, Settings())[1]
    assert found.flagged[row] and np.exp(found.effect[row]) == pytest.approx(3.0, rel=0.4)
    assert found.flagged.sum() <= 3


def test_sns_06_equal_rates_over_unequal_periods_are_no_difference() -> None:
    volumes = country(2)
    row = int(np.argmax(volumes.now))
    volumes.now[row] //= 2
    volumes.time[row] /= 2
    found = calibrate_volumes(volumes, Settings())[1]
    assert not found.flagged[row] and abs(found.effect[row]) < 0.5


def test_sns_06_what_is_expected_goes_by_the_length_of_the_period() -> None:
    volumes = country(2)
    whole = expected_sizes(volumes)
    volumes.time[5] /= 2
    volumes.time[6] = 0.0
    half = expected_sizes(volumes)
    assert half[5] == pytest.approx(whole[5] / 2) and half[6] == 0.0 and half[4] == whole[4]
    volumes.past_time[4] *= 2  # as many in twice the time: half of them in this year's
    assert expected_sizes(volumes)[4] == pytest.approx(whole[4] / 2)


def test_sns_06_a_fall_to_nought_can_be_flagged() -> None:
    volumes = country(3)
    row = int(np.argmax(volumes.past.sum(axis=1)))
    volumes.now[row] = 0
    found = calibrate_volumes(volumes, Settings())[1]
    assert found.flagged[row] and found.effect[row] < -2


def test_sns_06_what_doubled_everywhere_is_the_year_s() -> None:
    found = calibrate_volumes(country(4, shift=2.0), Settings())[1]
    compared = found.standing == Standing.COMPARED
    assert np.median(found.shift[compared]) == pytest.approx(np.log(2), abs=0.1)
    assert found.flagged.sum() <= 3


def test_sns_07_few_achievements_are_too_few() -> None:
    volumes = country(5)
    volumes.past[7] = [1, 1, 1]
    volumes.now[7] = 40
    found = calibrate_volumes(volumes, Settings())[1]
    assert found.standing[7] == Standing.TOO_FEW and not found.flagged[7]


def test_sns_04_no_earlier_period_is_no_baseline() -> None:
    volumes = country(6)
    volumes.past_time[9] = 0.0
    assert calibrate_volumes(volumes, Settings())[1].standing[9] == Standing.NO_BASELINE


def test_a_centre_alone_has_the_numbers_of_the_whole_run() -> None:
    volumes = country(7)
    calibration, whole = calibrate_volumes(volumes, Settings())
    rows = volumes.centre == 33
    alone = compare_volumes(volumes.take(rows), Settings(), calibration)
    for name in ("p", "effect", "confidence", "flagged"):
        assert np.array_equal(getattr(alone, name), getattr(whole, name)[rows])


def test_negative_volumes_are_refused() -> None:
    volumes = country(8, centres=2)
    with pytest.raises(SenseCheckError, match="negative"):
        Volumes(
            -volumes.now - 1, volumes.past, volumes.time, volumes.past_time, *[volumes.centre] * 3, volumes.on_stand_in
        )
