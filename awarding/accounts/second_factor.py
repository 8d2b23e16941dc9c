"""Whether this session was opened with a second factor, and whether it was given just now."""

from __future__ import annotations

from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.login import record_authentication
from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.http import HttpRequest

from awarding.accounts.models import User


def has_second_factor(request: HttpRequest) -> bool:
    """True when a code or key was used in this session, or the person's first one was set up in it.

    Having one configured is not enough: what counts is what this session has shown. Reads the methods that allauth notes
    in the session, and asks whether the person still has any factor at all.
    """
    records = get_authentication_records(request, request.user)
    return any(entry.get("method") == "mfa" for entry in records) and get_adapter().is_mfa_enabled(request.user)


def note_set_up(request: HttpRequest, person: User, authenticator: Authenticator) -> bool:
    """Counts setting up one's first second factor as having shown it. Answers whether it counted.

    Only the first: otherwise a session opened with a stolen password alone could add a factor of its own to an account
    that has one already, and pass for having used it.
    """
    if authenticator.type == Authenticator.Type.RECOVERY_CODES:
        return False
    others = Authenticator.objects.filter(user=person).exclude(pk=authenticator.pk)
    if others.exclude(type=Authenticator.Type.RECOVERY_CODES).exists():
        return False
    record_authentication(request, person, "mfa", id=authenticator.pk, type=authenticator.type, set_up=True)
    return True


def signed_in_freshly(request: HttpRequest) -> bool:
    """True when the person proved who they are within the re-authentication time (settings)."""
    return did_recently_reauthenticate(request)
