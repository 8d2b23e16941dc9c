"""Sign-ins and changes to how one signs in, on the audit trail.

The one place where signals carry something of ours: sign-in belongs to allauth and Django, which call no service of the
portal, and tell of what happened in no other way. Nothing here decides anything.
"""

from __future__ import annotations

from typing import Any

from allauth.account import signals as account_signals
from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from allauth.mfa import signals as mfa_signals
from allauth.mfa.models import Authenticator
from django.contrib.auth import signals as auth_signals
from django.dispatch import receiver
from django.http import HttpRequest

from awarding.accounts.context import remember_organisations, touch
from awarding.accounts.models import User
from awarding.accounts.second_factor import note_set_up
from awarding.accounts.standing import Process
from awarding.audit.services import record

SIGN_IN = Process("sign-in")


def _address(request: HttpRequest | None) -> str:
    """The address the request came from, as the rate limits see it; "" where there is none (a command, a test)."""
    if request is None or not request.META.get("REMOTE_ADDR"):
        return ""
    return get_adapter(request).get_client_ip(request)


@receiver(auth_signals.user_logged_in)
def _signed_in(request: HttpRequest, user: User, **_kwargs: Any) -> None:
    methods = [entry.get("type") or entry.get("method") for entry in get_authentication_records(request, user)]
    demo = any(entry.get("demo") for entry in get_authentication_records(request, user))
    facts = {"methods": methods, "from": _address(request)} | ({"demonstration": True} if demo else {})
    record("person.signed_in", actor=user, target=user, data=facts)
    touch(request)
    remember_organisations(request, user)


@receiver(auth_signals.user_logged_out)
def _signed_out(request: HttpRequest, user: User | None, **_kwargs: Any) -> None:
    if user is not None:
        record("person.signed_out", actor=user, target=user)


@receiver(auth_signals.user_login_failed)
def _sign_in_failed(credentials: dict[str, Any], request: HttpRequest | None = None, **_kwargs: Any) -> None:
    # The address that was typed is not kept: people type passwords into the wrong box.
    person = User.objects.filter(email=str(credentials.get("email", "")).strip().lower()).first()
    facts = {"from": _address(request), "account_known": person is not None}
    record("person.sign_in_failed", actor=SIGN_IN, target=person, data=facts)


@receiver(mfa_signals.authentication_failed)
def _second_factor_failed(request: HttpRequest, user: User, authenticator: Authenticator, **_kwargs: Any) -> None:
    facts = {"type": authenticator.type, "from": _address(request)}
    record("person.second_factor_failed", actor=SIGN_IN, target=user, data=facts)


@receiver(mfa_signals.authenticator_added)
def _second_factor_added(request: HttpRequest, user: User, authenticator: Authenticator, **_kwargs: Any) -> None:
    record("person.second_factor_added", actor=user, target=user, data={"type": authenticator.type})
    note_set_up(request, user, authenticator)


@receiver(mfa_signals.authenticator_removed)
def _second_factor_removed(user: User, authenticator: Authenticator, **_kwargs: Any) -> None:
    record("person.second_factor_removed", actor=user, target=user, data={"type": authenticator.type})


@receiver(mfa_signals.authenticator_reset)
def _recovery_codes_made_again(user: User, authenticator: Authenticator, **_kwargs: Any) -> None:
    record("person.recovery_codes_made_again", actor=user, target=user, data={"type": authenticator.type})


@receiver([account_signals.password_changed, account_signals.password_set, account_signals.password_reset])
def _password_changed(user: User, signal: Any, **_kwargs: Any) -> None:
    event = "person.password_reset" if signal is account_signals.password_reset else "person.password_changed"
    record(event, actor=user, target=user)
