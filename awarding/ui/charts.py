"""Charts as inline SVG, readable without colour, with the same numbers in a table beneath."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

#: A bar and its number, with the space below; each line of its label comes on top.
BAR_STEP = 24
LINE_STEP = 20
BAR_HEIGHT = 16
#: Characters of a label in one line: what a screen of 320 pixels has room for.
LABEL_WIDTH = 32
#: The longest bar leaves this share of the width for its number.
LONGEST = 82


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar. `url` makes its label in the table a link, since counts are links."""

    label: str
    value: int | float
    url: str = ""


@dataclass(frozen=True, slots=True)
class DrawnBar:
    """Where a bar stands: tops in pixels, lengths in per cent of the chart's width; its label by lines, each with its place."""

    label: list[tuple[int, str]]
    value: str
    bar_y: int
    width: str
    number_x: str
    number_y: int


@dataclass(frozen=True, slots=True)
class BarChart:
    """Bars from top to bottom. `label_heading` and `value_heading` head the table ("State", "Claims")."""

    title: str
    bars: Sequence[Bar]
    label_heading: str
    value_heading: str
    id: str = "chart"

    @property
    def height(self) -> int:
        lines = sum(len(_lines(bar.label)) for bar in self.bars)
        return max(len(self.bars) * BAR_STEP + lines * LINE_STEP, BAR_STEP + LINE_STEP)

    @property
    def drawn(self) -> list[DrawnBar]:
        """Each bar's place. Text keeps its size on a small screen, because only the bars are in per cent."""
        most = max((bar.value for bar in self.bars), default=0)
        drawn = []
        top = 0
        for bar in self.bars:
            share = LONGEST * max(bar.value, 0) / most if most > 0 else 0
            lines = _lines(bar.label)
            bar_y = top + len(lines) * LINE_STEP + 2
            drawn.append(
                DrawnBar(
                    label=[(top + n * LINE_STEP + 15, line) for n, line in enumerate(lines)],
                    value=f"{bar.value:,}",
                    bar_y=bar_y,
                    width=f"{share:.2f}%",
                    number_x=f"{share + 1:.2f}%",
                    number_y=bar_y + 13,
                )
            )
            top += len(lines) * LINE_STEP + BAR_STEP
        return drawn


def _lines(label: str) -> list[str]:
    """Text in SVG does not break by itself: on a narrow screen its end would be cut off."""
    return textwrap.wrap(str(label), LABEL_WIDTH) or [""]
