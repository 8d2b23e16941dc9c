"""Charts of invented figures."""

from __future__ import annotations

from awarding.ui.interval_chart import IntervalChart, IntervalRow
from awarding.ui.share_chart import Share, ShareChart
from awarding.ui.tables import Column, Table


def interval_example() -> IntervalChart:
    """A year above where its past leads to expect it."""
    rows = [
        IntervalRow("2018", 1.1, "1.10, 32 learners"),
        IntervalRow("2019", 1.3, "1.30, 34 learners"),
        IntervalRow("Expected", None, "0.95 to 1.55", 0.95, 1.55),
        IntervalRow("This year", 1.9, "1.90, 30 learners", is_main=True),
    ]
    figures = Table("Mean grades", [Column("Year"), Column("Mean", "numeric")], [(r.label, r.words) for r in rows])
    return IntervalChart(
        "This year beside earlier years", "This year lies above what earlier years lead to expect.", rows,
        [(0.0, "Pass"), (1.0, "Merit"), (2.0, "Distinction")], figures, "Expected this year", "This year", "Earlier years",
    )  # fmt: skip


def share_example() -> ShareChart:
    """Three grades, none of them at Pass this year."""
    shares = [Share("Distinction", 24, 18), Share("Merit", 6, 30), Share("Pass", 0, 18)]
    columns = [Column("Grade"), Column("This year", "numeric"), Column("Before", "numeric")]
    figures = Table("Grades", columns, [(s.label, s.now, s.before) for s in shares])
    return ShareChart(
        "Grades", "More Distinctions than before.", shares, figures, "This year", "Earlier years together"
    )
