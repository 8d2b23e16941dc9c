"""Clinics and demonstrations."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from awarding.accounts.audience import allowed, member
from awarding.accounts.requests import PortalRequest
from awarding.accounts.roles import Permission
from awarding.enquiries.forms.sessions import CallOffForm, SessionForm
from awarding.enquiries.models import HelpSession
from awarding.enquiries.queries.sessions import coming_sessions, past_sessions, sign_ups_of, visible_sessions
from awarding.enquiries.services import session as service
from awarding.enquiries.services.session import SessionError
from awarding.ui.unsaved import tell_unsaved, texts_of

PER_PAGE = 30


@member
@require_safe
def sessions(request: PortalRequest) -> HttpResponse:
    """Those to come for this person's roles; `?show=past` those that were."""
    past = request.GET.get("show") == "past"
    rows = past_sessions(request.standing) if past else coming_sessions(request.standing)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "heading": _("Clinics and demonstrations"),
        "breadcrumbs": _crumbs(request, last=False),
        "page_obj": page,
        "past": past,
        "can_publish": request.standing.can(Permission.HELP_PUBLISH),
    }
    return render(request, "enquiries/sessions.html", context)


@allowed(Permission.HELP_PUBLISH)
@require_http_methods(["GET", "POST"])
def announce(request: PortalRequest) -> HttpResponse:
    """Announces one to the roles that it is for."""
    form = SessionForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            made = service.announce_session(actor=request.standing, **form.cleaned_data)
        except SessionError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("It is announced to those it is for."))
            return redirect("enquiries:session", ao=request.ao.slug, session_id=made.pk)
    context = {"heading": _("Announce a clinic or demonstration"), "form": form, "breadcrumbs": _crumbs(request)}
    return render(request, "enquiries/announce.html", context)


@member
@require_safe
def session(request: PortalRequest, session_id: int) -> HttpResponse:
    """One session: when, where, whether one has a place; who comes, for the AO."""
    return _page(request, _find(request, session_id))


@member
@require_POST
def place(request: PortalRequest, session_id: int) -> HttpResponse:
    """Takes a place, or with `give_up` gives it up."""
    found = _find(request, session_id)
    try:
        if "give_up" in request.POST:
            service.give_up_place(actor=request.standing, session=found)
            messages.success(request, _("Your place is given up."))
        else:
            service.sign_up(actor=request.standing, session=found)
            messages.success(request, _("You have a place."))
    except SessionError as error:
        messages.error(request, str(error))
    return redirect("enquiries:session", ao=request.ao.slug, session_id=found.pk)


@allowed(Permission.HELP_PUBLISH)
@require_POST
def call_off(request: PortalRequest, session_id: int) -> HttpResponse:
    """Calls it off; what a second one wrote is told back."""
    found = _find(request, session_id)
    form = CallOffForm(request.POST)
    if form.is_valid():
        try:
            service.call_off_session(actor=request.standing, session=found, reason=form.cleaned_data["reason"])
        except SessionError as error:
            tell_unsaved(request, error, texts_of(form))
        else:
            messages.success(request, _("It is called off; those who had a place are told."))
        return redirect("enquiries:session", ao=request.ao.slug, session_id=found.pk)
    return _page(request, found, form)


def _page(request: PortalRequest, found: HelpSession, form: CallOffForm | None = None) -> HttpResponse:
    publishes = request.standing.can(Permission.HELP_PUBLISH)
    context = {
        "heading": found.title,
        "breadcrumbs": _crumbs(request),
        "session": found,
        "left": found.capacity - found.taken if found.capacity is not None else None,  # type: ignore[attr-defined]
        "people": sign_ups_of(found) if publishes else [],
        "can_publish": publishes,
        "form": (form or CallOffForm()) if publishes and found.is_open else None,
        "has_errors": form is not None,
    }
    return render(request, "enquiries/session.html", context)


def _find(request: PortalRequest, session_id: int) -> HelpSession:
    found: HelpSession = get_object_or_404(visible_sessions(request.standing), pk=session_id)
    return found


def _crumbs(request: PortalRequest, *, last: bool = True) -> list[tuple[str, str]]:
    way = [(_("Enquiries"), reverse("enquiries:list", kwargs={"ao": request.ao.slug}))]
    here = (_("Clinics and demonstrations"), reverse("enquiries:sessions", kwargs={"ao": request.ao.slug}))
    return [*way, here] if last else way
