"""A made-up awarding organisation and what one whole run learnt about it, shared by the tests that only read it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from qtag.sense_check.calibration import Calibration
from qtag.sense_check.comparison import Comparisons, calibrate
from qtag.sense_check.counts import Settings
from qtag.sense_check.simulation.worlds import Country, World, make_world


@dataclass(frozen=True)
class Run:
    world: World
    settings: Settings
    calibration: Calibration
    comparisons: Comparisons


@pytest.fixture(scope="session")
def run() -> Run:
    world = make_world(Country(centres=120, groups=10), np.random.default_rng(7))
    settings = Settings()
    calibration, comparisons = calibrate(world.now, world.history, settings)
    return Run(world, settings, calibration, comparisons)
