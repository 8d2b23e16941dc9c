"""The request as views see it after the middleware: with the person, their AO and their standing there."""

from __future__ import annotations

from django.http import HttpRequest

from awarding.accounts.models import User
from awarding.accounts.standing import Standing
from awarding.tenancy.models import AwardingOrganisation


class PortalRequest(HttpRequest):
    """A request inside one AO by somebody who holds a role there. Typing only: the middleware sets these attributes."""

    ao: AwardingOrganisation
    standing: Standing
    user: User
