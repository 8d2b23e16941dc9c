"""The rules of combination of a qualification, read for the pure functions that apply them."""

from __future__ import annotations

from collections import defaultdict

from awarding.catalogue.combination import Combination, Group
from awarding.catalogue.models import Qualification, QualificationUnit, UnitGroup


def combination_of(qualification: Qualification) -> Combination:
    """Its groups, units and credits. Two queries, however many units there are."""
    credits: dict[int, int] = {}
    members: dict[int, set[int]] = defaultdict(set)
    places = QualificationUnit.objects.filter(qualification=qualification)
    for group_id, unit_id, unit_credits in places.values_list("group_id", "unit_id", "unit__credits"):
        members[group_id].add(unit_id)
        credits[unit_id] = unit_credits
    groups = tuple(
        Group(group.name, frozenset(members[group.pk]), group.is_mandatory, group.min_units, group.min_credits)
        for group in UnitGroup.objects.filter(qualification=qualification).order_by("position", "id")
    )
    return Combination(groups, credits, qualification.min_credits)
