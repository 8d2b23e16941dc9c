"""Reads of checklist templates: the one in force, its versions, what a claim was started under."""

from __future__ import annotations

from django.db.models import Count, QuerySet

from awarding.catalogue.models import Qualification, Unit
from mitigations.models import ChecklistTemplate, Claim, TemplateUnit
from mitigations.rules.facts import TemplateFacts


def open_template(qualification_id: int, framework_code: str) -> ChecklistTemplate | None:
    """The version in force for a qualification under a framework, if the AO has one."""
    found: ChecklistTemplate | None = ChecklistTemplate.objects.filter(
        qualification_id=qualification_id, framework_code=framework_code, superseded_at=None
    ).first()
    return found


def open_templates(framework_code: str) -> QuerySet[ChecklistTemplate]:
    """Every template in force under a framework, by qualification."""
    rows: QuerySet[ChecklistTemplate] = ChecklistTemplate.objects.filter(
        framework_code=framework_code, superseded_at=None
    )
    return rows.select_related("qualification", "made_by").order_by("qualification__title", "qualification_id")


def template_versions(qualification_id: int, framework_code: str) -> QuerySet[ChecklistTemplate]:
    """Every version, newest first."""
    rows: QuerySet[ChecklistTemplate] = ChecklistTemplate.objects.filter(
        qualification_id=qualification_id, framework_code=framework_code
    )
    return rows.select_related("made_by").order_by("-number")


def claims_by_template(templates: list[ChecklistTemplate]) -> dict[int, int]:
    """{template id: claims started under it}. One query."""
    rows = Claim.objects.filter(checklist_template__in=templates).order_by()
    return dict(rows.values_list("checklist_template_id").annotate(claims=Count("id")))


def template_units(template: ChecklistTemplate | None) -> dict[int, TemplateUnit]:
    """What a template says of single units, by the catalogue's unit id."""
    if template is None:
        return {}
    return {row.unit_id: row for row in TemplateUnit.objects.filter(template=template)}


def template_facts(template: ChecklistTemplate | None) -> TemplateFacts | None:
    """A template as the checks see it, in one query."""
    if template is None:
        return None
    return TemplateFacts(
        tuple(template.expected),
        frozenset(template.standing_alone),
        {pk: tuple(row.expected) for pk, row in template_units(template).items() if row.expected is not None},
    )


def qualification_units(qualification: Qualification) -> list[Unit]:
    """The units of a qualification in the catalogue's order."""
    places = qualification.unit_places.select_related("unit").order_by("group__position", "position", "id")
    return [place.unit for place in places]
