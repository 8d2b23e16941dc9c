"""Plots of progress: geometry only. Outline is all learners, the filled part those submitted; readable without colour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

ROW = 44
BAR_TOP = 22
BAR_HEIGHT = 16
# The longest bar leaves this share of the width for its numbers.
LONGEST = 76.0
# So much of a label stands whole in a window of 320 pixels; the table has all of it.
MOST_LETTERS = 34


@dataclass(frozen=True, slots=True)
class Share:
    """One bar: `done` of `total`. `label` names it."""

    label: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class DrawnShare:
    """Where a bar stands: tops in pixels, lengths in per cent of the chart's width."""

    label: str
    words: str
    label_y: int
    bar_y: int
    whole: str
    filled: str
    words_x: str
    words_y: int


@dataclass(frozen=True, slots=True)
class ShareChart:
    """Bars from top to bottom, all on one scale. The same figures stand in the table that follows it on the page."""

    id: str
    title: str
    about: str
    shares: Sequence[Share]

    @property
    def height(self) -> int:
        return max(len(self.shares), 1) * ROW

    @property
    def drawn(self) -> list[DrawnShare]:
        most = max((share.total for share in self.shares), default=0)
        found = []
        for number, share in enumerate(self.shares):
            whole = LONGEST * share.total / most if most else 0.0
            filled = LONGEST * min(share.done, share.total) / most if most else 0.0
            top = number * ROW
            found.append(
                DrawnShare(
                    _short(share.label), f"{share.done:,} / {share.total:,}", top + 15, top + BAR_TOP, f"{whole:.2f}%",
                    f"{filled:.2f}%", f"{whole + 1:.2f}%", top + BAR_TOP + 13,
                )
            )  # fmt: skip
        return found


def _short(label: str) -> str:
    return label if len(label) <= MOST_LETTERS else f"{label[: MOST_LETTERS - 1].rstrip()}…"
