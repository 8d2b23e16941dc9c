"""The inbox: what a person was told, over all their AOs."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from awarding.accounts.audience import signed_in
from awarding.accounts.models import User
from awarding.accounts.queries import standings_of
from awarding.accounts.second_factor import has_second_factor
from awarding.notices.queries import notices_of
from awarding.notices.services import mark_all_read, mark_read
from awarding.tenancy.scope import as_person, open_scope

PAGE = 50


def _owes_second_factor(request: HttpRequest, person: User) -> bool:
    """What an AO tells its staff is read as its pages are: with the second factor that the role asks for."""
    return any(s.needs_second_factor for s in standings_of(person)) and not has_second_factor(request)


@signed_in
def inbox(request: HttpRequest) -> HttpResponse:
    """Own notices, newest first; `?show=unread` leaves out what has been opened."""
    person: User = request.user  # type: ignore[assignment]
    if _owes_second_factor(request, person):
        return redirect("second_factor_needed")
    unread_only = request.GET.get("show") == "unread"
    with as_person(person.pk):
        rows = notices_of(person)
        rows = rows.filter(read_at=None) if unread_only else rows
        page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
        page.object_list = list(page.object_list)
    context = {"heading": _("Inbox"), "page_obj": page, "unread_only": unread_only}
    return render(request, "notices/inbox.html", context)


@signed_in
@require_POST
def open_notice(request: HttpRequest, notice_id: int) -> HttpResponse:
    """Marks a notice of one's own as read and goes to the page it is about, or back to the inbox."""
    person: User = request.user  # type: ignore[assignment]
    with as_person(person.pk):
        notice = notices_of(person).filter(pk=notice_id).first()
    if notice is None:
        raise Http404(_("You have no such notice."))
    with open_scope(notice.ao):
        mark_read(person=person, notice=notice)
    if notice.url and url_has_allowed_host_and_scheme(notice.url, allowed_hosts=None):
        return redirect(notice.url)
    return redirect("notices:inbox")


@signed_in
@require_POST
def mark_all(request: HttpRequest) -> HttpResponse:
    """Marks everything in one's inbox as read."""
    number = mark_all_read(person=request.user)  # type: ignore[arg-type]
    text = ngettext("%(n)s notice is marked as read.", "%(n)s notices are marked as read.", number)
    messages.success(request, text % {"n": number})
    return redirect("notices:inbox")
