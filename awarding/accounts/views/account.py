"""My account, and what somebody without an account or without a second factor meets."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from awarding.accounts.adapter import set_language
from awarding.accounts.audience import public, signed_in
from awarding.accounts.context import touch
from awarding.accounts.forms.account import AccountForm
from awarding.accounts.queries import places_of, standings_of
from awarding.accounts.requests import PortalRequest
from awarding.accounts.second_factor import has_second_factor
from awarding.accounts.services.account import change_account


@public
def how_to_get_an_account(request: HttpRequest) -> HttpResponse:
    """There is no open sign-up: who to ask."""
    return render(request, "account/signup.html", {"heading": _("How to get an account")})


@signed_in
def my_account(request: PortalRequest) -> HttpResponse:
    """Name and language, and the ways to the password, the second factors and the sessions."""
    person = request.user
    form = AccountForm(request.POST or None, initial={"name": person.name, "language": person.language})
    if request.method == "POST" and form.is_valid():
        change_account(person=person, **form.cleaned_data)
        with translation.override(person.language):
            messages.success(request, _("Your account was changed."))
        response = redirect("my_account")
        set_language(response, person.language)
        return response
    kinds = list(Authenticator.objects.filter(user=person).values_list("type", flat=True))
    context = {
        "heading": _("My account"),
        "form": form,
        "has_app": Authenticator.Type.TOTP in kinds,
        "keys": kinds.count(Authenticator.Type.WEBAUTHN),
        "has_recovery_codes": Authenticator.Type.RECOVERY_CODES in kinds,
        "places": places_of(person),
    }
    return render(request, "accounts/account.html", context)


@signed_in
def second_factor_needed(request: PortalRequest) -> HttpResponse:
    """Why a password alone is not enough for one of the person's roles, and the way on."""
    standings = standings_of(request.user)
    context = {
        "heading": _("A second factor is needed"),
        "needed_at": [standing.ao for standing in standings if standing.needs_second_factor],
        "is_used": has_second_factor(request),
        "has_one": Authenticator.objects.filter(user=request.user).exists(),
    }
    return render(request, "accounts/second_factor_needed.html", context)


@signed_in
@never_cache
def keep_alive(request: HttpRequest) -> HttpResponse:
    """Lengthens the session of somebody who is still typing; asked by the page, see static/portal/portal.js."""
    touch(request)
    return HttpResponse(status=204)
