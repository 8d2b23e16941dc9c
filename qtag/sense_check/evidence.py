"""How strong a row's evidence is, as a share of false flags: what orders a list, and what a setting would flag."""

from __future__ import annotations

import numpy as np

from qtag.sense_check import discovery
from qtag.sense_check.counts import Booleans, Floats, Integers, Settings

#: Places at which the ladder is read, p over confidence. Between two of them the weaker evidence is given.
_RUNGS: Floats = 10.0 ** np.arange(-16.0, 2.05, 0.05)


def find_ladder(p: Floats, trust: Floats, classes: Integers, settings: Settings) -> Floats:
    """(size classes, rungs) q-values of a whole run at fixed places: weighted Benjamini-Hochberg, adjusted, by size class.

    Stored with the calibration, so that one row's q-value can be looked up later without the other rows.
    """
    # A class of which the run had no row: the first one there is alone with its p-value.
    ladder = np.tile(np.minimum(_RUNGS, 1.0), (len(settings.size_bounds), 1))
    for number in range(len(ladder)):
        chosen = (classes == number) & (trust > 0)
        tests = int(chosen.sum())
        if not tests:
            continue
        weights = trust[chosen]
        found = np.searchsorted(np.sort(p[chosen] / weights), _RUNGS, side="right")
        raw = _RUNGS * weights.mean() * tests / np.maximum(found, 1)
        ladder[number] = np.minimum(np.minimum.accumulate(raw[::-1])[::-1], 1.0)
    return ladder


def q_values(p: Floats, trust: Floats, sizes: Floats, flagged: Booleans, ladder: Floats, settings: Settings) -> Floats:
    """(rows,) share of false flags if this row and all with stronger evidence were flagged; 1 where nothing is compared.

    A flagged row's never exceeds what was promised: the ladder is read on its weaker side.
    """
    classes = discovery.size_class(sizes, settings)
    usable = (classes >= 0) & (trust > 0)
    rung = np.searchsorted(_RUNGS, p / np.where(trust > 0, trust, 1.0), side="left")
    beyond = rung >= len(_RUNGS)
    q = ladder[np.maximum(classes, 0), np.minimum(rung, len(_RUNGS) - 1)]
    q = np.where(usable & ~beyond, q, 1.0)
    return np.where(flagged, np.minimum(q, settings.promised_false_discovery), q)
