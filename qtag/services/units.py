"""Z flags, external entries, and units put forward for a teacher's grade in a later series (QTG-15, QTG-16)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from awarding.accounts.standing import Standing
from awarding.audit.services import record
from awarding.catalogue.models import QualificationUnit, Unit
from awarding.findings.finding import blocking
from awarding.frameworks.queries import adopted_document
from awarding.workflow.services import GuardedError, TransitionError
from qtag.models import ExternalEntry, Judgement, LaterUnit, ReducedUnit
from qtag.queries.units import flag_day, is_finishing, unit_state
from qtag.rules.later import entry_findings, flag_findings, later_findings
from qtag.services.locking import JudgementLockedError, lock_open


class UnitError(TransitionError):
    """The unit is not the learner's, or something rests on what was to be taken back. The text says which."""


@transaction.atomic
def flag_reduced(*, actor: Standing, judgement_id: int, unit: Unit) -> ReducedUnit:
    """Sets the Z flag on a unit that was due and not fully assessed (QTG-15). Setting it twice changes nothing.

    After the framework's day it is accepted and marked late. Raises GuardedError where the unit's result is banked.
    """
    judgement = _lock(actor, judgement_id, unit)
    stopping = blocking(flag_findings(unit_state(judgement, unit), str(unit)))
    if stopping:
        raise GuardedError(stopping)
    due = flag_day(judgement)
    is_late = due is not None and timezone.localdate() > due
    flag, is_new = ReducedUnit.objects.get_or_create(
        registration=judgement.registration, unit=unit, defaults={"flagged_by": actor.person, "is_late": is_late}
    )
    if is_new:
        data = {"unit": unit.reference, "late": is_late}
        record("judgement.unit_reduced", actor=actor, target=judgement, data=data)
    return flag


@transaction.atomic
def take_flag_back(*, actor: Standing, judgement_id: int, unit: Unit) -> None:
    """A flag set by mistake; not while the unit is put forward for a later grade. The audit keeps that it was there."""
    judgement = _lock(actor, judgement_id, unit)
    _refuse_put_forward(judgement, unit)
    count, _rows = ReducedUnit.objects.filter(registration=judgement.registration_id, unit=unit).delete()
    if count:
        record("judgement.unit_flag_taken_back", actor=actor, target=judgement, data={"unit": unit.reference})


@transaction.atomic
def record_entry(*, actor: Standing, judgement_id: int, unit: Unit, entered_on: dt.date) -> ExternalEntry:
    """That the learner was entered for the unit's external assessment inside the window (QTG-16); the first record stands.

    Raises GuardedError for a day outside the window, UnitError for one that lies in the future.
    """
    judgement = _lock(actor, judgement_id, unit)
    if entered_on > timezone.localdate():
        raise UnitError(_("The day of the entry lies in the future."))
    stopping = blocking(entry_findings(adopted_document(judgement.submission.adoption), entered_on, str(unit)))
    if stopping:
        raise GuardedError(stopping)
    entry, is_new = ExternalEntry.objects.get_or_create(
        registration=judgement.registration, unit=unit, defaults={"entered_on": entered_on, "recorded_by": actor.person}
    )
    if is_new:
        data = {"unit": unit.reference, "on": entered_on.isoformat()}
        record("judgement.entry_recorded", actor=actor, target=judgement, data=data)
    return entry


@transaction.atomic
def take_entry_back(*, actor: Standing, judgement_id: int, unit: Unit) -> None:
    """An entry recorded by mistake; not while the unit is put forward for a later grade."""
    judgement = _lock(actor, judgement_id, unit)
    _refuse_put_forward(judgement, unit)
    count, _rows = ExternalEntry.objects.filter(registration=judgement.registration_id, unit=unit).delete()
    if count:
        record("judgement.entry_taken_back", actor=actor, target=judgement, data={"unit": unit.reference})


@transaction.atomic
def put_forward(*, actor: Standing, judgement_id: int, unit: Unit) -> LaterUnit:
    """Notes that a learner who goes on is to have a teacher's grade for this unit in a later series (QTG-16).

    Raises GuardedError, with the reason, for a unit without Z flag or external entry, and for a learner who finishes.
    """
    judgement = _lock(actor, judgement_id, unit)
    state = unit_state(judgement, unit)
    stopping = blocking(later_findings(is_finishing(judgement), state, str(unit)))
    if stopping:
        raise GuardedError(stopping)
    basis = LaterUnit.Basis.REDUCED if state.is_reduced else LaterUnit.Basis.ENTRY
    later, is_new = LaterUnit.objects.get_or_create(
        registration=judgement.registration, unit=unit, defaults={"basis": basis, "put_forward_by": actor.person}
    )
    if is_new:
        data = {"unit": unit.reference, "basis": basis.value}
        record("judgement.unit_put_forward", actor=actor, target=judgement, data=data)
    return later


@transaction.atomic
def take_forward_back(*, actor: Standing, judgement_id: int, unit: Unit) -> None:
    """The unit is no longer put forward."""
    judgement = _lock(actor, judgement_id, unit)
    count, _rows = LaterUnit.objects.filter(registration=judgement.registration_id, unit=unit).delete()
    if count:
        record("judgement.unit_not_put_forward", actor=actor, target=judgement, data={"unit": unit.reference})


@dataclass(frozen=True)
class Flagged:
    """What became of flags for many learners: how many carry it now, and by judgement id why the others do not."""

    done: int
    refused: dict[int, str]


@transaction.atomic
def flag_many(*, actor: Standing, judgement_ids: Iterable[int], unit: Unit) -> Flagged:
    """The Z flag of one unit for many learners, each by itself: one that is refused does not hold up the rest (QTG-15)."""
    done, refused = 0, {}
    for judgement_id in sorted(set(judgement_ids)):
        try:
            with transaction.atomic():
                flag_reduced(actor=actor, judgement_id=judgement_id, unit=unit)
                done += 1
        except (TransitionError, JudgementLockedError) as error:
            refused[judgement_id] = str(error)
    return Flagged(done, refused)


def _lock(actor: Standing, judgement_id: int, unit: Unit) -> Judgement:
    judgement = lock_open(actor, judgement_id)
    places = QualificationUnit.objects.filter(qualification=judgement.registration.qualification_id, unit=unit)
    if not places.exists():
        raise UnitError(_("%(unit)s is not a unit of the learner's qualification.") % {"unit": unit})
    return judgement


def _refuse_put_forward(judgement: Judgement, unit: Unit) -> None:
    if LaterUnit.objects.filter(registration=judgement.registration_id, unit=unit).exists():
        raise UnitError(_("The unit is put forward for a later grade on the strength of this. Take that back first."))
