"""What other thresholds would flag, from the rows of a run that was made: close enough to choose by, quick enough to ask.

Levels, volatility and shifts stay as the run learnt them. Only what the thresholds decide is worked out anew: how much a
group counts, what is left of a difference beyond the smallest of concern, and the cuts. A whole run has the last word.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from qtag.sense_check import discovery
from qtag.sense_check.counts import Booleans, Floats, Settings

#: Half of a 95 % interval in standard deviations.
_HALF = 1.959963984540054


@dataclass(frozen=True, slots=True)
class StoredRows:
    """Rows of one level as a run stored them: arrays (rows,). `p` is only used where the smallest difference is 0.

    size, past_size  learners this year and in the past
    effect, low, high  this year's difference and its 95 % interval, in grades
    p  chance of such a difference; 1 where the run did not compare
    """

    size: Floats
    past_size: Floats
    effect: Floats
    low: Floats
    high: Floats
    p: Floats

    def __len__(self) -> int:
        return len(self.size)


def preview_flags(rows: StoredRows, settings: Settings) -> Booleans:
    """Which of the rows these settings would flag, as near as stored rows tell (SNS-07)."""
    if not len(rows):
        return np.zeros(0, dtype=bool)
    error = np.maximum((rows.high - rows.low) / (2 * _HALF), 1e-6)
    trust = discovery.confidence(rows.size, rows.past_size, error, settings)
    beyond = np.maximum(np.abs(rows.effect) - settings.smallest_difference, 0.0)
    by_interval = 2.0 * ndtr(-beyond / error)
    # The run's own p knows more than an interval does, while it answers the same question.
    p = rows.p if settings.smallest_difference == 0 else np.maximum(by_interval, rows.p)
    p = np.where(rows.p >= 1.0, by_interval, p)
    p = np.where((trust > 0) & (beyond > 0), p, 1.0)
    classes = discovery.size_class(rows.size, settings)
    return discovery.flag(p, trust, classes, discovery.find_cuts(p, trust, classes, settings))
