"""Units, their groups, and the rules of combination: one at a time, or a qualification's all at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from awarding.audit.services import record
from awarding.catalogue.models import Qualification, QualificationUnit, Unit, UnitGroup
from awarding.catalogue.services.qualification import CatalogueError, lock_qualification, note_change
from awarding.identifiers import IdentifierError, parse_unit_reference


@dataclass(frozen=True)
class UnitDraft:
    """A unit as typed or read from a workbook."""

    reference: str
    title: str
    level: str = ""
    credits: int = 0
    guided_hours: int = 0


def read_unit_reference(text: str) -> tuple[str, bool]:
    """(the reference as it is kept, whether to look at it again).

    A national reference is kept with its slashes, K/501/5773; anything else is the AO's own and is kept as written.
    Both a letter that does not fit and another shape are worth a look and nothing more.
    """
    try:
        reference = parse_unit_reference(text)
    except IdentifierError:
        return " ".join(text.split()).upper(), True
    return reference.display, reference.check_failed


def _store_unit(draft: UnitDraft, unit: Unit | None = None) -> Unit:
    """The AO's unit of that reference with the draft's facts; the same unit serves every qualification that has it."""
    reference, doubtful = read_unit_reference(draft.reference)
    unit = unit or Unit.objects.select_for_update().filter(reference=reference).first() or Unit()
    unit.reference, unit.reference_check_failed = reference, doubtful
    unit.title, unit.level = draft.title, draft.level
    unit.credits, unit.guided_hours = draft.credits, draft.guided_hours
    unit.save()
    return unit


def _touch(qualification: Qualification, actor: Standing, event: str, before: str, after: str) -> None:
    note_change(qualification, actor, event, before, after)
    qualification.updated_at = timezone.now()
    qualification.save(update_fields=["updated_at", "title_key"])
    record(f"qualification.{event}", actor=actor, target=qualification, data={"before": before, "after": after})


@transaction.atomic
def add_group(
    *, actor: Standing, qualification: Qualification, name: str, is_mandatory: bool, min_units: int, min_credits: int
) -> UnitGroup:
    """Adds a group of the rules of combination at the end."""
    actor.require(Permission.CATALOGUE_EDIT)
    locked = lock_qualification(qualification)
    _refuse_name(locked, name, None)
    last = locked.groups.aggregate(last=Max("position"))["last"]
    group = UnitGroup.objects.create(
        qualification=locked,
        name=name,
        position=0 if last is None else last + 1,
        is_mandatory=is_mandatory,
        min_units=min_units,
        min_credits=min_credits,
    )
    _touch(locked, actor, "group_added", "", group_in_words(group))
    return group


@transaction.atomic
def edit_group(
    *, actor: Standing, group: UnitGroup, name: str, is_mandatory: bool, min_units: int, min_credits: int
) -> UnitGroup:
    """Changes a group's name or what it asks for."""
    actor.require(Permission.CATALOGUE_EDIT)
    locked = lock_qualification(group.qualification)
    _refuse_name(locked, name, group)
    fresh = UnitGroup.objects.get(pk=group.pk)
    before = group_in_words(fresh)
    fresh.name, fresh.is_mandatory = name, is_mandatory
    fresh.min_units, fresh.min_credits = min_units, min_credits
    if before != group_in_words(fresh):
        fresh.save()
        _touch(locked, actor, "group_changed", before, group_in_words(fresh))
    return fresh


@transaction.atomic
def remove_group(*, actor: Standing, group: UnitGroup) -> None:
    """Removes an empty group; one that has units keeps them until they are moved or removed."""
    actor.require(Permission.CATALOGUE_EDIT)
    locked = lock_qualification(group.qualification)
    if group.places.exists():
        raise CatalogueError(None, _("The group has units. Move them to another group or remove them first."))
    before = group_in_words(group)
    group.delete()
    _touch(locked, actor, "group_removed", before, "")


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
    return f"{group.name}: {', '.join(asks) or _('nothing needed')}"


@transaction.atomic
def add_unit(*, actor: Standing, qualification: Qualification, group: UnitGroup, draft: UnitDraft) -> QualificationUnit:
    """Puts a unit into a group of the qualification, making the unit when the AO has none of that reference."""
    actor.require(Permission.CATALOGUE_EDIT)
    locked = lock_qualification(qualification)
    reference, _doubtful = read_unit_reference(draft.reference)
    if locked.unit_places.filter(unit__reference=reference).exists():
        message = _("%(reference)s is in this qualification already. Edit it there.") % {"reference": reference}
        raise CatalogueError("reference", message)
    unit = _store_unit(draft)
    last = locked.unit_places.aggregate(last=Max("position"))["last"]
    place = QualificationUnit.objects.create(
        qualification=locked, unit=unit, group=group, position=0 if last is None else last + 1
    )
    _touch(locked, actor, "unit_added", "", str(unit))
    return place


