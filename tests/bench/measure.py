"""Fair pairs: the portal and its floor by turns, so that a busy machine disturbs both alike."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

RUNS = 5
# A row that takes long is repeated less: five pairs of the longest would be a third of the whole bench.
PATIENCE, FEWEST = 60.0, 3


@dataclass(frozen=True)
class Row:
    """One line of the table: `ratio` is the median of the pairs' ratios; `value` and what stood beside it are medians."""

    name: str
    value: float
    unit: str
    floor: str
    ratio: float
    size: str
    floor_value: float

    def as_dict(self) -> dict[str, object]:
        return {
            "name": self.name,
            "value": round(self.value, 4),
            "unit": self.unit,
            "floor": f"{self.floor}: {self.floor_value:.4g} {self.unit}",
            "ratio": round(self.ratio, 3),
            "size": self.size,
        }


def spent(work: Callable[[], object], clock: Callable[[], float]) -> float:
    gc.collect()
    before = clock()
    work()
    return clock() - before


def compare(
    name: str,
    ours: Callable[[], object],
    floor: Callable[[], object],
    *,
    beside: str,
    size: str,
    unit: str = "s",
    each: int = 1,
    clock: Callable[[], float] = time.perf_counter,
    after: Callable[[], object] = lambda: None,
    after_floor: Callable[[], object] = lambda: None,
) -> Row:
    """Runs both by turns, `RUNS` times after one warm-up (`FEWEST` once `PATIENCE` seconds are over), changing who begins.

    A run does `each` pieces of work; values are per piece, in seconds or (unit "ms") milliseconds. `after` puts things
    back after every run of ours, `after_floor` after the floor's, outside the clock.
    """
    scale = (1000 if unit == "ms" else 1) / each
    ours(), after(), floor(), after_floor()
    pairs: list[tuple[float, float]] = []
    started = time.monotonic()
    for number in range(RUNS):
        if number >= FEWEST and time.monotonic() - started > PATIENCE:
            break
        first_ours = number % 2 == 0
        a = spent(ours if first_ours else floor, clock)
        after() if first_ours else after_floor()
        b = spent(floor if first_ours else ours, clock)
        after_floor() if first_ours else after()
        pairs.append((a, b) if first_ours else (b, a))
    return Row(
        name=name,
        value=statistics.median(mine for mine, _ in pairs) * scale,
        unit=unit,
        floor=beside,
        ratio=statistics.median(mine / theirs for mine, theirs in pairs),
        size=size,
        floor_value=statistics.median(theirs for _, theirs in pairs) * scale,
    )
