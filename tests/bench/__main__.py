"""`python -m tests.bench [ROW ...]`: a table on the screen, and bench-results.json."""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

from tests.bench import database

# Row, and the largest ratio that is still good.
BARS = {
    "page_my_work": 1.5,
    "page_claims_list": 1.5,
    "page_claim": 1.5,
    "page_catalogue_search": 1.5,
    "page_registrations": 1.5,
    "import_registrations_50k": 3.0,
    "export_results_50k": 1.2,
    "certificate": 1.3,
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", nargs="*", choices=[*BARS, []], help="only these rows (default: all)")
    parser.add_argument("--output", type=Path, default=Path("bench-results.json"))
    parser.add_argument("--once", action="store_true", help="not at twice the size as well")
    parser.add_argument("--plain", action="store_true", help="pages beside a plain Django project")
    asked = parser.parse_args()
    database.prepare()
    import django

    django.setup()
    from tests.bench import certificates, exports, imports, pages

    wanted = set(asked.rows or BARS)
    sizes = (1,) if asked.once else (1, 2)
    results = []
    print(f"{'row':<26} {'size':<28} {'ours':>10} {'floor':>10} {'ratio':>7}  bar", flush=True)
    started = time.monotonic()
    for module in (pages, certificates, exports, imports):
        if not wanted & module.NAMES:
            continue
        measured = pages.rows(wanted, sizes, asked.plain) if module is pages else module.rows(wanted, sizes)
        for row in measured:
            results.append(row)
            mark = "" if row.ratio <= BARS[row.name] else "  over"
            print(
                f"{row.name:<26} {row.size:<28} {row.value:>7.2f} {row.unit:<2} {row.floor_value:>7.2f} {row.unit:<2} "
                f"{row.ratio:>7.2f}  {BARS[row.name]:g}{mark}",
                flush=True,
            )
    asked.output.write_text(json.dumps([row.as_dict() for row in results], indent=1) + "\n")
    print(f"{len(results)} rows in {time.monotonic() - started:.0f} s, written to {asked.output}.")
    database.empty()
    return 0


if __name__ == "__main__":
    sys.exit(main())