@transaction.atomic
def edit_unit(*, actor: Standing, place: QualificationUnit, group: UnitGroup, draft: UnitDraft) -> QualificationUnit:
    """Changes a unit's facts, in every qualification that has it, and the group it stands in here."""
    actor.require(Permission.CATALOGUE_EDIT)
    locked = lock_qualification(place.qualification)
    reference, _doubtful = read_unit_reference(draft.reference)
    if Unit.objects.filter(reference=reference).exclude(pk=place.unit_id).exists():
        message = _("Another unit has the reference %(reference)s. Remove this one and add that one instead.")
        raise CatalogueError("reference", message % {"reference": reference})
    unit = Unit.objects.select_for_update().get(pk=place.unit_id)
    before = _unit_in_words(unit, place.group)
    place.unit, place.group = _store_unit(draft, unit), group
    place.save()
    after = _unit_in_words(place.unit, group)
    if before != after:
        _touch(locked, actor, "unit_changed", before, after)
    return place


@transaction.atomic
def remove_unit(*, actor: Standing, place: QualificationUnit) -> None:
    """Takes a unit out of the qualification. The unit itself, and claims that have it, stay."""
    actor.require(Permission.CATALOGUE_EDIT)
    locked = lock_qualification(place.qualification)
    before = _unit_in_words(place.unit, place.group)
    place.delete()
    _touch(locked, actor, "unit_removed", before, "")


def _unit_in_words(unit: Unit, group: UnitGroup) -> str:
    facts = _("%(credits)s credits, %(hours)s hours") % {"credits": unit.credits, "hours": unit.guided_hours}
    return f"{unit}, {unit.level or '-'}, {facts}; {group.name}"


@dataclass
class UnitsReport:
    """What loading a workbook of units did, or would do. read = loaded + updated + unchanged + refused."""

    read: int = 0
    loaded: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0
    groups: int = 0


@dataclass(frozen=True)
class GroupDraft:
    """What a workbook says of a group."""

    name: str
    is_mandatory: bool = False
    min_units: int = 0
    min_credits: int = 0


@transaction.atomic
def load_units(
    *, actor: Standing, qualification: Qualification, groups: list[GroupDraft], units: list[tuple[UnitDraft, str]]
) -> UnitsReport:
    """Adds or changes the units of a qualification with their groups, each unit with its group's name, in this order.

    What the workbook does not name stays: a unit is taken out on the page. The same workbook twice changes nothing.
    """
    actor.require(Permission.CATALOGUE_EDIT)
    locked = lock_qualification(qualification)
    report = UnitsReport(read=len(units))
    held_groups = {group.name: group for group in locked.groups.all()}
    for number, group in enumerate(groups):
        report.groups += _load_group(locked, held_groups, group, number)
    held_places = {place.unit.reference: place for place in locked.unit_places.select_related("unit", "group")}
    for position, (draft, group_name) in enumerate(units):
        outcome = _load_place(locked, held_places, held_groups[group_name], draft, position)
        setattr(report, outcome, getattr(report, outcome) + 1)
    if report.loaded or report.updated or report.groups:
        counts = _("%(loaded)s units added, %(updated)s changed; %(groups)s groups added or changed")
        _touch(locked, actor, "units_loaded", "", counts % report.__dict__)
    return report


def _load_group(qualification: Qualification, held: dict[str, UnitGroup], draft: GroupDraft, number: int) -> int:
    group = held.get(draft.name)
    asks: dict[str, Any] = {
        "is_mandatory": draft.is_mandatory,
        "min_units": draft.min_units,
        "min_credits": draft.min_credits,
    }
    if group is None:
        held[draft.name] = UnitGroup.objects.create(
            qualification=qualification, name=draft.name, position=len(held) + number, **asks
        )
        return 1
    if all(getattr(group, name) == value for name, value in asks.items()):
        return 0
    for name, value in asks.items():
        setattr(group, name, value)
    group.save()
    return 1


def _load_place(
    qualification: Qualification,
    held: dict[str, QualificationUnit],
    group: UnitGroup,
    draft: UnitDraft,
    position: int,
) -> str:
    reference, _doubtful = read_unit_reference(draft.reference)
    place = held.get(reference)
    if place is None:
        QualificationUnit.objects.create(
            qualification=qualification, unit=_store_unit(draft), group=group, position=len(held) + position
        )
        return "loaded"
    unit = place.unit
    same_unit = (unit.title, unit.level, unit.credits, unit.guided_hours) == (
        draft.title,
        draft.level,
        draft.credits,
        draft.guided_hours,
    )
    if same_unit and place.group_id == group.pk:
        return "unchanged"
    _store_unit(draft, unit)
    if place.group_id != group.pk:
        place.group = group
        place.save(update_fields=["group"])
    return "updated"
