"""A qualification's rules of combination, read once, and whether anybody could meet them (MIT-12)."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from awarding.catalogue.models import (
    BarredUnit,
    LevelCredits,
    OtherGroup,
    Qualification,
    QualificationFamily,
    QualificationUnit,
    UnitGroup,
)
from awarding.catalogue.rules.combination import Combination, Group, LevelMinimum, Unit, read_level
from awarding.catalogue.rules.counting import find_shortfalls
from awarding.catalogue.rules.wording import shortfalls_in_words
from awarding.findings.finding import Finding, Severity
from awarding.tenancy.prepared import prepared


def combination_of(qualification: Qualification) -> Combination:
    """The qualification's rules, in five queries (MIT-12)."""
    return combination_with_names(qualification)[0]


def combination_with_names(qualification: Qualification) -> tuple[Combination, dict[int, str]]:
    """The rules, and {unit id: "K/501/5773 Working in a team (3 credits)"}. Five queries."""
    own: dict[int, set[int]] = defaultdict(set)
    units, names = [], {}
    words = _("%(reference)s %(title)s (%(credits)s credits)")
    for group_id, unit_id, credits, level, reference, title in _places(qualification_id=qualification.pk):
        own[group_id].add(unit_id)
        units.append(Unit(unit_id, credits, read_level(level)))
        names[unit_id] = words % {"reference": reference, "title": title, "credits": credits}
    also: dict[int, set[int]] = defaultdict(set)
    for group_id, unit_id in _others(qualification_id=qualification.pk):
        also[group_id].add(unit_id)
    rows = _groups(qualification_id=qualification.pk)
    order = {row[0]: n for n, row in enumerate(rows)}
    groups = tuple(
        Group(name, frozenset(own[pk]), frozenset(also[pk]), *asks, order[inside] if inside else None)  # type: ignore[call-arg]
        for pk, name, inside, *asks in rows
    )
    barred: dict[int, set[int]] = defaultdict(set)
    for set_id, unit_id in _barred(qualification_id=qualification.pk):
        barred[set_id].add(unit_id)
    rules = Combination(
        units=tuple(units),
        groups=groups,
        min_credits=qualification.min_credits,
        levels=tuple(LevelMinimum(*row) for row in _levels(qualification_id=qualification.pk)),
        barred=tuple(frozenset(members) for members in barred.values() if len(members) > 1),
        transfer_limit=qualification.transfer_limit,
    )
    return rules, names


@prepared
def _places(*, qualification_id: int) -> QuerySet[QualificationUnit, Any]:
    rows = QualificationUnit.objects.filter(qualification_id=qualification_id).order_by("position", "id")
    return rows.values_list("group_id", "unit_id", "unit__credits", "unit__level", "unit__reference", "unit__title")


@prepared
def _others(*, qualification_id: int) -> QuerySet[OtherGroup, Any]:
    rows = OtherGroup.objects.filter(place__qualification_id=qualification_id).order_by()
    return rows.values_list("group_id", "place__unit_id")


@prepared
def _groups(*, qualification_id: int) -> QuerySet[UnitGroup, Any]:
    rows = UnitGroup.objects.filter(qualification_id=qualification_id).order_by("position", "id")
    asks = ("is_mandatory", "min_units", "max_units", "min_credits", "max_credits")
    return rows.values_list("pk", "name", "inside_id", *asks)


@prepared
def _barred(*, qualification_id: int) -> QuerySet[BarredUnit, Any]:
    rows = BarredUnit.objects.filter(barred_set__qualification_id=qualification_id).order_by("barred_set_id", "id")
    return rows.values_list("barred_set_id", "place__unit_id")


@prepared
def _levels(*, qualification_id: int) -> QuerySet[LevelCredits, Any]:
    rows = LevelCredits.objects.filter(qualification_id=qualification_id).order_by("level")
    return rows.values_list("level", "credits")


def sets_by_reference(qualification: Qualification) -> list[list[str]]:
    """The barred sets as references, in the order they were entered. One query."""
    rows = BarredUnit.objects.filter(barred_set__qualification=qualification).order_by("barred_set_id", "id")
    sets: dict[int, list[str]] = {}
    for set_id, reference in rows.values_list("barred_set_id", "place__unit__reference"):
        sets.setdefault(set_id, []).append(reference)
    return [references for references in sets.values() if len(references) > 1]


def rules_findings(combination: Combination) -> list[Finding]:
    """Rules that nobody could meet, even with every unit; and units whose level is not known where levels count (MIT-12)."""
    if not combination.units:
        return []
    found = []
    short = find_shortfalls(combination, combination.by_id)
    if short:
        what = _("Nobody can meet these rules, even with every unit. %(short)s")
        found.append(
            Finding(
                "MIT-12", Severity.WARNS, _("Rules of combination"), what % {"short": shortfalls_in_words(short)},
                _("Lower what is asked for, raise a maximum, add units, or take a unit out of a barred set."),
                "cannot_be_met",
            )
        )  # fmt: skip
    unknown = sum(unit.level is None for unit in combination.units)
    if combination.levels and unknown:
        what = _(
            "Credits at a level are asked for, and %(count)s units say no level: their credits do not count for it."
        )
        found.append(
            Finding(
                "MIT-12", Severity.WARNS, _("Units"), what % {"count": unknown},
                _("Enter the level of each unit, such as “Level 3”."), "level_unknown",
            )
        )  # fmt: skip
    return found


def sizes_of(qualification: Qualification) -> list[Qualification]:
    """All sizes of the qualification's family, the smallest first, itself among them; none when it stands alone. One query."""
    if qualification.family_id is None:
        return []
    return list(Qualification.objects.filter(family_id=qualification.family_id).order_by("size", "id"))


def families_with_sizes() -> list[tuple[QualificationFamily, list[Qualification]]]:
    """Every family of the AO by name, each with its sizes. Two queries."""
    sizes: dict[int, list[Qualification]] = defaultdict(list)
    for row in Qualification.objects.exclude(family=None).order_by("size", "id"):
        if row.family_id is not None:
            sizes[row.family_id].append(row)
    return [(family, sizes[family.pk]) for family in QualificationFamily.objects.order_by("name", "id")]
