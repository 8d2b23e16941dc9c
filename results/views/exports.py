"""Asking for the workbook of results."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from awarding.accounts.audience import allowed
from awarding.accounts.requests import standing_in
from awarding.accounts.roles import Permission as P
from results.forms import ResultFilterForm
from results.queries.results import centres_with_results
from results.services.exports import export_results
from results.views.results import filter_of


@allowed(P.RESULTS_EXPORT)
@require_POST
def export(request: HttpRequest) -> HttpResponse:
    """Starts the export with the filter of the list (posted as the list's query string) and goes to its job."""
    standing = standing_in(request)
    form = ResultFilterForm(request.POST, centres=centres_with_results(standing))
    if not form.is_valid():
        messages.error(request, _("The filter cannot be read: %(why)s") % {"why": "; ".join(_texts(form))})
        return redirect("results:list", ao=standing.ao.slug)
    job = export_results(actor=standing, **filter_of(form))
    return redirect(reverse("jobs:detail", kwargs={"ao": standing.ao.slug, "job_id": job.pk}))


def _texts(form: ResultFilterForm) -> list[str]:
    return [str(text) for texts in form.errors.values() for text in texts]
