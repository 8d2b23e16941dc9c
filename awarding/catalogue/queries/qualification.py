"""One qualification: its units by group, its scales, its history."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db.models import Count, Prefetch, Q, QuerySet
from django.shortcuts import get_object_or_404

from awarding.catalogue.models import (
    Grade,
    GradeScale,
    Qualification,
    QualificationChange,
    QualificationUnit,
    UnitGroup,
)
from awarding.catalogue.queries.search import read_qan


def get_own_qualification(qan: str) -> Qualification:
    """The open AO's qualification of that number, or 404: another AO's is not told from none."""
    number = read_qan(qan)
    rows = Qualification.objects.select_related("unit_scale", "scale", "ao")
    return get_object_or_404(rows, qan=number.number if number else "")


@dataclass
class GroupOfUnits:
    """One group of the rules of combination with its units in order."""

    group: UnitGroup
    places: list[QualificationUnit] = field(default_factory=list)

    @property
    def credits(self) -> int:
        return sum(place.unit.credits for place in self.places)


def groups_of(qualification: Qualification) -> list[GroupOfUnits]:
    """The groups in order, each with its units. Two queries."""
    by_group = {row.pk: GroupOfUnits(row) for row in qualification.groups.order_by("position", "id")}
    places = qualification.unit_places.select_related("unit").order_by("position", "id")
    for place in places:
        by_group[place.group_id].places.append(place)
    return list(by_group.values())


def scales_with_grades() -> QuerySet[GradeScale]:
    """The AO's grade scales, by name, with their grades. Two queries."""
    in_order = Prefetch("grades", queryset=Grade.objects.order_by("rank"))
    return GradeScale.objects.order_by("name", "id").prefetch_related(in_order)


def uses_of_scales() -> dict[int, int]:
    """{scale id: how many qualifications use it for units or as a whole}. Two queries."""
    uses: dict[int, int] = {}
    for name in ("unit_scale_id", "scale_id"):
        rows = Qualification.objects.exclude(**{name: None}).order_by().values_list(name)
        for scale_id, count in rows.annotate(uses=Count("id")):
            uses[scale_id] = uses.get(scale_id, 0) + count
    return uses


def is_scale_used(scale: GradeScale) -> bool:
    return Qualification.objects.filter(Q(unit_scale=scale) | Q(scale=scale)).exists()


def changes_of(qualification: Qualification) -> QuerySet[QualificationChange]:
    """What changed, newest first."""
    return qualification.changes.select_related("load", "changed_by").order_by("-id")
