"""Values on one scale, some of them with an interval, as inline SVG: marks differ in shape, so that grey is enough."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from awarding.ui.tables import Table

ROW_STEP = 46
#: What a line with a note is taller by.
NOTE_STEP = 20
LABEL_BASELINE = 16
MARK_MIDDLE = 30
AXIS_HEIGHT = 30
#: Marks at either end of the scale keep this share of the width (per cent) to the edge.
MARGIN = 4.0


@dataclass(frozen=True, slots=True)
class IntervalRow:
    """One line of the chart. `value` is None where only the interval is known; `low` and `high` are both given or neither.

    `words` stand beside the label: the figures, since nobody should have to measure. `is_main` marks what it is about.
    A `note` has a line of its own under both: beside the label it would push the figures out of a telephone's sight.
    """

    label: str
    value: float | None
    words: str
    low: float | None = None
    high: float | None = None
    is_main: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class DrawnInterval:
    """Where a line stands: tops in pixels, places in per cent of the chart's width; empty where there is nothing."""

    label: str
    words: str
    note: str
    label_y: int
    note_y: int
    mark_y: int
    bar_y: int
    place: str
    start: str
    end: str
    width: str
    is_main: bool


@dataclass(frozen=True, slots=True)
class DrawnTick:
    """A line down the chart and its label; the outermost labels are turned inwards."""

    label: str
    place: str
    anchor: str


@dataclass(frozen=True, slots=True)
class IntervalChart:
    """Lines from top to bottom on one scale.

    ticks  (place on the scale, label), rising: at least two, the scale reaches over all of them and over every value
    table  the same figures; shown beneath
    description  what a reader who cannot see the chart is told in its place, in a sentence or two
    interval_words, main_words, other_words  what the hatched bar, the diamond and the circle are
    reference  a place on the scale that a dashed line marks (no difference, say)
    note  how the values are to be read, where the scale does not say it; empty for none
    """

    title: str
    description: str
    rows: Sequence[IntervalRow]
    ticks: Sequence[tuple[float, str]]
    table: Table
    interval_words: str
    main_words: str
    other_words: str = ""
    reference: float | None = None
    id: str = "interval-chart"
    note: str = ""

    @property
    def axis_y(self) -> int:
        return max(len(self.rows), 1) * ROW_STEP + sum(NOTE_STEP for row in self.rows if row.note)

    @property
    def height(self) -> int:
        return self.axis_y + AXIS_HEIGHT

    @property
    def label_axis_y(self) -> int:
        return self.axis_y + 20

    @property
    def scale(self) -> tuple[float, float]:
        """Both ends of the scale: no mark and no interval lies outside."""
        values = [place for place, _label in self.ticks]
        for row in self.rows:
            values += [value for value in (row.value, row.low, row.high) if value is not None]
        if self.reference is not None:
            values.append(self.reference)
        low, high = min(values, default=0.0), max(values, default=1.0)
        return (low, high) if high > low else (low - 0.5, low + 0.5)

    def place(self, value: float) -> float:
        """Per cent of the width."""
        low, high = self.scale
        return MARGIN + (100 - 2 * MARGIN) * (value - low) / (high - low)

    @property
    def reference_place(self) -> str:
        return "" if self.reference is None else f"{self.place(self.reference):.2f}%"

    @property
    def drawn(self) -> list[DrawnInterval]:
        found: list[DrawnInterval] = []
        top = 0
        for row in self.rows:
            start = end = width = ""
            if row.low is not None and row.high is not None:
                left, right = self.place(row.low), self.place(row.high)
                start, end, width = f"{left:.2f}%", f"{right:.2f}%", f"{max(right - left, 0.5):.2f}%"
            place = "" if row.value is None else f"{self.place(row.value):.2f}%"
            middle = top + MARK_MIDDLE + (NOTE_STEP if row.note else 0)
            found.append(
                DrawnInterval(
                    row.label, row.words, row.note, top + LABEL_BASELINE, top + LABEL_BASELINE + NOTE_STEP, middle,
                    middle - 6, place, start, end, width, row.is_main,
                )
            )  # fmt: skip
            top += ROW_STEP + (NOTE_STEP if row.note else 0)
        return found

    @property
    def drawn_ticks(self) -> list[DrawnTick]:
        last = len(self.ticks) - 1
        anchors = {0: "start", last: "end"}
        return [
            DrawnTick(label, f"{self.place(value):.2f}%", anchors.get(number, "middle"))
            for number, (value, label) in enumerate(self.ticks)
        ]
