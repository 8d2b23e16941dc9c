"""Pages about the portal itself: help, and how accessible it is."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from awarding.accounts.audience import public


@public
def help_page(request: HttpRequest) -> HttpResponse:
    """What each person comes to do, and where to do it."""
    return render(request, "portal/help.html", {"heading": _("Help")})


@public
def accessibility(request: HttpRequest) -> HttpResponse:
    """The accessibility statement: what is tested, what is known not to work, whom to tell."""
    return render(request, "portal/accessibility.html", {"heading": _("Accessibility statement")})
