"""What every page's layout needs: who is here, for which AO, where they can go."""

from __future__ import annotations

import time
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from awarding.accounts.models import User
from awarding.accounts.navigation import Link, navigation_for
from awarding.accounts.queries import standings_of
from awarding.ui.addresses import address

ORGANISATIONS_KEY = "organisations"
TOUCHED_KEY = "touched_at"
# A session that is used lasts on; its row is written at most this often.
TOUCH_EVERY_SECONDS = 30 * 60


def portal(request: HttpRequest) -> dict[str, Any]:
    """Context of layouts/base.html. Costs one query (unread notices) on pages of people who are signed in."""
    ao = getattr(request, "ao", None)
    standing = getattr(request, "standing", None)
    context: dict[str, Any] = {
        "service_name": settings.SERVICE_NAME,
        "demo": settings.DEMO,
        "ao": ao,
        "standing": standing,
        "navigation": navigation_for(standing, request.path),
        "sign_in_url": address("account_login"),
        "home_url": address("ao_home", ao=standing.ao.slug) if standing is not None else address("my_work"),
    }
    if getattr(request, "user", None) is not None and request.user.is_authenticated:
        context |= {
            "organisations": SimpleLazyObject(lambda: _organisations(request)),
            "unread_notices": SimpleLazyObject(lambda: _unread(request)),
            "session_seconds": seconds_left(request),
            "keep_alive_url": address("keep_alive"),
        }
    return context


def remember_organisations(request: HttpRequest, person: User) -> None:
    """Keeps the AOs a person works for in the session, so that the menu needs no query."""
    request.session[ORGANISATIONS_KEY] = [[s.ao.slug, s.ao.short_name] for s in standings_of(person)]


def _organisations(request: HttpRequest) -> list[Link]:
    kept = request.session.get(ORGANISATIONS_KEY)
    if kept is None:
        kept = [[s.ao.slug, s.ao.short_name] for s in standings_of(request.user)]  # type: ignore[arg-type]
    current = getattr(getattr(request, "ao", None), "slug", None)
    return [Link(name, address("ao_home", ao=slug), slug == current) for slug, name in kept if slug]


def _unread(request: HttpRequest) -> int:
    from awarding.notices.queries import count_unread  # notices are written with the help of accounts

    return count_unread(request.user)  # type: ignore[arg-type]


def touch(request: HttpRequest) -> None:
    """Notes that the session is in use, which also lengthens it."""
    request.session[TOUCHED_KEY] = int(time.time())


def is_due_a_touch(request: HttpRequest) -> bool:
    return time.time() - request.session.get(TOUCHED_KEY, time.time()) > TOUCH_EVERY_SECONDS


def seconds_left(request: HttpRequest) -> int:
    """Until this session ends if nothing more is asked."""
    used = time.time() - request.session.get(TOUCHED_KEY, time.time())
    return max(0, int(settings.SESSION_COOKIE_AGE - used))
