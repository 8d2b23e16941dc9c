"""The audit trail as a page, for those who answer for the AO."""

from __future__ import annotations

from django import forms
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from awarding.accounts.audience import allowed
from awarding.accounts.requests import PortalRequest
from awarding.accounts.roles import Permission
from awarding.audit.queries import find_records
from awarding.audit.words import event_in_words, facts_in_words, target_in_words
from awarding.ui.forms import PortalForm

PAGE_SIZE = 50


class TrailForm(PortalForm):
    """What to look for. Empty fields match everything."""

    event = forms.CharField(
        label=gettext_lazy("Event begins with"),
        required=False,
        max_length=80,
        help_text=gettext_lazy("The name in small print, such as certificate, or claim.approve_in_principle."),
    )
    person = forms.CharField(label=gettext_lazy("Person (name or e-mail address)"), required=False, max_length=150)


@allowed(Permission.AUDIT_VIEW)
def trail(request: PortalRequest) -> HttpResponse:
    """Who did what, when: newest first."""
    form = TrailForm(request.GET or None)
    wanted = form.cleaned_data if form.is_bound and form.is_valid() else {}
    page = Paginator(find_records(**wanted), PAGE_SIZE).get_page(request.GET.get("page"))
    rows = [
        {
            "record": record,
            "event": event_in_words(record),
            "about": target_in_words(record),
            "facts": facts_in_words(record),
        }
        for record in page.object_list
    ]
    context = {"heading": _("Audit trail"), "form": form, "page_obj": page, "rows": rows}
    return render(request, "audit/trail.html", context)
