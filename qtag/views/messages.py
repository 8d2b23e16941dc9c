"""Writing to just those centres that fit what the progress page shows: who gets it is seen before it goes."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from awarding.accounts.audience import allowed
from awarding.accounts.requests import ao_url, standing_in
from awarding.accounts.roles import Permission as P
from awarding.frameworks.models import Adoption
from awarding.workflow.services import StalePageError, TransitionError
from qtag.forms.messages import MessageForm
from qtag.queries.messages import ADDRESSED, Addressing, addressing, sent_messages, subject_for
from qtag.queries.progress import Filters
from qtag.services.messages import send_progress_message
from qtag.views.progress import adoption_of, filters_of

PER_PAGE = 50


@allowed(P.QTAGS_WRITE)
@require_http_methods(["GET", "POST"])
def message(request: HttpRequest) -> HttpResponse:
    """Whom it would reach stands on the page; looking at it again with the text comes before sending."""
    filters = filters_of(request.GET)
    adoption = adoption_of(filters)
    if adoption is None:
        return redirect(ao_url(request, "qtag:progress"))
    form = MessageForm(request.POST if request.method == "POST" else None, initial=MessageForm.beginning(filters.only))
    if not form.is_bound:
        roles = [role.value for role in ADDRESSED]
        return _show(request, filters, form, addressing(adoption, filters, roles))
    roles = request.POST.getlist("roles")
    if not form.is_valid():
        return _show(request, filters, form, addressing(adoption, filters, roles))
    if "send" not in request.POST:
        found = addressing(adoption, filters, roles)
        return _show(request, filters, form, found, is_checked="change" not in request.POST)
    return _send(request, adoption, filters, form)


def _send(request: HttpRequest, adoption: Adoption, filters: Filters, form: MessageForm) -> HttpResponse:
    said = form.cleaned_data
    try:
        sent = send_progress_message(
            actor=standing_in(request), adoption=adoption, filters=filters, roles=said["roles"], body=said["body"],
            token=said["token"], shown_digest=said["shown"],
        )  # fmt: skip
    except TransitionError as error:
        form.add_error(None, str(error))
        found = addressing(adoption, filters, said["roles"])
        status = 409 if isinstance(error, StalePageError) else 200
        return _show(request, filters, form, found, is_checked=isinstance(error, StalePageError), status=status)
    words = ngettext("Sent to %(n)d person.", "Sent to %(n)d people.", sent.people) % {"n": sent.people}
    messages.success(request, words)
    return redirect(ao_url(request, "qtag:messages"))


def _show(
    request: HttpRequest, filters: Filters, form: MessageForm, found: Addressing, *, is_checked: bool = False,
    status: int = 200,
) -> HttpResponse:  # fmt: skip
    back = ao_url(request, "qtag:progress")
    context: dict[str, Any] = {
        "heading": _("Check the message") if is_checked else _("Write to these centres"), "form": form, "found": found,
        "is_checked": is_checked, "subject": subject_for(filters.only), "back": f"{back}?{urlencode(filters.asked)}",
        "page_obj": Paginator(found.people, PER_PAGE).get_page(1), "more": max(0, len(found.people) - PER_PAGE),
        "breadcrumbs": [(_("Q-TAG progress"), back)],
    }  # fmt: skip
    if is_checked:
        context["posted"] = {"token": form.cleaned_data["token"], "body": form.cleaned_data["body"]}
        context["roles"] = form.cleaned_data["roles"]
    return render(request, "qtag/message.html", context, status=status)


@allowed(P.QTAGS_WRITE)
@require_GET
def sent(request: HttpRequest) -> HttpResponse:
    """What was sent, by whom, to how many."""
    page = Paginator(sent_messages(), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "heading": _("Messages to centres"), "page_obj": page, "rows": [(row, len(row.centres)) for row in page],
        "breadcrumbs": [(_("Q-TAG progress"), ao_url(request, "qtag:progress"))],
    }  # fmt: skip
    return render(request, "qtag/messages.html", context)
