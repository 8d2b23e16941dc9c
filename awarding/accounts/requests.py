"""The request as views see it after the middleware: with the person, their AO and their standing there."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from awarding.accounts.models import User
from awarding.accounts.standing import Standing
from awarding.tenancy.models import AwardingOrganisation
from awarding.ui.addresses import address


class PortalRequest(HttpRequest):
    """A request inside one AO by somebody who holds a role there. Typing only: the middleware sets these attributes."""

    ao: AwardingOrganisation
    standing: Standing
    user: User


def standing_in(request: HttpRequest) -> Standing:
    """The standing that the middleware found; pages inside an AO are only served with one."""
    standing: Standing = request.standing  # type: ignore[attr-defined]
    return standing


def ao_url(request: HttpRequest, name: str, **kwargs: Any) -> str:
    """The address of a route inside the request's AO."""
    return address(name, ao=standing_in(request).ao.slug, **kwargs)
