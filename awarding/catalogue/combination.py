"""Rules of combination: which units, and how many credits, make a qualification. Pure functions of numbers (MIT-12)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from awarding.findings.finding import Finding, Severity


@dataclass(frozen=True)
class Group:
    """One group of units. `unit_ids` are all that belong to it; a mandatory group needs every one of them."""

    name: str
    unit_ids: frozenset[int]
    is_mandatory: bool = False
    min_units: int = 0
    min_credits: int = 0


@dataclass(frozen=True)
class Combination:
    """A qualification's rules. `credits` gives each unit's credits by its id; `min_credits` is for the whole."""

    groups: tuple[Group, ...]
    credits: Mapping[int, int]
    min_credits: int = 0

    @property
    def unit_ids(self) -> frozenset[int]:
        return frozenset(self.credits)


@dataclass(frozen=True)
class Shortfall:
    """What is missing in one group (or in the whole, when `group` is empty). `missing` are mandatory units not there."""

    group: str
    units: int = 0
    credits: int = 0
    missing: frozenset[int] = frozenset()


def shortfalls(combination: Combination, achieved: Collection[int]) -> list[Shortfall]:
    """Which groups are short, and by how much, for a learner with these units. Empty: the rules are met (MIT-12).

    Units that are not of the qualification count for nothing. A qualification without units is met by nobody.
    """
    credits = combination.credits
    if not credits:
        return [Shortfall("", units=1)]
    have = combination.unit_ids.intersection(achieved)
    short = []
    for group in combination.groups:
        inside = have & group.unit_ids
        missing = group.unit_ids - inside if group.is_mandatory else frozenset()
        units = max(group.min_units - len(inside), len(missing), 0)
        lacking = max(group.min_credits - sum(credits[unit] for unit in inside), 0)
        if units or lacking:
            short.append(Shortfall(group.name, units, lacking, missing))
    lacking = max(combination.min_credits - sum(credits[unit] for unit in have), 0)
    if lacking:
        short.append(Shortfall("", credits=lacking))
    return short


def combination_findings(
    short: Collection[Shortfall], where: str, *, severity: Severity = Severity.BLOCKS
) -> list[Finding]:
    """MIT-12 in words: which group is short and by how much."""
    return [
        Finding(
            rule="MIT-12",
            severity=severity,
            where=where,
            what=_("%(group)s is short by %(amount)s.")
            % {"group": gap.group or _("The whole qualification"), "amount": _amount(gap)},
            fix=_("Claim what is missing, or leave the qualification open until it is achieved."),
            code="combination_short",
        )
        for gap in short
    ]


def _amount(gap: Shortfall) -> str:
    parts = []
    if gap.units:
        parts.append(ngettext("%(n)s unit", "%(n)s units", gap.units) % {"n": gap.units})
    if gap.credits:
        parts.append(ngettext("%(n)s credit", "%(n)s credits", gap.credits) % {"n": gap.credits})
    return _(" and ").join(parts)
