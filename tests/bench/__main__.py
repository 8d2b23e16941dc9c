"""`python -m tests.bench [ROW ...]`: a table on the screen, and bench-results.json."""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

from tests.bench import database, measure

# Row, and the largest ratio that is still good (of AT_LEAST the smallest).
BARS = {
    "page_my_work": 1.5,
    "page_claims_list": 1.5,
    "page_claim": 1.5,
    "page_catalogue_search": 1.5,
    "page_registrations": 1.5,
    "import_registrations_50k": 3.0,
    "import_registrations_50k_keyed": 1.5,
    "export_results_50k": 1.2,
    "certificate": 1.3,
    "combination_rules_10k": 10.0,
    "erac_round_trip_500": 2.0,
    "notices_1000": 1.5,
    "panel_queue_growth": 1.2,
    "sense_whole": 5.0,
    "sense_incremental": 0.01,
    "qtag_grid_500": 1.5,
    "qtag_save_cell": 2.0,
    "qtag_writers_50": 1.0,
    "eligibility_100k": 5.0,
}
# Of these the ratio should be at least the bar: what is done in a second, not what a thing costs.
AT_LEAST = {"qtag_writers_50"}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", nargs="*", choices=[*BARS, []], help="only these rows (default: all)")
    parser.add_argument("--output", type=Path, default=Path("bench-results.json"))
    parser.add_argument("--once", action="store_true", help="not at twice the size as well")
    parser.add_argument("--plain", action="store_true", help="pages beside a plain Django project")
    parser.add_argument("--runs", type=int, default=measure.RUNS, help="pairs of runs a row (default: %(default)s)")
    asked = parser.parse_args()
    measure.RUNS = max(1, asked.runs)
    database.prepare()
    import django

    django.setup()
    from tests.bench import (
        certificates,
        combinations,
        exports,
        imports,
        notices,
        pages,
        panel,
        qtags,
        sense_runs,
        workbooks,
    )

    wanted = set(asked.rows or BARS)
    sizes = (1,) if asked.once else (1, 2)
    results = []
    print(f"{'row':<31} {'size':<28} {'ours':>10} {'floor':>10} {'ratio':>7}  bar", flush=True)
    started = time.monotonic()
    for module in (pages, certificates, workbooks, exports, imports, combinations, notices, panel, sense_runs, qtags):
        if not wanted & module.NAMES:
            continue
        measured = pages.rows(wanted, sizes, asked.plain) if module is pages else module.rows(wanted, sizes)
        for row in measured:
            results.append(row)
            mark = _mark(row.name, row.ratio)
            print(
                f"{row.name:<31} {row.size:<28} {row.value:>7.2f} {row.unit:<2} {row.floor_value:>7.2f} {row.unit:<2} "
                f"{row.ratio:>7.3f}  {BARS[row.name]:g}{mark}",
                flush=True,
            )
    asked.output.write_text(json.dumps([row.as_dict() for row in results], indent=1) + "\n")
    print(f"{len(results)} rows in {time.monotonic() - started:.0f} s, written to {asked.output}.")
    database.empty()
    return 0


def _mark(name: str, ratio: float) -> str:
    if name in AT_LEAST:
        return "" if ratio >= BARS[name] else "  under"
    return "" if ratio <= BARS[name] else "  over"


if __name__ == "__main__":
    sys.exit(main())
