"""Writes about one account."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _

from awarding.accounts.models import User
from awarding.accounts.standing import Process
from awarding.audit.services import record
from awarding.notices.mail import try_to_send


@transaction.atomic
def change_account(*, person: User, name: str, language: str) -> None:
    """Changes how a person is called and addressed. They do it themselves; nobody else can."""
    before = {"name": person.name, "language": person.language}
    person.name, person.language = name.strip(), language
    person.save(update_fields=["name", "language"])
    record("person.account_changed", actor=person, target=person, data={"before": before})


def clear_expired_sessions() -> int:
    """Deletes sessions that have ended, and what was noted of where they were used. Answers how many were noted.

    A session ends by its own date, so nothing is decided here and nobody is signed out.
    """
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
    kept = Session.objects.values("session_key")
    # The note of a sign-in that is happening now may be there a moment before its session is.
    ended = UserSession.objects.filter(created_at__lt=timezone.now() - timedelta(hours=1))
    number, _each = ended.exclude(session_key__in=kept).delete()
    return number


@transaction.atomic
def remove_second_factors(*, person: User, actor: Process, reason: str) -> int:
    """Takes away every second factor and session of somebody who lost them all; they set up new ones when they sign in.

    For whoever runs the portal, after making sure who is asking: no AO may do it, since the person may work for others.
    Answers how many factors there were. The person is told by e-mail; a mail server that is away holds nothing up.
    """
    if not reason.strip():
        raise ValueError("Say who asked and how it was made sure that it is them.")
    number = Authenticator.objects.filter(user=person).exclude(type=Authenticator.Type.RECOVERY_CODES).count()
    Authenticator.objects.filter(user=person).delete()
    for session in UserSession.objects.filter(user=person):
        session.end()
    record(
        "person.second_factors_removed", actor=actor, target=person, data={"number": number, "reason": reason.strip()}
    )
    message = EmailMessage(
        _("Your second factors were removed"), render_to_string("emails/second_factors_removed.txt", {"person": person}),
        to=[person.email],
    )  # fmt: skip
    transaction.on_commit(lambda: try_to_send(message))
    return number
