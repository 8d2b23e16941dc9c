"""Which of the AO's rules fit a question."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, TypeVar


class Fits(Protocol):
    """A rule as far as it is asked here: its topic and sector, empty where every one fits."""

    topic_id: int | None
    sector: str


Rule = TypeVar("Rule", bound=Fits)


def fitting_rules(rules: Iterable[Rule], topic_id: int | None, sector: str) -> list[Rule]:
    """Those that fit, in their order. A rule with a topic (a sector) fits that one only; without, every one (HLP-01)."""
    return [
        rule
        for rule in rules
        if rule.topic_id in (None, topic_id) and rule.sector.casefold() in ("", sector.casefold())
    ]
