"""Two profiles side by side, share by share, as inline SVG: one filled, one hatched, so that grey is enough."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.formats import number_format

from awarding.ui.tables import Table

STEP = 66
LABEL_BASELINE = 16
BAR_HEIGHT = 16
#: The longest bar leaves this share of the width (per cent) for its number.
LONGEST = 78


@dataclass(frozen=True, slots=True)
class Share:
    """How many of each side fall to `label`."""

    label: str
    now: int
    before: int


@dataclass(frozen=True, slots=True)
class DrawnShare:
    """Tops in pixels, lengths in per cent of the chart's width; `now` and `before` as they are read."""

    label: str
    label_y: int
    now_y: int
    before_y: int
    now_width: str
    before_width: str
    now_x: str
    before_x: str
    now_text_y: int
    before_text_y: int
    now: str
    before: str


def percent(part: int, whole: int) -> str:
    """ "34.5%"; "–" where there is nothing to take a share of."""
    return f"{number_format(round(100 * part / whole, 1), 1)}%" if whole else "–"


@dataclass(frozen=True, slots=True)
class ShareChart:
    """Each label with two bars: this side's share of its own total, and the other's of its own."""

    title: str
    description: str
    shares: Sequence[Share]
    table: Table
    now_words: str
    before_words: str
    id: str = "share-chart"

    @property
    def height(self) -> int:
        return max(len(self.shares), 1) * STEP

    @property
    def totals(self) -> tuple[int, int]:
        return sum(share.now for share in self.shares), sum(share.before for share in self.shares)

    @property
    def drawn(self) -> list[DrawnShare]:
        now_total, before_total = self.totals
        most = max(
            (part / whole for share in self.shares
             for part, whole in ((share.now, now_total), (share.before, before_total)) if whole),
            default=0.0,
        )  # fmt: skip

        def length(part: int, whole: int) -> float:
            return LONGEST * part / whole / most if whole and most else 0.0

        found = []
        for number, share in enumerate(self.shares):
            top = number * STEP
            now, before = length(share.now, now_total), length(share.before, before_total)
            now_y, before_y = top + 22, top + 22 + BAR_HEIGHT + 3
            found.append(
                DrawnShare(
                    share.label, top + LABEL_BASELINE, now_y, before_y, f"{now:.2f}%", f"{before:.2f}%",
                    f"{now + 1:.2f}%", f"{before + 1:.2f}%", now_y + 13, before_y + 13,
                    percent(share.now, now_total), percent(share.before, before_total),
                )
            )  # fmt: skip
        return found
