"""Recording what a learner brings by credit transfer or recognition of prior learning, and ending such a record."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from awarding.audit.services import record
from awarding.catalogue.models import Grade, QualificationUnit, Unit
from centres.models import PriorAchievement, Registration


class PriorError(ValueError):
    """A record that cannot be made or ended; `field` names the form's field, the text says what to do instead."""

    def __init__(self, field: str | None, message: str) -> None:
        super().__init__(message)
        self.field = field


@transaction.atomic
def record_prior(
    *,
    actor: Standing,
    registration: Registration,
    unit: Unit,
    kind: str,
    source: str,
    evidence: str,
    achieved_on: dt.date | None = None,
    grade: str = "",
) -> PriorAchievement:
    """Records that a unit comes by credit transfer ("CT") or prior learning ("RPL"): it counts and is not claimed (MIT-12).

    PriorError for a unit that is not the qualification's, is recorded already, has a result, or is filled in on a claim;
    for a registration that has ended; for a grade off the unit scale.
    """
    actor.require(Permission.CLAIMS_FILL, registration.centre_id)
    locked = (
        Registration.objects.select_for_update(of=("self",)).select_related("qualification").get(pk=registration.pk)
    )
    if locked.status != Registration.Status.ACTIVE:
        raise PriorError(None, _("The registration has ended: nothing more is recorded for it."))
    if not QualificationUnit.objects.filter(qualification_id=locked.qualification_id, unit=unit).exists():
        raise PriorError("unit", _("The unit does not stand in this qualification."))
    if PriorAchievement.objects.filter(registration=locked, unit=unit, ended_at=None).exists():
        raise PriorError("unit", _("%(unit)s is on record for this learner already.") % {"unit": unit})
    _refuse_assessed(locked, unit)
    scale = Grade.objects.filter(scale_id=locked.qualification.unit_scale_id, is_achieved=True)
    if grade and not scale.filter(code=grade).exists():
        raise PriorError("grade", _("“%(grade)s” is no achieved grade of these units.") % {"grade": grade})
    made = PriorAchievement.objects.create(
        centre_id=locked.centre_id, registration=locked, unit=unit, kind=kind, source=source.strip(),
        evidence=evidence.strip(), achieved_on=achieved_on, grade=grade, recorded_by=actor.person,
    )  # fmt: skip
    data = {"registration": locked.pk, "unit": unit.reference, "kind": kind, "grade": grade}
    record("prior.recorded", actor=actor, target=made, data=data)
    return made


@transaction.atomic
def end_prior(*, actor: Standing, prior: PriorAchievement, reason: str) -> PriorAchievement:
    """Takes a record back, with a reason; it stays as history. Ending an ended one changes nothing.

    PriorError without a reason, and once the learner's result was made with it.
    """
    actor.require(Permission.CLAIMS_FILL, prior.centre_id)
    Registration.objects.select_for_update(of=("self",)).get(pk=prior.registration_id)
    fresh = PriorAchievement.objects.select_related("unit").get(pk=prior.pk)
    if fresh.ended_at is not None:
        return fresh
    if not reason.strip():
        raise PriorError("reason", _("Say why it is taken back."))
    # Results belong to a later app; the relation's name is all that is known of them here.
    if Registration.objects.filter(pk=fresh.registration_id, results__isnull=False).exists():
        raise PriorError(None, _("The learner has a result that counts this unit: ask the awarding organisation."))
    fresh.ended_at, fresh.ended_by, fresh.end_reason = timezone.now(), actor.person, reason.strip()
    fresh.save(update_fields=["ended_at", "ended_by", "end_reason"])
    data = {"registration": fresh.registration_id, "unit": fresh.unit.reference, "reason": fresh.end_reason}
    record("prior.ended", actor=actor, target=fresh, data=data)
    return fresh


def _refuse_assessed(registration: Registration, unit: Unit) -> None:
    """Claims and results belong to later apps; the names of their relations are all that is known of them here."""
    if Registration.objects.filter(pk=registration.pk, unit_results__unit=unit).exists():
        raise PriorError("unit", _("A result for this unit is on record: it counts without a transfer."))
    rows: Any = Registration._meta.get_field("claim_rows").related_model
    claims: Any = rows._meta.get_field("claim").related_model
    # Whoever fills a claim in holds its lock: a cell cannot be typed while this looks.
    ids = sorted(rows.objects.filter(registration=registration).values_list("claim_id", flat=True))
    list(claims.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("id"))
    filled = rows.objects.filter(registration=registration, cells__unit__unit=unit).exclude(cells__value="")
    row = filled.exclude(claim__state="withdrawn").select_related("claim").first()
    if row is not None:
        message = _("%(unit)s is filled in on eRAC %(number)s. Clear that cell first, or leave the unit there.")
        raise PriorError("unit", message % {"unit": unit.reference, "number": row.claim.number})
