"""Pages about the portal itself: help, and how accessible it is."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.utils.translation import gettext as _

from awarding.accounts.audience import public


@public
def help_page(request: HttpRequest) -> HttpResponse:
    """What each person comes to do, and where to do it."""
    return render(request, "portal/help.html", {"heading": _("Help")})


@public
def favicon(request: HttpRequest) -> HttpResponse:
    """Where browsers look for the icon of what is no page of ours, such as a PDF or a workbook."""
    return redirect(static("portal/icon.svg"))


@public
def accessibility(request: HttpRequest) -> HttpResponse:
    """The accessibility statement: what is tested, what is known not to work, whom to tell."""
    return render(request, "portal/accessibility.html", {"heading": _("Accessibility statement")})
