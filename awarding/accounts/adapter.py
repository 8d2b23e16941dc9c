"""How allauth behaves here: no open sign-up, and pages in the language of the person who signed in."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from awarding.accounts.models import User


class AccountAdapter(DefaultAccountAdapter):
    """People come by invitation; nobody signs up by themselves."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        response = super().post_login(request, user, **kwargs)
        set_language(response, user.language)
        return response


def set_language(response: HttpResponse, language: str) -> None:
    """Remembers a person's language for the pages to come."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=365 * 86400,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
