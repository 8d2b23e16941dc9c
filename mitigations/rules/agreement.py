"""How far two members of the panel agree who decided the same cases without seeing each other's opinion."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from awarding.findings.finding import Text

# Below the first nothing is concluded; below the second the figure is an indication.
TOO_FEW, FEW = 10, 30


@dataclass(frozen=True)
class Agreement:
    """`pairs` cases of which `agreed` ended alike; `share` 0 to 1 and Cohen's `kappa` up to 1, None where undefined."""

    pairs: int
    agreed: int
    share: float | None
    kappa: float | None
    counts: Counter[tuple[str, str]]

    @property
    def words(self) -> Text:
        """How much the figures say, given how few or many cases they rest on."""
        if not self.pairs:
            return _("No case has two opinions yet.")
        if self.pairs < TOO_FEW:
            return _("Too few cases to conclude anything: one case more could change the figures wholly.")
        if self.pairs < FEW:
            return _("An indication only: one case moves the share by %(points)s percentage points.") % {
                "points": f"{100 / self.pairs:.1f}"
            }
        return _("Enough cases to compare periods; small changes from one to the next still mean little.")

    @property
    def kappa_words(self) -> Text:
        """What kappa adds to the share, or why it cannot be given."""
        if not self.pairs:
            return ""
        if self.kappa is None:
            return _("Kappa cannot be calculated: every opinion is the same, so agreement by chance is certain.")
        return _(
            "Kappa takes away the agreement that chance alone would bring: 1 is complete, 0 is no more than chance."
        )


def measure_agreement(pairs: Iterable[tuple[str, str]]) -> Agreement:
    """The agreement of (first verdict, second verdict) pairs, with Cohen's kappa for two raters."""
    counts = Counter(pairs)
    total = sum(counts.values())
    agreed = sum(count for (first, second), count in counts.items() if first == second)
    if not total:
        return Agreement(0, 0, None, None, counts)
    firsts, seconds = Counter[str](), Counter[str]()
    for (first, second), count in counts.items():
        firsts[first] += count
        seconds[second] += count
    # In whole numbers, so that certain agreement by chance is recognised exactly.
    by_chance = sum(firsts[verdict] * seconds[verdict] for verdict in firsts)
    kappa = None if by_chance == total**2 else (agreed * total - by_chance) / (total**2 - by_chance)
    return Agreement(total, agreed, agreed / total, kappa, counts)
