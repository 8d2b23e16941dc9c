"""Units and their groups, one at a time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, Max
from django.utils import timezone
from django.utils.translation import gettext as _

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from awarding.audit.services import record
from awarding.catalogue.models import BarredSet, OtherGroup, Qualification, QualificationUnit, Unit, UnitGroup
from awarding.catalogue.services.qualification import CatalogueError, lock_qualification, note_change
from awarding.catalogue.services.reading import read_unit_reference


@dataclass(frozen=True)
class UnitDraft:
    """A unit as typed or read from a workbook."""

    reference: str
    title: str
    level: str = ""
    credits: int = 0
    guided_hours: int = 0


def store_unit(draft: UnitDraft, unit: Unit | None = None) -> Unit:
    """The AO's unit of that reference with the draft's facts; the same unit serves every qualification that has it."""
    reference, doubtful = read_unit_reference(draft.reference)
    unit = unit or Unit.objects.select_for_update().filter(reference=reference).first() or Unit()
    unit.reference, unit.reference_check_failed = reference, doubtful
    unit.title, unit.level = draft.title, draft.level
    unit.credits, unit.guided_hours = draft.credits, draft.guided_hours
    unit.save()
    return unit


def touch_rules(qualification: Qualification, actor: Standing, event: str, before: str, after: str) -> None:
    """Notes in the history and the audit what changed in a locked qualification's units or groups."""
    note_change(qualification, actor, event, before, after)
    qualification.updated_at = timezone.now()
    qualification.save(update_fields=["updated_at", "title_key"])
    record(f"qualification.{event}", actor=actor, target=qualification, data={"before": before, "after": after})


@dataclass(frozen=True)
class GroupDraft:
    """A group as typed or read from a workbook; `inside` is the name of the group that it stands inside."""

    name: str
    is_mandatory: bool = False
    min_units: int = 0
    min_credits: int = 0
    max_units: int = 0
    max_credits: int = 0
    inside: str = ""


_ASKS = ("is_mandatory", "min_units", "min_credits", "max_units", "max_credits")


@transaction.atomic
def add_group(*, actor: Standing, qualification: Qualification, draft: GroupDraft) -> UnitGroup:
    """Adds a group of the rules of combination at the end. CatalogueError names the field that cannot be."""
    actor.require(Permission.CATALOGUE_EDIT)
    locked = lock_qualification(qualification)
    _refuse_name(locked, draft.name, None)
    last = locked.groups.aggregate(last=Max("position"))["last"]
    group = UnitGroup(qualification=locked, position=0 if last is None else last + 1)
    write_group(group, draft)
    touch_rules(locked, actor, "group_added", "", group_in_words(group))
    return group


@transaction.atomic
def edit_group(*, actor: Standing, group: UnitGroup, draft: GroupDraft) -> UnitGroup:
    """Changes a group's name, what it asks for, or where it stands. CatalogueError names the field that cannot be."""
    actor.require(Permission.CATALOGUE_EDIT)
    locked = lock_qualification(group.qualification)
    _refuse_name(locked, draft.name, group)
    fresh = UnitGroup.objects.select_related("inside").get(pk=group.pk)
    before = group_in_words(fresh)
    write_group(fresh, draft)
    if before != group_in_words(fresh):
        touch_rules(locked, actor, "group_changed", before, group_in_words(fresh))
    return fresh


def write_group(group: UnitGroup, draft: GroupDraft) -> None:
    """Stores the draft's facts, after looking whether they can be."""
    for least, most in ((draft.min_units, "max_units"), (draft.min_credits, "max_credits")):
        if 0 < getattr(draft, most) < least:
            raise CatalogueError(most, _("The most that counts is less than what is needed."))
    group.name = draft.name
    for name in _ASKS:
        setattr(group, name, getattr(draft, name))
    group.inside = _group_round(group, draft.inside)
    group.save()


def _group_round(group: UnitGroup, name: str) -> UnitGroup | None:
    if not name:
        return None
    groups = {row.name: row for row in UnitGroup.objects.filter(qualification_id=group.qualification_id)}
    if name not in groups:
        message = _("There is no group “%(name)s” to stand inside. Make it first, or correct the name.")
        raise CatalogueError("inside", message % {"name": name})
    by_id = {row.pk: row for row in groups.values()}
    line: UnitGroup | None = groups[name]
    while line is not None:
        if line.pk == group.pk:
            raise CatalogueError("inside", _("A group cannot stand inside itself or inside a group of its own."))
        line = by_id[line.inside_id] if line.inside_id else None
    return groups[name]


@transaction.atomic
def remove_group(*, actor: Standing, group: UnitGroup) -> None:
    """Removes an empty group; one that has units keeps them until they are moved or removed."""
    actor.require(Permission.CATALOGUE_EDIT)
    locked = lock_qualification(group.qualification)
    if group.places.exists():
        raise CatalogueError(None, _("The group has units. Move them to another group or remove them first."))
    if group.parts.exists():
        raise CatalogueError(None, _("Other groups stand inside this one. Move them out of it first."))
    before = group_in_words(group)
    group.delete()
    touch_rules(locked, actor, "group_removed", before, "")


