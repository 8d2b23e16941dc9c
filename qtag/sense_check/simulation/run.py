"""`make bench-sense`: print what the sense check and the plain methods find where the truth is known; write the figures."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, replace
from pathlib import Path

from qtag.sense_check.counts import Settings
from qtag.sense_check.simulation.trial import METHODS, Line, Trial, overall_false_discovery, run_trial, tabulate
from qtag.sense_check.simulation.worlds import INFLATIONS, SIZE_NAMES, Country

SEED = 20210810
SIMULATIONS = 60
#: Half-width of a 95 % interval in standard errors.
_WIDE = 1.96
_COUNTRY = Country()
#: What is printed besides the main country, so that nobody takes one made-up country for all of them.
_OTHERS = {
    "Every centre equally volatile": (replace(_COUNTRY, apart=0.0, within=0.0), True),
    "Yearly swings with heavy tails (Student, 4 degrees of freedom): not what the model assumes": (
        replace(_COUNTRY, shock=4.0), True,
    ),
    "A year-wide shift three times as large": (replace(_COUNTRY, year_shift=0.75), True),
}  # fmt: skip


def main(simulations: int = SIMULATIONS, target: Path = Path("bench-sense.json"), seed: int = SEED) -> int:
    """Simulate, print, write ``target``. The same seed gives the same figures."""
    started = time.monotonic()
    settings = Settings()
    print(f"Seed {seed}. {simulations} made-up AOs of {_COUNTRY.centres} centres x {_COUNTRY.groups} groups each.")
    print(
        "Plain methods are cut at the false-alarm rate of ours in each size class; the AO's shift is taken off for them."
    )
    main_trial = run_trial(_COUNTRY, simulations, seed, settings)
    lines = tabulate(main_trial)
    _show("Centres differ in volatility (the figures of bench-sense.json)", main_trial, lines)
    quiet = run_trial(replace(_COUNTRY, inflated=0.0), simulations, seed + 1, settings)
    quiet_lines = tabulate(quiet, inflated=False)
    _show_quiet(quiet)
    for number, (title, (country, inflated)) in enumerate(_OTHERS.items()):
        trial = run_trial(country, max(simulations // 3, 2), seed + 2 + number, settings)
        _show(title, trial, tabulate(trial, inflated))
    written = {
        "seed": seed,
        "simulations": simulations,
        "promised_false_discovery": settings.promised_false_discovery,
        "rows": [asdict(line) for line in quiet_lines + lines],
    }
    target.write_text(json.dumps(written, indent=1) + "\n", encoding="utf-8")
    print(f"\nWrote {target.name} after {time.monotonic() - started:.0f} s.")
    return 0


def _show(title: str, trial: Trial, lines: list[Line]) -> None:
    print(f"\n== {title}")
    head = " ".join(f"{shift:.2f}x{share:.1f}".rjust(13) for shift, share in INFLATIONS)
    print(f"{'':7} {'':18} {'false':>9} {'false':>10}  power by grades raised x share of the cohort, +- 95 %")
    print(f"{'size':7} {'method':18} {'alarms':>9} {'flags':>10}  {head}")
    for number, name in enumerate(SIZE_NAMES):
        for method in METHODS:
            chosen = [line for line in lines if line.size_class == name and line.method == method]
            powers = " ".join(f"{100 * line.power:6.1f}+-{100 * _WIDE * line.se:4.1f}%" for line in chosen)
            first = chosen[0]
            flags = f"{100 * first.false_discovery:8.1f} %"
            print(f"{name:7} {method:18} {100 * first.false_alarm:8.3f}% {flags:>10}  {powers}")
        share, error = overall_false_discovery(trial, number)
        print(f"{'':7} ours: {100 * share:.1f} % of flags false, +- {100 * _WIDE * error:.1f}")
    share, error = overall_false_discovery(trial)
    print(f"All sizes together, ours: {100 * share:.1f} % of flags false, +- {100 * _WIDE * error:.1f} (95 %).")


def _show_quiet(trial: Trial) -> None:
    print("\n== Nothing slipped anywhere: every flag is false; share of AOs with any flag, by size class")
    for number, name in enumerate(SIZE_NAMES):
        share, error = overall_false_discovery(trial, number)
        print(f"{name:7} {100 * share:5.1f} % +- {100 * _WIDE * error:.1f}")
