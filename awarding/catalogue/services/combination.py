"""Rules of combination over the whole qualification, and the family of its sizes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from awarding.audit.services import record
from awarding.catalogue.models import (
    BarredSet,
    BarredUnit,
    LevelCredits,
    Qualification,
    QualificationFamily,
    QualificationUnit,
)
from awarding.catalogue.queries.combination import sets_by_reference
from awarding.catalogue.rules.wording import level_in_words
from awarding.catalogue.services.qualification import CatalogueError, lock_qualification, note_change
from awarding.workflow.services import StalePageError

MOST_BARRED_SETS = 200


@transaction.atomic
def save_rules(
    *,
    actor: Standing,
    qualification: Qualification,
    levels: Sequence[tuple[int, int]],
    barred: Sequence[Collection[str]],
    transfer_limit: int | None,
    expected: datetime | None = None,
) -> Qualification:
    """Sets what holds over all groups: (level, credits) minima, sets of barred units by reference, the percentage that may
    come by transfer. The same facts again change nothing (MIT-12).

    CatalogueError names the field that cannot be; StalePageError when the qualification changed since `expected`.
    """
    actor.require(Permission.CATALOGUE_EDIT)
    locked = lock_qualification(qualification, expected)
    if transfer_limit is not None and not locked.min_credits:
        message = _("The limit is a share of the credits needed, and none are set. Enter the credits needed first.")
        raise CatalogueError("transfer_limit", message)
    places = {place.unit.reference: place for place in locked.unit_places.select_related("unit")}
    _refuse_levels(levels)
    sets = _read_sets(barred, places)
    changed = [
        _change(locked, actor, "level_credits", _levels_in_words(locked), _store_levels, levels),
        _change(locked, actor, "barred_units", _sets_in_words(locked), _store_sets, sets),
    ]
    if locked.transfer_limit != transfer_limit:
        note_change(locked, actor, "transfer_limit", locked.transfer_limit, transfer_limit)
        locked.transfer_limit = transfer_limit
        changed.append(True)
    if any(changed):
        locked.updated_at = timezone.now()
        locked.save()
        record("qualification.rules_changed", actor=actor, target=locked, data={"transfer_limit": transfer_limit})
    return locked


def _change(
    locked: Qualification,
    actor: Standing,
    field: str,
    before: str,
    store: Callable[[Qualification, Any], str],
    facts: Any,
) -> bool:
    after = store(locked, facts)
    if before == after:
        return False
    note_change(locked, actor, field, before, after)
    return True


def _refuse_levels(levels: Sequence[tuple[int, int]]) -> None:
    known = [level for level, _credits in levels]
    for level in known:
        if known.count(level) > 1:
            message = _("%(level)s stands twice. Each level stands once.") % {"level": level_in_words(level)}
            raise CatalogueError("levels", message[:1].upper() + message[1:])


def _read_sets(
    barred: Sequence[Collection[str]], places: dict[str, QualificationUnit]
) -> list[list[QualificationUnit]]:
    if len(barred) > MOST_BARRED_SETS:
        raise CatalogueError("barred", _("At most %(count)s sets.") % {"count": MOST_BARRED_SETS})
    found: list[list[QualificationUnit]] = []
    for references in barred:
        for reference in references:
            if reference not in places:
                message = _("“%(reference)s” is not a unit of this qualification. Add it first, or correct it.")
                raise CatalogueError("barred", message % {"reference": reference})
        rows = [places[reference] for reference in dict.fromkeys(references)]
        if len(rows) < 2:
            raise CatalogueError(
                "barred", _("“%(units)s”: a set names two units at least.") % {"units": " ".join(references)}
            )
        found.append(rows)
    return found


def _levels_in_words(qualification: Qualification) -> str:
    rows = LevelCredits.objects.filter(qualification=qualification).order_by("level").values_list("level", "credits")
    return "; ".join(f"{level}: {credits}" for level, credits in rows)


def _store_levels(qualification: Qualification, levels: Sequence[tuple[int, int]]) -> str:
    wanted = dict(levels)
    held = {row.level: row for row in LevelCredits.objects.filter(qualification=qualification)}
    LevelCredits.objects.filter(qualification=qualification).exclude(level__in=wanted).delete()
    for level, credits in wanted.items():
        row = held.get(level) or LevelCredits(qualification=qualification, level=level)
        if row.pk is None or row.credits != credits:
            row.credits = credits
            row.save()
    return _levels_in_words(qualification)


def _sets_in_words(qualification: Qualification) -> str:
    return "; ".join(" + ".join(references) for references in sets_by_reference(qualification))


def _store_sets(qualification: Qualification, sets: Sequence[Sequence[QualificationUnit]]) -> str:
    wanted = {frozenset(place.unit.reference for place in places) for places in sets}
    if wanted != set(map(frozenset, sets_by_reference(qualification))):
        BarredSet.objects.filter(qualification=qualification).delete()
        for places in sets:
            made = BarredSet.objects.create(qualification=qualification)
            for place in places:
                BarredUnit.objects.create(barred_set=made, place=place)
    return _sets_in_words(qualification)


@transaction.atomic
def save_family(
    *,
    actor: Standing,
    name: str,
    sizes: Sequence[Qualification],
    family: QualificationFamily | None = None,
    expected: datetime | None = None,
) -> QualificationFamily:
    """Makes the family of a qualification's sizes, the smallest first, or changes one (MIT-13).

    CatalogueError for fewer than two sizes, one named twice, or one of another family.
    """
    actor.require(Permission.CATALOGUE_EDIT)
    if family is not None:
        family = QualificationFamily.objects.select_for_update().get(pk=family.pk)
        if expected is not None and family.updated_at != expected:
            raise StalePageError(
                _("Somebody changed this family since you opened the page. Nothing of yours was saved.")
            )
    namesakes = QualificationFamily.objects.filter(name=name)
    if (namesakes.exclude(pk=family.pk) if family else namesakes).exists():
        raise CatalogueError("name", _("There is a family of that name. Choose another name, or change that family."))
    ids = [row.pk for row in sizes]
    if len(ids) < 2 or len(set(ids)) != len(ids):
        raise CatalogueError("sizes", _("Name two qualifications at least, each once."))
    locked = {row.pk: row for row in Qualification.objects.select_for_update().filter(pk__in=ids).order_by("id")}
    for row in locked.values():
        if row.family_id is not None and (family is None or row.family_id != family.pk):
            message = _("%(qualification)s is a size of another family already. Take it out there first.")
            raise CatalogueError("sizes", message % {"qualification": row})
    family = family or QualificationFamily()
    before = [row.qan for row in family.sizes.order_by("size", "id")] if family.pk else []
    family.name, family.updated_at = name, timezone.now()
    family.save()
    Qualification.objects.filter(family=family).exclude(pk__in=ids).update(family=None, size=0)
    for size, pk in enumerate(ids, 1):
        Qualification.objects.filter(pk=pk).update(family=family, size=size)
    after = [locked[pk].qan for pk in ids]
    record("family.saved", actor=actor, target=family, data={"name": name, "before": before, "after": after})
    return family


@transaction.atomic
def remove_family(*, actor: Standing, family: QualificationFamily) -> None:
    """Takes a family apart; its qualifications stay and stand alone."""
    actor.require(Permission.CATALOGUE_EDIT)
    locked = QualificationFamily.objects.select_for_update().get(pk=family.pk)
    Qualification.objects.filter(family=locked).update(family=None, size=0)
    record("family.removed", actor=actor, target=locked, data={"name": locked.name})
    locked.delete()
