"""Announcing clinics and demonstrations, taking a place, calling one off."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from awarding.accounts.roles import AO_ROLES, Permission, Role
from awarding.accounts.standing import Standing
from awarding.audit.services import record
from awarding.enquiries.models import HelpSession, SignUp
from awarding.enquiries.queries.sessions import sign_ups_of, visible_sessions
from awarding.notices.models import Urgency
from awarding.notices.services import notify_people, notify_roles


class SessionError(ValueError):
    """What was asked of a session cannot be done; the text is for the page."""


@transaction.atomic
def announce_session(
    *, actor: Standing, kind: str, title: str, about: str, starts_at: datetime, minutes: int, roles: list[str],
    place: str = "", link: str = "", capacity: int | None = None,
) -> HelpSession:  # fmt: skip
    """Announces a session to everybody who holds one of `roles`, and to nobody else (HLP-02).

    Raises SessionError for one in the past, one for nobody, and one that takes place nowhere.
    """
    actor.require(Permission.HELP_PUBLISH)
    if starts_at <= timezone.now():
        raise SessionError(_("It would have begun already. Give a time to come."))
    if not roles:
        raise SessionError(_("Say for which roles it is."))
    if not (place.strip() or link.strip()):
        raise SessionError(_("Say where it is: a place, a link to join, or both."))
    session = HelpSession.objects.create(
        kind=HelpSession.Kind(kind), title=title.strip(), about=about.strip(), starts_at=starts_at, minutes=minutes,
        place=place.strip(), link=link.strip(), roles=[Role(role).value for role in roles], capacity=capacity,
        announced_by=actor.person,
    )  # fmt: skip
    record("session.announced", actor=actor, target=session, data={"roles": session.roles, "starts": str(starts_at)})
    body = _("%(when)s, %(minutes)s minutes. %(about)s") % {
        "when": f"{timezone.localtime(starts_at):%d %B %Y, %H:%M}", "minutes": minutes, "about": session.about
    }  # fmt: skip
    wanted = {Role(role) for role in session.roles}
    for group in (wanted & AO_ROLES, wanted - AO_ROLES):
        if group:
            notify_roles(
                roles=set(group), centre_id=None, key=f"session-{session.pk}", body=body, target=session,
                subject=f"{session.get_kind_display()}: {session.title}", url=_url(actor, session), besides=actor.person,
            )  # fmt: skip
    return session


@transaction.atomic
def sign_up(*, actor: Standing, session: HelpSession) -> SignUp:
    """Takes a place; again while holding one changes nothing. Raises SessionError when it is full, begun or off."""
    locked = _lock(actor, session)
    held = SignUp.objects.filter(session=locked, person=actor.person, given_up_at=None).first()
    if held is not None:
        return held
    if not locked.is_open:
        raise SessionError(_("It has begun or was called off: no place can be taken any more."))
    if locked.capacity is not None and sign_ups_of(locked).count() >= locked.capacity:
        raise SessionError(_("All places are taken. Look again later: somebody may give theirs up."))
    made = SignUp.objects.create(session=locked, person=actor.person)
    record("session.signed_up", actor=actor, target=locked)
    return made


@transaction.atomic
def give_up_place(*, actor: Standing, session: HelpSession) -> None:
    """Gives one's place up, so that somebody else can have it. Without one nothing changes."""
    locked = _lock(actor, session)
    held = SignUp.objects.filter(session=locked, person=actor.person, given_up_at=None)
    if held.update(given_up_at=timezone.now()):
        record("session.place_given_up", actor=actor, target=locked)


@transaction.atomic
def call_off_session(*, actor: Standing, session: HelpSession, reason: str) -> HelpSession:
    """Calls a session off and tells those who signed up, with the reason. Raises SessionError without one."""
    actor.require(Permission.HELP_PUBLISH)
    if not reason.strip():
        raise SessionError(_("Say why: those who signed up read it."))
    locked = _lock(actor, session)
    if not locked.is_open:
        raise SessionError(_("It has begun or was called off already."))
    locked.cancelled_at, locked.cancel_reason = timezone.now(), reason.strip()
    locked.save(update_fields=["cancelled_at", "cancel_reason"])
    record("session.called_off", actor=actor, target=locked, data={"reason": locked.cancel_reason})
    notify_people(
        people=[row.person for row in sign_ups_of(locked)], key=f"session-{locked.pk}-off", urgency=Urgency.URGENT,
        subject=_("Called off: %(title)s") % {"title": locked.title}, body=locked.cancel_reason, target=locked,
        url=_url(actor, locked),
    )  # fmt: skip
    return locked


def _lock(actor: Standing, session: HelpSession) -> HelpSession:
    if not visible_sessions(actor).filter(pk=session.pk).exists():
        raise SessionError(_("This session is for other roles than yours."))
    locked: HelpSession = HelpSession.objects.select_for_update(of=("self",)).get(pk=session.pk)
    return locked


def _url(actor: Standing, session: HelpSession) -> str:
    return reverse("enquiries:session", kwargs={"ao": actor.ao.slug, "session_id": session.pk})
