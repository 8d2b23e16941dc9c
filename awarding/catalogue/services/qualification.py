"""What an AO decides about its qualifications: category, grade scales, credits; and the scales themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from awarding.audit.services import record
from awarding.catalogue.models import Grade, GradeScale, Qualification, QualificationChange
from awarding.catalogue.queries.qualification import is_scale_used
from awarding.workflow.services import StalePageError


class CatalogueError(ValueError):
    """An edit that cannot be made; `field` names the form's field, `str()` says why and what to do instead."""

    def __init__(self, field: str | None, message: str) -> None:
        super().__init__(message)
        self.field = field


def lock_qualification(qualification: Qualification, expected: datetime | None = None) -> Qualification:
    """The fresh row, locked to the end of the transaction. StalePageError when it changed since `expected`."""
    locked = Qualification.objects.select_for_update(of=("self",)).get(pk=qualification.pk)
    if expected is not None and locked.updated_at != expected:
        raise StalePageError(
            _("Somebody changed this qualification since you opened the page. Nothing of yours was saved. Look again.")
        )
    return locked


def note_change(qualification: Qualification, actor: Standing, field: str, before: object, after: object) -> None:
    """Adds to the qualification's history what an AO admin changed."""
    QualificationChange.objects.create(
        qualification=qualification,
        changed_by=actor.person,
        field=field,
        before=str(before) if before is not None else "",
        after=str(after) if after is not None else "",
    )


@transaction.atomic
def edit_qualification(
    *, actor: Standing, qualification: Qualification, expected: datetime | None = None, **facts: Any
) -> Qualification:
    """Changes `category`, `unit_scale`, `scale` or `min_credits`, and keeps what they were. Same facts: no change."""
    actor.require(Permission.CATALOGUE_EDIT)
    unknown = facts.keys() - {"category", "unit_scale", "scale", "min_credits"}
    if unknown:
        raise TypeError(f"Not the AO's to edit: {', '.join(sorted(unknown))}.")
    locked = lock_qualification(qualification, expected)
    if facts.get("min_credits") == 0 and locked.transfer_limit is not None:
        message = _("The most that may come by transfer is a share of the credits needed. Take that limit away first.")
        raise CatalogueError("min_credits", message)
    changed = {}
    for name, after in facts.items():
        before = getattr(locked, name)
        if before != after:
            note_change(locked, actor, name, before, after)
            setattr(locked, name, after)
            changed[name] = [str(before or ""), str(after or "")]
    if changed:
        locked.updated_at = timezone.now()
        locked.save()
        record("qualification.edited", actor=actor, target=locked, data={"changed": changed})
    return locked


@dataclass(frozen=True)
class GradeDraft:
    """One grade to be; its place in the list is its rank, the lowest first."""

    code: str
    label: str
    is_achieved: bool = True
    points: int | None = None


@transaction.atomic
def save_scale(*, actor: Standing, name: str, grades: list[GradeDraft], scale: GradeScale | None = None) -> GradeScale:
    """Makes a grade scale, or changes one. A scale that a qualification uses keeps its grades and their order: claims
    were made on them. CatalogueError otherwise."""
    actor.require(Permission.CATALOGUE_EDIT)
    codes = [grade.code for grade in grades]
    if not codes:
        raise CatalogueError("grades", _("Give at least one grade."))
    if twice := next((code for code in codes if codes.count(code) > 1), None):
        raise CatalogueError("grades", _("“%(code)s” stands twice. Each grade stands once.") % {"code": twice})
    namesakes = GradeScale.objects.filter(name=name)
    if (namesakes.exclude(pk=scale.pk) if scale else namesakes).exists():
        raise CatalogueError("name", _("There is a scale of that name. Choose another name, or edit that scale."))
    if scale is None:
        scale = GradeScale.objects.create(name=name)
    else:
        scale = GradeScale.objects.select_for_update().get(pk=scale.pk)
        _keep_used_grades(scale, codes)
        scale.name = name
        scale.save()
    held = {grade.code: grade for grade in scale.grades.all()}
    scale.grades.exclude(code__in=codes).delete()
    for rank, draft in enumerate(grades):
        grade = held.get(draft.code) or Grade(scale=scale, code=draft.code)
        grade.label, grade.rank = draft.label or draft.code, rank
        grade.is_achieved, grade.points = draft.is_achieved, draft.points
        grade.save()
    record("scale.saved", actor=actor, target=scale, data={"name": name, "grades": codes})
    return scale


def _keep_used_grades(scale: GradeScale, codes: list[str]) -> None:
    held = list(scale.grades.order_by("rank").values_list("code", flat=True))
    kept = [code for code in codes if code in held]
    if held != kept and is_scale_used(scale):
        message = _(
            "Qualifications use this scale, so its grades (%(grades)s) stay, in this order. "
            "Add grades between them, or make a new scale and choose it where it applies."
        )
        raise CatalogueError("grades", message % {"grades": ", ".join(held)})
