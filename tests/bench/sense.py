"""`make bench-sense`: the sense check beside plain methods where the truth is known."""

from __future__ import annotations

import sys

from qtag.sense_check.simulation.run import main

if __name__ == "__main__":
    sys.exit(main())
