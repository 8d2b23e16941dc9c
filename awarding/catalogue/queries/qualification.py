"""One qualification: its units by group, its scales, its history."""

from __future__ import annotations

from collections.abc import Iterable
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


def find_own_qualifications(numbers: Iterable[str]) -> dict[str, Qualification]:
    """{number as written: qualification} of those that are the open AO's. One query."""
    read = {text: read_qan(text) for text in numbers}
    wanted = [number.number for number in read.values() if number]
    rows = {row.qan: row for row in Qualification.objects.filter(qan__in=wanted)}
    return {text: rows[number.number] for text, number in read.items() if number and number.number in rows}


@dataclass
class GroupOfUnits:
    """One group of the rules of combination with its units in order."""

    group: UnitGroup
    places: list[QualificationUnit] = field(default_factory=list)

    @property
    def credits(self) -> int:
        return sum(place.unit.credits for place in self.places)


def groups_of(qualification: Qualification) -> list[GroupOfUnits]:
    """The groups in order, each with its units. At most four queries."""
    rows = qualification.groups.select_related("inside").order_by("position", "id")
    by_group = {row.pk: GroupOfUnits(row) for row in rows}
    places = (
        qualification.unit_places.select_related("unit").prefetch_related("others__group").order_by("position", "id")
    )
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
