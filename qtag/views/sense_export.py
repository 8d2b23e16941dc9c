"""Asking for comparisons as a workbook: the AO its list as filtered, a centre its own."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from awarding.accounts.audience import allowed
from awarding.accounts.requests import ao_url, standing_in
from awarding.accounts.roles import Permission as P
from awarding.spreadsheets.writer import XLSX
from centres.models import Centre
from qtag.forms.sense import SenseFilterForm
from qtag.services.sense_exports import Asked, ask_for_comparisons, export_centre, file_name


@allowed(P.SENSE_VIEW)
@require_POST
def sense_export(request: HttpRequest) -> HttpResponse:
    """Starts the AO's export with the filter of the list, and goes to its job."""
    standing = standing_in(request)
    form = SenseFilterForm(request.POST)
    if standing.reach(P.SENSE_VIEW) is not None:
        # Somebody of several centres takes each centre's workbook from that centre's page.
        return redirect(ao_url(request, "qtag:sense"))
    if not form.is_valid():
        messages.error(request, _("The filter cannot be read. Choose it again and export then."))
        return redirect(ao_url(request, "qtag:sense"))
    said = form.cleaned_data
    asked = Asked(said["verdict"], said["level"], said["told"], said["q"].strip())
    job = ask_for_comparisons(actor=standing, asked=asked)
    return redirect("jobs:detail", ao=standing.ao.slug, job_id=job.pk)


@allowed(P.SENSE_VIEW)
@require_POST
def sense_export_centre(request: HttpRequest, centre_id: int) -> HttpResponse:
    """One centre's comparisons, at once."""
    standing = standing_in(request)
    centre = get_object_or_404(Centre, pk=centre_id)
    if not standing.can(P.SENSE_VIEW, centre.pk):
        raise Http404
    content = export_centre(actor=standing, centre_id=centre.pk)
    response = HttpResponse(content, content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="{file_name(standing)}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
