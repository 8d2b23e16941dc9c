"""Charts as inline SVG, readable without colour, with the same numbers in a table beneath."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

BAR_STEP = 44
BAR_TOP = 22
BAR_HEIGHT = 16
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
    """Where a bar stands: tops in pixels, lengths in per cent of the chart's width."""

    label: str
    value: str
    label_y: int
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
        return max(len(self.bars), 1) * BAR_STEP

    @property
    def drawn(self) -> list[DrawnBar]:
        """Each bar's place. Text keeps its size on a small screen, because only the bars are in per cent."""
        most = max((bar.value for bar in self.bars), default=0)
        drawn = []
        for number, bar in enumerate(self.bars):
            share = LONGEST * max(bar.value, 0) / most if most > 0 else 0
            top = number * BAR_STEP
            drawn.append(
                DrawnBar(
                    label=bar.label,
                    value=f"{bar.value:,}",
                    label_y=top + 15,
                    bar_y=top + BAR_TOP,
                    width=f"{share:.2f}%",
                    number_x=f"{share + 1:.2f}%",
                    number_y=top + BAR_TOP + 13,
                )
            )
        return drawn
