"""Pass/fail and roll-on/roll-off qualifications: how many achieved in an equivalent period, not a profile of grades (SNS-06).

The same model on logarithms of rates: chance makes counts vary as Poisson counts do, volatility makes years differ more.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.special import bdtr, expit, logit

from qtag.sense_check import discovery, volatility
from qtag.sense_check.calibration import Calibration
from qtag.sense_check.comparison import Comparisons, collect
from qtag.sense_check.counts import Booleans, Floats, Integers, SenseCheckError, Settings
from qtag.sense_check.engine import Expected, Judged, Rows, estimate, expect, judge, widened

#: What a flag is meant to find: half as many again, or a third fewer.
_SOUGHT = float(np.log(1.5))
_REMARKABLE = 0.02
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(7)
_WEIGHTS = _WEIGHTS / _WEIGHTS.sum()


@dataclass(frozen=True, slots=True)
class Volumes:
    """Achievements of each row (a centre's qualification) now and in earlier periods.

    now, past          (rows,) and (rows, series) learners who achieved
    time, past_time    the same shapes: how long the period was, in any unit (weeks, say); 0 where there is no period
    centre, stratum, like  as in GroupCounts
    on_stand_in        (rows,) a mark: the earlier periods rest on another principle (SNS-03)
    """

    now: Integers
    past: Integers
    time: Floats
    past_time: Floats
    centre: Integers
    stratum: Integers
    like: Integers
    on_stand_in: Booleans

    def __post_init__(self) -> None:
        if self.past.shape != self.past_time.shape or len(self.past) != len(self.now):
            raise SenseCheckError("Earlier volumes and their periods need the same rows and series.")
        if (self.now < 0).any() or (self.past < 0).any() or (self.time < 0).any() or (self.past_time < 0).any():
            raise SenseCheckError("Volumes and periods cannot be negative.")

    def __len__(self) -> int:
        return len(self.now)

    def take(self, rows: Any) -> Volumes:
        """These rows alone (index or mask)."""
        return Volumes(*(getattr(self, name)[rows] for name in self.__slots__))


def calibrate_volumes(volumes: Volumes, settings: Settings) -> tuple[Calibration, Comparisons]:
    """A whole run over volumes; its calibration is its own, separate from that of grades."""
    chosen = replace(settings, difference_sought=_SOUGHT, smallest_difference=0.0)
    rows = _rows(volumes)
    calibration, expected = estimate(rows, chosen)
    compared = _compare(volumes, rows, expected, chosen, calibration)
    classes = discovery.size_class(rows.size, chosen)
    cuts = discovery.find_cuts(compared.p, compared.confidence, classes, chosen)
    calibration = replace(calibration, cuts=cuts)
    return calibration, replace(compared, flagged=discovery.flag(compared.p, compared.confidence, classes, cuts))


def compare_volumes(volumes: Volumes, settings: Settings, calibration: Calibration | None = None) -> Comparisons:
    """Compare volumes with equivalent earlier periods (SNS-06); whole centres at a time, as in ``compare_groups``.

    Means are learners per unit of time as natural logarithms, effects logarithms of a ratio: exp(effect) = 1.5 says half
    as many again as expected. Whether a volume can be compared is judged by what was expected, so a fall to nought counts.
    """
    if calibration is None:
        return calibrate_volumes(volumes, settings)[1]
    chosen = replace(settings, difference_sought=_SOUGHT, smallest_difference=0.0)
    if calibration.settings_digest != chosen.digest:
        raise SenseCheckError("The settings changed since this calibration was made. Run the whole check again.")
    rows = _rows(volumes)
    return _compare(volumes, rows, expect(rows, calibration), chosen, calibration)


def _rows(volumes: Volumes) -> Rows:
    total, total_time = volumes.past.sum(axis=1), volumes.past_time.sum(axis=1)
    rate = (total + 0.5) / np.where(total_time > 0, total_time, 1.0)
    # Half a learner keeps the logarithm of nought finite. Sizes come from the expected count, never from this year's.
    size = np.where(volumes.time > 0, np.maximum(rate * volumes.time, 0.5), 0.0)
    past_size, past_mean = [], []
    for year in range(volumes.past.shape[1]):
        time = volumes.past_time[:, year]
        past_size.append(np.where(time > 0, np.maximum(rate * time, 0.5), 0.0))
        past_mean.append(_log_rate(volumes.past[:, year], time))
    ones = np.ones(len(volumes))
    return Rows(
        size, _log_rate(volumes.now, volumes.time), past_size, past_mean, ones, volumes.on_stand_in,
        volumes.centre, volumes.stratum, volumes.like,
    )  # fmt: skip


def _log_rate(count: Integers, time: Floats) -> Floats:
    return np.where(time > 0, np.log((count + 0.5) / np.where(time > 0, time, 1.0)), 0.0)


def _compare(
    volumes: Volumes, rows: Rows, expected: Expected, settings: Settings, calibration: Calibration
) -> Comparisons:
    judged = judge(rows, expected, calibration)
    past = np.where(rows.past_total > 0, volumes.past.sum(axis=1), 0).astype(np.float64)
    trust = discovery.confidence(rows.size, past, judged.error, settings)
    p = judged.p
    few = np.minimum(np.minimum(volumes.now, past), rows.size) <= settings.exact_up_to
    small = few & (trust > 0) & (p < _REMARKABLE)
    if small.any():
        p = p.copy()
        p[small] = _exact_p(volumes, rows, expected, judged, small, calibration)
    found = collect(rows, expected, judged, np.where(trust > 0, p, 1.0), trust, settings, calibration)
    return replace(found, size=volumes.now.astype(np.float64), past_size=past)


def _exact_p(
    volumes: Volumes, rows: Rows, expected: Expected, judged: Judged, small: Booleans, calibration: Calibration
) -> Floats:
    """Given the total over all periods, this year's part is binomial; shift and volatility move its odds."""
    now, past, periods = volumes.now[small], volumes.past[small].sum(axis=1), volumes.past_time[small]
    whole = periods.sum(axis=1)
    moved = ((periods / whole[:, None]) ** 2).sum(axis=1)
    centre = logit(volumes.time[small] / (volumes.time[small] + whole)) + judged.shift[small]
    sd = volatility.RATIOS[None, :] * np.sqrt(1.0 + moved)[:, None]
    odds = centre[:, None, None] + sd[:, :, None] * _NODES
    chance = expit(odds).reshape(len(now), -1)
    weight = np.stack([column[small] for column in expected.weights], axis=1)
    weights = (weight[:, :, None] * _WEIGHTS).reshape(len(now), -1)
    total = (now + past)[:, None]
    upto = bdtr(now[:, None].astype(np.float64), total, chance)
    before = np.where(now[:, None] > 0, bdtr(np.maximum(now - 1, 0)[:, None].astype(np.float64), total, chance), 0.0)
    low = (0.5 * (upto + before) * weights).sum(axis=1)
    return widened(np.clip(2.0 * np.minimum(low, 1.0 - low), 0.0, 1.0), calibration.tail)


def expected_sizes(volumes: Volumes) -> Floats:
    """(rows,) how many were expected to achieve, which decides a row's size class; 0 where there is no period."""
    return _rows(volumes).size