def _refuse_name(qualification: Qualification, name: str, besides: UnitGroup | None) -> None:
    namesakes = qualification.groups.filter(name=name)
    if (namesakes.exclude(pk=besides.pk) if besides else namesakes).exists():
        raise CatalogueError("name", _("The qualification has a group of that name. Choose another name."))


def group_in_words(group: UnitGroup) -> str:
    """ "Optional: at least 2 units, 20 credits", for the history."""
    asks = [_("every unit")] if group.is_mandatory else []
    if group.min_units:
        asks.append(_("%(count)s units") % {"count": group.min_units})
    if group.min_credits:
        asks.append(_("%(count)s credits") % {"count": group.min_credits})
    if group.max_units:
        asks.append(_("at most %(count)s units") % {"count": group.max_units})
    if group.max_credits:
        asks.append(_("at most %(count)s credits") % {"count": group.max_credits})
    if group.inside is not None:
        asks.append(_("inside “%(name)s”") % {"name": group.inside.name})
    return f"{group.name}: {', '.join(asks) or _('nothing needed')}"


@transaction.atomic
def add_unit(
    *,
    actor: Standing,
    qualification: Qualification,
    group: UnitGroup,
    draft: UnitDraft,
    also: Iterable[UnitGroup] = (),
) -> QualificationUnit:
    """Puts a unit into a group of the qualification, making the unit when the AO has none of that reference.

    `also` are the groups in which it may count instead.
    """
    actor.require(Permission.CATALOGUE_EDIT)
    locked = lock_qualification(qualification)
    reference, _doubtful = read_unit_reference(draft.reference)
    if locked.unit_places.filter(unit__reference=reference).exists():
        message = _("%(reference)s is in this qualification already. Edit it there.") % {"reference": reference}
        raise CatalogueError("reference", message)
    unit = store_unit(draft)
    last = locked.unit_places.aggregate(last=Max("position"))["last"]
    place = QualificationUnit.objects.create(
        qualification=locked, unit=unit, group=group, position=0 if last is None else last + 1
    )
    set_others(place, also)
    touch_rules(locked, actor, "unit_added", "", str(unit))
    return place


@transaction.atomic
def edit_unit(
    *,
    actor: Standing,
    place: QualificationUnit,
    group: UnitGroup,
    draft: UnitDraft,
    also: Iterable[UnitGroup] | None = None,
) -> QualificationUnit:
    """Changes a unit's facts, in every qualification that has it, and the group it stands in here.

    `also` are the groups in which it may count instead; None leaves them as they are.
    """
    actor.require(Permission.CATALOGUE_EDIT)
    locked = lock_qualification(place.qualification)
    reference, _doubtful = read_unit_reference(draft.reference)
    if Unit.objects.filter(reference=reference).exclude(pk=place.unit_id).exists():
        message = _("Another unit has the reference %(reference)s. Remove this one and add that one instead.")
        raise CatalogueError("reference", message % {"reference": reference})
    unit = Unit.objects.select_for_update().get(pk=place.unit_id)
    before = _unit_in_words(unit, place)
    place.unit, place.group = store_unit(draft, unit), group
    place.save()
    if also is not None:
        set_others(place, also)
    after = _unit_in_words(place.unit, place)
    if before != after:
        touch_rules(locked, actor, "unit_changed", before, after)
    return place


@transaction.atomic
def remove_unit(*, actor: Standing, place: QualificationUnit) -> None:
    """Takes a unit out of the qualification. The unit itself, and claims that have it, stay."""
    actor.require(Permission.CATALOGUE_EDIT)
    locked = lock_qualification(place.qualification)
    before = _unit_in_words(place.unit, place)
    BarredSet.objects.filter(pk__in=_lonely_sets(place)).delete()
    place.delete()
    touch_rules(locked, actor, "unit_removed", before, "")


def set_others(place: QualificationUnit, groups: Iterable[UnitGroup]) -> bool:
    """Sets in which other groups the unit may count; its own is left out. Whether that changed anything."""
    wanted = {group.pk for group in groups} - {place.group_id}
    held = set(place.others.values_list("group_id", flat=True))
    if wanted == held:
        return False
    place.others.exclude(group_id__in=wanted).delete()
    for group_id in sorted(wanted - held):
        OtherGroup.objects.create(place=place, group_id=group_id)
    return True


def _lonely_sets(place: QualificationUnit) -> list[int]:
    """The barred sets that would name one unit only without this one."""
    sets = BarredSet.objects.filter(members__place=place).values("pk")
    counted = BarredSet.objects.filter(pk__in=sets).order_by("pk").annotate(size=Count("members"))
    return [row.pk for row in counted if row.size <= 2]


def _unit_in_words(unit: Unit, place: QualificationUnit) -> str:
    facts = _("%(credits)s credits, %(hours)s hours") % {"credits": unit.credits, "hours": unit.guided_hours}
    groups = [place.group.name, *place.others.order_by("group__position").values_list("group__name", flat=True)]
    return f"{unit}, {unit.level or '-'}, {facts}; {' / '.join(groups)}"
