"""Whether this session was opened with a second factor, and whether it was given just now."""

from __future__ import annotations

from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate
from allauth.mfa.adapter import get_adapter
from django.http import HttpRequest

SESSION_KEY = "account_authentication_methods"


def has_second_factor(request: HttpRequest) -> bool:
    """True when this session signed in with a passkey or a code, or set one up in this session.

    The sign-in methods that allauth notes in the session are read: {"method": "mfa", ...} for codes and keys, and
    {"method": "mfa", "passwordless": True} for passkeys.
    """
    methods = request.session.get(SESSION_KEY, [])
    return any(entry.get("method") == "mfa" for entry in methods) and get_adapter().is_mfa_enabled(request.user)


def signed_in_freshly(request: HttpRequest) -> bool:
    """True when the person proved who they are within the re-authentication time (settings)."""
    return did_recently_reauthenticate(request)
