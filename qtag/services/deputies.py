"""Naming somebody to sign in the head of centre's place, and the AO's answer."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from awarding.accounts.models import User
from awarding.accounts.roles import AO_ROLES, Permission, Role
from awarding.accounts.standing import Standing
from awarding.notices.services import notify_people, notify_roles
from awarding.workflow.services import ReasonMissingError, TransitionError, apply_transition, write_event
from centres.models import Centre
from qtag.models import Deputy
from qtag.queries.deputies import people_to_name
from qtag.workflow import DEPUTY


class DeputyError(TransitionError):
    """This person cannot be named, or not for these days. The text says why."""


@transaction.atomic
def name_deputy(*, actor: Standing, centre: Centre, person: User, reason: str, last_day: date) -> Deputy:
    """The head of centre names one of the centre's people to sign in their place, to a last day (HOC-01).

    Nothing may be signed on the strength of it before the AO has accepted. Raises ReasonMissingError and DeputyError.
    """
    actor.require(Permission.DECLARATIONS_SIGN, centre.pk)
    if not reason.strip():
        raise ReasonMissingError(_("Say why you cannot sign yourself: the awarding organisation decides on it."))
    if last_day < timezone.localdate():
        raise DeputyError(_("The last day has passed already. Choose today or a later one."))
    Centre.objects.select_for_update(of=("self",)).get(pk=centre.pk)
    if not people_to_name(centre).filter(pk=person.pk).exists():
        raise DeputyError(_("Choose somebody of your centre who is not its head and has not been named already."))
    made = Deputy.objects.create(
        centre=centre, person=person, reason=reason.strip(), last_day=last_day, named_by=actor.person, state=DEPUTY.initial
    )  # fmt: skip
    write_event(made, "name", "", actor=actor, reason=made.reason, data={"person": person.pk})
    notify_roles(
        roles={Role.AO_ADMIN}, centre_id=None, key=f"deputy-{made.pk}-named", url=_url(made), target=made,
        subject=_("A deputy for a head of centre waits for your answer"),
        body=_("%(centre)s names %(person)s until %(day)s.") % _facts(made),
    )  # fmt: skip
    return made


@transaction.atomic
def move_deputy(*, actor: Standing, deputy: Deputy, move: str, reason: str, expected_version: int | None) -> Deputy:
    """The AO accepts, refuses or ends one early; the head takes one back (HOC-01). What a deputy signed stands."""
    moved = apply_transition(DEPUTY, deputy, move, actor=actor, reason=reason, expected_version=expected_version)
    subject = _("Deputy of the head of centre: %(what)s") % {"what": DEPUTY.event_label(move)}
    body = _("%(centre)s, %(person)s, until %(day)s.") % _facts(moved)
    key = f"deputy-{moved.pk}-{moved.version}"
    roles = set(DEPUTY.transition(move).notifies)
    centre_id = None if roles & AO_ROLES else moved.centre_id
    notify_roles(
        roles=roles, centre_id=centre_id, key=key, subject=subject, body=body, url=_url(moved), target=moved,
        besides=actor.person,
    )  # fmt: skip
    # The deputy has no page of deputies: what they can do now, or no longer, stands with the declarations.
    if move != "refuse":
        url = reverse("qtag:declarations", kwargs={"ao": moved.ao.slug})
        notify_people(
            people=[moved.person], centre_id=moved.centre_id, key=key, subject=subject, body=body, url=url, target=moved
        )
    return moved


def _facts(deputy: Deputy) -> dict[str, str]:
    day = deputy.last_day.strftime("%d %B %Y")
    return {"centre": deputy.centre.name, "person": str(deputy.person), "day": day}


def _url(deputy: Deputy) -> str:
    return reverse("qtag:deputy", kwargs={"ao": deputy.ao.slug, "deputy_id": deputy.pk})
