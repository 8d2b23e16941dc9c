"""A qualification's units, groups and rules from a workbook, all at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.utils.translation import gettext as _

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from awarding.catalogue.models import LevelCredits, Qualification, QualificationUnit, UnitGroup
from awarding.catalogue.queries.combination import sets_by_reference
from awarding.catalogue.services.combination import save_rules
from awarding.catalogue.services.qualification import CatalogueError, lock_qualification
from awarding.catalogue.services.reading import read_unit_reference
from awarding.catalogue.services.units import (
    GroupDraft,
    UnitDraft,
    group_in_words,
    set_others,
    store_unit,
    touch_rules,
    write_group,
)


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
class RulesDraft:
    """What a workbook says beside units and groups; None, or a unit that is not named, leaves what is there.

    `also` is {unit reference: names of the groups in which it may count instead}; `levels` (level, credits); `barred` sets
    of references.
    """

    also: Mapping[str, Sequence[str]] = field(default_factory=dict)
    levels: Sequence[tuple[int, int]] | None = None
    barred: Sequence[Sequence[str]] | None = None
    transfer_limit: int | None = None

    @property
    def is_silent(self) -> bool:
        return self.levels is None and self.barred is None and self.transfer_limit is None


@transaction.atomic
def load_units(
    *,
    actor: Standing,
    qualification: Qualification,
    groups: list[GroupDraft],
    units: list[tuple[UnitDraft, str]],
    rules: RulesDraft | None = None,
) -> UnitsReport:
    """Adds or changes the units of a qualification with their groups, each unit with its group's name, in this order.

    What the workbook does not name stays: a unit is taken out on the page. The same workbook twice changes nothing.
    CatalogueError for rules that cannot be.
    """
    actor.require(Permission.CATALOGUE_EDIT)
    locked = lock_qualification(qualification)
    rules = rules or RulesDraft()
    report = UnitsReport(read=len(units))
    held_groups = {group.name: group for group in locked.groups.select_related("inside")}
    for draft in _outer_first(groups):
        report.groups += _load_group(locked, held_groups, draft)
    held_places = {place.unit.reference: place for place in locked.unit_places.select_related("unit", "group")}
    for position, (unit, group_name) in enumerate(units):
        outcome, place = _load_place(locked, held_places, held_groups[group_name], unit, position)
        if unit.reference in rules.also:
            others = _named(held_groups, rules.also[unit.reference])
            if set_others(place, others) and outcome == "unchanged":
                outcome = "updated"
        setattr(report, outcome, getattr(report, outcome) + 1)
    if report.loaded or report.updated or report.groups:
        counts = _("%(loaded)s units added, %(updated)s changed; %(groups)s groups added or changed")
        touch_rules(locked, actor, "units_loaded", "", counts % report.__dict__)
    if not rules.is_silent:
        _load_rules(actor, locked, rules)
    return report


def _outer_first(groups: Iterable[GroupDraft]) -> list[GroupDraft]:
    """A group after the one that it stands inside, as far as both are in the workbook."""
    waiting, done, order = list(groups), set[str](), list[GroupDraft]()
    names = {draft.name for draft in waiting}
    while waiting:
        ready = [draft for draft in waiting if draft.inside not in names or draft.inside in done]
        if not ready:
            message = _("The groups %(names)s stand inside each other.") % {"names": ", ".join(d.name for d in waiting)}
            raise CatalogueError("inside", message)
        order += ready
        done |= {draft.name for draft in ready}
        waiting = [draft for draft in waiting if draft.name not in done]
    return order


def _load_group(qualification: Qualification, held: dict[str, UnitGroup], draft: GroupDraft) -> int:
    group = held.get(draft.name)
    before = group_in_words(group) if group else ""
    if group is None:
        last = max((row.position for row in held.values()), default=-1)
        held[draft.name] = group = UnitGroup(qualification=qualification, position=last + 1)
    elif before == _draft_in_words(qualification, draft):
        return 0
    write_group(group, draft)
    return 1


def _draft_in_words(qualification: Qualification, draft: GroupDraft) -> str:
    asks = ("is_mandatory", "min_units", "min_credits", "max_units", "max_credits")
    trial = UnitGroup(qualification=qualification, name=draft.name, **{name: getattr(draft, name) for name in asks})
    if draft.inside:
        trial.inside = UnitGroup(qualification=qualification, name=draft.inside)
    return group_in_words(trial)


def _named(held: Mapping[str, UnitGroup], names: Iterable[str]) -> list[UnitGroup]:
    unknown = [name for name in names if name not in held]
    if unknown:
        message = _("There is no group “%(name)s” in which a unit could count, too. Correct the name.")
        raise CatalogueError("also", message % {"name": unknown[0]})
    return [held[name] for name in names]


def _load_place(
    qualification: Qualification,
    held: Mapping[str, QualificationUnit],
    group: UnitGroup,
    draft: UnitDraft,
    position: int,
) -> tuple[str, QualificationUnit]:
    reference, _doubtful = read_unit_reference(draft.reference)
    place = held.get(reference)
    if place is None:
        made = QualificationUnit.objects.create(
            qualification=qualification, unit=store_unit(draft), group=group, position=len(held) + position
        )
        return "loaded", made
    unit = place.unit
    same_unit = (unit.title, unit.level, unit.credits, unit.guided_hours) == (
        draft.title,
        draft.level,
        draft.credits,
        draft.guided_hours,
    )
    if same_unit and place.group_id == group.pk:
        return "unchanged", place
    store_unit(draft, unit)
    if place.group_id != group.pk:
        place.group = group
        place.save(update_fields=["group"])
    return "updated", place


def _load_rules(actor: Standing, qualification: Qualification, rules: RulesDraft) -> None:
    levels = LevelCredits.objects.filter(qualification=qualification).order_by("level").values_list("level", "credits")
    save_rules(
        actor=actor,
        qualification=qualification,
        levels=list(levels) if rules.levels is None else rules.levels,
        barred=sets_by_reference(qualification) if rules.barred is None else rules.barred,
        transfer_limit=qualification.transfer_limit if rules.transfer_limit is None else rules.transfer_limit,
    )
