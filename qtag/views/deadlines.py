"""What is due on Q-TAGs and who would be told today, for the AO; when it has its centres reminded."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from awarding.accounts.audience import allowed
from awarding.accounts.requests import ao_url, standing_in
from awarding.accounts.roles import Permission as P
from qtag.forms.deadlines import ReminderForm
from qtag.queries.deadlines import addressed, due_reminders, reminder_days
from qtag.queries.submissions import running_adoptions
from qtag.services.deadlines import set_reminder_days

PER_PAGE = 50


@allowed(P.QTAGS_PROGRESS)
@require_http_methods(["GET", "POST"])
def deadlines(request: HttpRequest) -> HttpResponse:
    """The dry run as a page: every message that is due today, sent already or not, and the days it goes by."""
    standing = standing_in(request)
    initial = {"days": ", ".join(str(day) for day in reminder_days())}
    form = ReminderForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_bound:
        standing.require(P.QTAGS_TERMS)
        if form.is_valid():
            set_reminder_days(actor=standing, days=form.cleaned_data["days"])
            messages.success(request, _("Saved. The next run goes by these days."))
            return redirect(ao_url(request, "qtag:deadlines"))
    found = [row for adoption in running_adoptions() for row in due_reminders(adoption, timezone.localdate())]
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "heading": _("Deadlines of Q-TAGs"), "rows": list(zip(page, addressed(list(page)), strict=True)), "page_obj": page,
        "form": form,
        "may_set": standing.can(P.QTAGS_TERMS), "breadcrumbs": [(_("Q-TAG progress"), ao_url(request, "qtag:progress"))],
    }  # fmt: skip
    return render(request, "qtag/deadlines.html", context)
