"""Whether a reason that was given for one set of numbers still speaks about those of today (SNS-09)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _

from awarding.findings.finding import Finding, Severity, Text

#: What a page says of a group, in this order; each with its places after the point.
_TOLD: tuple[tuple[str, Text, int], ...] = (
    ("size", _("Learners this year"), 0),
    ("past_size", _("Learners in earlier years"), 0),
    ("effect", _("Difference"), 2),
    ("low", _("Interval from"), 2),
    ("high", _("Interval to"), 2),
    ("shift", _("Moved for everybody"), 2),
)


@dataclass(frozen=True, slots=True)
class Changed:
    """One figure that was shown otherwise when the reason was given."""

    what: Text
    before: str
    after: str


def still_speaks(shown: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Whether the reason is about these learners and this difference: the same grades on both sides, the same direction.

    What moves for the whole AO moves every row a little with each run; that alone makes no reason stale.
    """
    if shown.get("figures") != now.get("figures"):
        return False
    if (shown.get("size"), shown.get("past_size")) != (now.get("size"), now.get("past_size")):
        return False
    before, after = shown.get("effect"), now.get("effect")
    return before is None or after is None or (before > 0) == (after > 0)


def changes_between(shown: Mapping[str, Any], now: Mapping[str, Any]) -> list[Changed]:
    """The figures that read otherwise now than when the reason was given."""
    found = []
    for name, label, places in _TOLD:
        before, after = _told(shown.get(name), places), _told(now.get(name), places)
        if before != after:
            found.append(Changed(label, before, after))
    return found


def unexplained_finding(where: Text, subject: tuple[str, int]) -> Finding:
    """A material difference without a reason keeps the declaration from being signed (HOC-05)."""
    return Finding(
        "HOC-05", Severity.BLOCKS, where, _("It differs from earlier years, and nobody has recorded why."),
        _("Open the comparison and record the reason; then sign."), "unexplained", subject,
    )  # fmt: skip


def stale_finding(where: Text, subject: tuple[str, int]) -> Finding:
    """A reason that was given for other numbers (HOC-05, SNS-09)."""
    return Finding(
        "HOC-05", Severity.BLOCKS, where, _("A reason is recorded, but for other numbers than those of today."),
        _("Open the comparison, read what changed, and record whether the reason still holds."), "stale", subject,
    )  # fmt: skip


def uncompared_finding(where: Text, subject: tuple[str, int]) -> Finding:
    """A submitted group that no run has looked at while the AO has signing wait for it (HOC-05)."""
    return Finding(
        "HOC-05", Severity.BLOCKS, where, _("It has not been compared with earlier years since its grades were given."),
        _("Have it compared now: it takes a moment. Then sign."), "uncompared", subject,
    )  # fmt: skip


def _told(value: Any, places: int) -> str:
    return "–" if value is None else str(number_format(round(value, places), places))
