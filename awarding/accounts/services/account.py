"""Writes about one account."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
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
