"""The AO's side of the sense check: asking for runs, thresholds with what each would flag."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from awarding.accounts.audience import allowed
from awarding.accounts.requests import ao_url, standing_in
from awarding.accounts.roles import Permission as P
from centres.models import Centre
from qtag.forms.sense import SenseSettingsForm
from qtag.models import SenseRun, SenseSettings
from qtag.queries.differences import sense_settings
from qtag.queries.sense_preview import preview_of
from qtag.queries.sense_rows import group_name
from qtag.queries.sense_runs import method_settings
from qtag.sense_check.counts import SenseCheckError
from qtag.services.asking import ask_for_sense_check, has_history
from qtag.services.changes import save_sense_settings

PER_PAGE = 30


@allowed(P.SENSE_MANAGE)
@require_http_methods(["GET", "POST"])
def sense_runs(request: HttpRequest) -> HttpResponse:
    """The runs so far, newest first, and asking for one: of everything, or of what changed."""
    standing = standing_in(request)
    if request.method == "POST":
        whole = request.POST.get("kind") == "whole"
        job = ask_for_sense_check(actor=standing, whole=whole, back_to=ao_url(request, "qtag:sense"))
        return redirect("jobs:detail", ao=standing.ao.slug, job_id=job.pk)
    runs = SenseRun.objects.select_related("asked_by", "job").order_by("-id").defer("learnt")
    context = {
        "heading": _("Runs of the sense check"), "page_obj": Paginator(runs, PER_PAGE).get_page(request.GET.get("page")),
        "may_manage": True, "has_history": has_history(),
        "breadcrumbs": [(_("Beside earlier years"), ao_url(request, "qtag:sense"))],
    }  # fmt: skip
    return render(request, "qtag/sense_runs.html", context)


@allowed(P.SENSE_EXPLAIN)
@require_POST
def sense_compare(request: HttpRequest, centre_id: int) -> HttpResponse:
    """A centre has its own groups compared now, as a job; grades are only read (SNS-10)."""
    standing = standing_in(request)
    centre = get_object_or_404(Centre, pk=centre_id)
    if not standing.can(P.SENSE_EXPLAIN, centre.pk):
        raise Http404
    ask_for_sense_check(
        actor=standing, centres=[centre.pk], back_to=ao_url(request, "qtag:sense_centre", centre_id=centre.pk)
    )
    messages.success(request, _("Your groups are being compared. Look at this page again in a moment."))
    return redirect(ao_url(request, "qtag:sense_centre", centre_id=centre.pk))


@allowed(P.SENSE_MANAGE)
@require_http_methods(["GET", "POST"])
def sense_settings_page(request: HttpRequest) -> HttpResponse:
    """The thresholds; "show" says what they would flag, "save" keeps them. Nothing is flagged anew before the next run."""
    stored = sense_settings()
    form = SenseSettingsForm(
        request.POST if request.method == "POST" else None, initial=SenseSettingsForm.initial_of(stored)
    )
    preview = None
    if form.is_bound and form.is_valid():
        if "save" in request.POST:
            try:
                save_sense_settings(actor=standing_in(request), **form.settings)
            except (SenseCheckError, ValidationError) as error:
                form.add_error(None, str(error))
            else:
                messages.success(request, _("Saved. They hold from the next whole run on."))
                return redirect(ao_url(request, "qtag:sense_settings"))
        else:
            preview = preview_of(method_settings(_as_stored(form)))
    elif not form.is_bound:
        preview = preview_of(method_settings(stored))
    context = {
        "heading": _("Thresholds of the sense check"), "form": form, "preview": preview, "may_manage": True,
        "coming": [(row, group_name(row)) for row in preview.coming] if preview else [],
        "going": [(row, group_name(row)) for row in preview.going] if preview else [],
        "breadcrumbs": [(_("Beside earlier years"), ao_url(request, "qtag:sense"))],
    }  # fmt: skip
    return render(request, "qtag/sense_settings.html", context)


def _as_stored(form: SenseSettingsForm) -> SenseSettings:
    """What is typed, as it would be stored; not stored."""
    return SenseSettings(**form.settings)
