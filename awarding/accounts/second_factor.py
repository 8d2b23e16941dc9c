"""Whether this session was opened with a second factor, and whether it was given just now."""

from __future__ import annotations

import time
from urllib.parse import urlencode

from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

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


def has_fresh_second_factor(request: HttpRequest) -> bool:
    """True when the person was asked once more, and gave a code or key, within the re-authentication time (settings).

    The password alone does not do: browsers keep it, and whoever finds the computer unlocked has it.
    """
    since = time.time() - settings.ACCOUNT_REAUTHENTICATION_TIMEOUT
    records = get_authentication_records(request, request.user)
    fresh = [entry for entry in records if entry.get("reauthenticated") and entry.get("at", 0) > since]
    return any(entry.get("method") == "mfa" for entry in fresh) and has_second_factor(request)


def ask_for_second_factor(request: HttpRequest) -> HttpResponseRedirect:
    """To the page that asks for a code or key and then comes back here; to setting one up for somebody who has none."""
    own = set(Authenticator.objects.filter(user_id=request.user.pk).values_list("type", flat=True))
    if not own - {Authenticator.Type.RECOVERY_CODES}:
        # The page that ends the setting up leads on from here.
        request.session["go_on_to"] = request.path
        messages.warning(request, _("This needs a second factor. Set one up; you then come back here and go on."))
        return HttpResponseRedirect(reverse("mfa_activate_totp"))
    messages.info(request, _("This needs a code or key of your second factor; the password alone does not do."))
    with_code = Authenticator.Type.TOTP in own
    name = "mfa_reauthenticate" if with_code else "mfa_reauthenticate_webauthn"
    return HttpResponseRedirect(f"{reverse(name)}?{urlencode({'next': request.path})}")
