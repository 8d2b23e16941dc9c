"""Approving centres, and changing what an AO says about them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from awarding.audit.services import record
from centres.models import Centre, Establishment


class ApprovalError(ValueError):
    """An approval that cannot be made as asked. `field` names the form's field that is wrong."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def approve_centre(
    *,
    actor: Standing,
    establishment: Establishment,
    number: str,
    name: str = "",
    risk: int = Centre.Risk.LOW,
    approved_on: dt.date | None = None,
) -> Centre:
    """Makes an establishment a centre of the open AO under the AO's own number. A new establishment is stored with it.

    Raises PermissionMissingError; ApprovalError for a number in use or an establishment that is a centre already.
    """
    actor.require(Permission.CENTRES_APPROVE)
    number = number.strip()
    with transaction.atomic():
        if establishment.pk is None:
            establishment.save()
        _refuse_twice(establishment, number)
        try:
            with transaction.atomic():
                centre = Centre.objects.create(
                    establishment=establishment,
                    number=number,
                    name=name.strip() or establishment.name,
                    risk=risk,
                    approved_on=approved_on,
                )
        except IntegrityError:
            # Somebody else approved it between the look and the write.
            _refuse_twice(establishment, number)
            raise
        facts: dict[str, Any] = {"number": number, "establishment": establishment.pk, "risk": risk}
        record("centre.approved", actor=actor, target=centre, data=facts)
    return centre


def _refuse_twice(establishment: Establishment, number: str) -> None:
    if (other := Centre.objects.filter(establishment=establishment).first()) is not None:
        raise ApprovalError(
            "national_number", _("%(name)s is approved already, as centre %(number)s.")
            % {"name": other.name, "number": other.number}
        )  # fmt: skip
    if (other := Centre.objects.filter(number=number).first()) is not None:
        raise ApprovalError(
            "number", _("The number %(number)s belongs to %(name)s. Give this centre another.")
            % {"number": number, "name": other.name}
        )  # fmt: skip


@transaction.atomic
def change_centre(
    *,
    actor: Standing,
    centre: Centre,
    name: str,
    risk: int,
    closed_on: dt.date | None,
) -> Centre:
    """Changes name, risk rating or the end of approval; what changed is audited with before and after."""
    actor.require(Permission.CENTRES_APPROVE, centre.pk)
    centre = Centre.objects.select_for_update(of=("self",)).get(pk=centre.pk)
    changes: dict[str, list[str]] = {}
    new = {"name": name.strip(), "risk": int(risk), "closed_on": closed_on}
    for field, after in new.items():
        before = getattr(centre, field)
        if before != after:
            changes[field] = [str(before or ""), str(after or "")]
            setattr(centre, field, after)
    if changes:
        centre.save(update_fields=list(changes))
        record("centre.changed", actor=actor, target=centre, data=changes)
    return centre
