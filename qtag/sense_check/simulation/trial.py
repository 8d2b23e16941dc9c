"""Run every method over many made-up AOs and count: false alarms, power, false discoveries, by size class."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from qtag.sense_check.comparison import calibrate
from qtag.sense_check.counts import Booleans, Floats, Integers, Settings
from qtag.sense_check.simulation.plain import PLAIN
from qtag.sense_check.simulation.worlds import INFLATIONS, SIZE_BOUNDS, SIZE_NAMES, Country, World, make_world

OURS = "ours"
METHODS = (OURS, *PLAIN)


@dataclass(frozen=True, slots=True)
class Line:
    """What one method did in one size class for one inflation. ``se`` is the standard error of ``power``.

    false_alarm      share of honest groups flagged
    power            share of inflated groups flagged (of honest ones where nothing was inflated)
    false_discovery  mean over the simulations of the share of false flags among the flags, 0 where none was raised
    """

    size_class: str
    shift: float
    share: float
    method: str
    false_alarm: float
    power: float
    false_discovery: float
    se: float


@dataclass(slots=True)
class Trial:
    """Everything seen of one kind of country: arrays over the rows of all simulations."""

    simulations: int
    run: list[Integers] = field(default_factory=list)
    kind: list[Integers] = field(default_factory=list)
    truth: list[Integers] = field(default_factory=list)
    flagged: list[Booleans] = field(default_factory=list)
    scores: dict[str, list[Floats]] = field(default_factory=lambda: {name: [] for name in PLAIN})

    def add(self, world: World, flagged: Booleans, number: int) -> None:
        size = world.now.counts.sum(axis=1)
        self.run.append(np.full(len(size), number))
        self.kind.append(np.searchsorted(np.array(SIZE_BOUNDS), size, side="right") - 1)
        self.truth.append(world.truth)
        self.flagged.append(flagged)
        for name, method in PLAIN.items():
            self.scores[name].append(method(world))


def run_trial(country: Country, simulations: int, seed: int, settings: Settings | None = None) -> Trial:
    """Simulate; the same seed gives the same figures."""
    chosen = settings or Settings()
    trial = Trial(simulations)
    for number, child in enumerate(np.random.SeedSequence(seed).spawn(simulations)):
        world = make_world(country, np.random.default_rng(child))
        trial.add(world, calibrate(world.now, world.history, chosen)[1].flagged, number)
    return trial


def tabulate(trial: Trial, inflated: bool = True) -> list[Line]:
    """One line for each size class, inflation and method; plain methods cut at the false-alarm rate of ours in the class."""
    run, kind, truth, ours = (np.concatenate(one) for one in (trial.run, trial.kind, trial.truth, trial.flagged))
    scores = {name: np.concatenate(parts) for name, parts in trial.scores.items()}
    lines = []
    for number, name in enumerate(SIZE_NAMES):
        rows = kind == number
        honest = rows & np.less(truth, 0)
        flags = {OURS: ours.astype(float)}
        alarms = int((ours & honest).sum())
        for method, score in scores.items():
            flags[method] = _cut(score, honest, alarms)
        for method in METHODS:
            false_discovery = _false_discovery(flags[method][rows], run[rows], truth[rows], trial.simulations)
            false_alarm = float(flags[method][honest].mean())
            kinds = enumerate(INFLATIONS) if inflated else [(-1, (0.0, 0.0))]
            for place, (shift, share) in kinds:
                chosen = rows & (truth == place)
                power, error = _share_of(flags[method][chosen], run[chosen])
                lines.append(Line(name, shift, share, method, false_alarm, power, false_discovery, error))
    return lines


def overall_false_discovery(trial: Trial, kind: int | None = None) -> tuple[float, float]:
    """Mean share of false flags of ours over whole runs (or one size class), and its standard error."""
    found = []
    for kinds, truth, flagged in zip(trial.kind, trial.truth, trial.flagged, strict=True):
        rows = flagged if kind is None else flagged & (kinds == kind)
        found.append((rows & (truth < 0)).sum() / max(rows.sum(), 1))
    return float(np.mean(found)), float(np.std(found, ddof=1) / np.sqrt(len(found))) if len(found) > 1 else 0.0


def _cut(score: Floats, honest: Booleans, alarms: int) -> Floats:
    """(rows,) 1 where flagged so that exactly ``alarms`` honest rows are; rows at the cut itself count in part."""
    if not alarms:
        # No alarm at all: whatever no honest row reaches.
        return (score > score[honest].max()).astype(float) if honest.any() else np.zeros(len(score))
    ordered = np.sort(score[honest])[::-1]
    cut = ordered[alarms - 1]
    above, at = int((ordered > cut).sum()), int((ordered == cut).sum())
    return np.where(score > cut, 1.0, np.where(score == cut, (alarms - above) / at, 0.0))


def _false_discovery(flags: Floats, run: Integers, truth: Integers, simulations: int) -> float:
    false = np.bincount(run, np.where(truth < 0, flags, 0.0), simulations)
    every = np.bincount(run, flags, simulations)
    return float(np.mean(np.where(every > 0, false / np.where(every > 0, every, 1.0), 0.0)))


def _share_of(flags: Floats, run: Integers) -> tuple[float, float]:
    """Share flagged, and its standard error over the simulations (never less than that of one flag more or less)."""
    if not len(flags):
        return 0.0, 1.0
    runs = np.unique(run)
    share = float(flags.mean())
    residual = np.bincount(run, flags - share)[runs]
    spread = float(np.sqrt((residual**2).sum()) / len(flags))
    return share, max(spread, 1.0 / len(flags))
