"""Earlier results and what was recorded about them: loading, series, mergers, splits, discontinued qualifications."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from awarding.accounts.audience import allowed
from awarding.accounts.requests import ao_url, standing_in
from awarding.accounts.roles import Permission as P
from awarding.spreadsheets.faults import Fault
from awarding.spreadsheets.writer import XLSX
from awarding.workflow.services import StalePageError
from qtag.forms.sense_history import (
    CentreChangeForm,
    HistoryUploadForm,
    QualificationChangeForm,
    SeriesForm,
    WithdrawForm,
)
from qtag.models import CentreChange, QualificationChange
from qtag.queries.history import checks, loaded_groups, loaded_series, open_check, recorded_changes
from qtag.services.changes import (
    ChangeError,
    choose_series,
    record_centre_change,
    record_qualification_change,
    withdraw_change,
)
from qtag.services.history_uploads import load_checked_history, receive_history
from qtag.workbooks import results_template

CHANGES_PER_PAGE = 40


@allowed(P.SENSE_MANAGE)
@require_http_methods(["GET", "POST"])
def sense_history(request: HttpRequest) -> HttpResponse:
    """What is loaded, by series; a file is checked first, with its faults by cell, and then loaded."""
    standing = standing_in(request)
    here = ao_url(request, "qtag:sense_history")
    is_series = "series" in request.POST
    form = HistoryUploadForm(request.POST, request.FILES) if request.method == "POST" and not is_series else None
    series_form = SeriesForm(request.POST if is_series else None)
    if form is not None and form.is_valid():
        file = form.cleaned_data["file"]
        job = receive_history(
            actor=standing, name=file.name, content=file, groups=form.cleaned_data["groups"], back_to=here
        )
        return redirect("jobs:detail", ao=standing.ao.slug, job_id=job.pk)
    if series_form.is_bound and series_form.is_valid():
        try:
            choose_series(actor=standing, **series_form.cleaned_data)
        except ChangeError as error:
            series_form.add_error(None, str(error))
        else:
            messages.success(request, _("Saved. It holds from the next run on."))
            return redirect(here)
    check = open_check(standing.person)
    context = {
        "heading": _("Earlier results"), "form": form or HistoryUploadForm(), "series_form": series_form,
        "series": loaded_series(), "groups": loaded_groups(), "check": check, "may_manage": True,
        "cells": [Fault.from_dict(one) for one in check.result.get("cells", [])] if check else [],
        "has_errors": bool((form and form.errors) or series_form.errors),
        "breadcrumbs": [(_("Beside earlier years"), ao_url(request, "qtag:sense"))],
    }  # fmt: skip
    return render(request, "qtag/sense_history.html", context)


@allowed(P.SENSE_MANAGE)
@require_POST
def sense_history_load(request: HttpRequest, job_id: int) -> HttpResponse:
    """Loads the good rows of a file that was checked."""
    standing = standing_in(request)
    check = get_object_or_404(checks(standing.person), pk=job_id)
    here = ao_url(request, "qtag:sense_history")
    try:
        job = load_checked_history(actor=standing, check=check, back_to=here)
    except StalePageError as error:
        messages.error(request, str(error))
        return redirect(here)
    return redirect("jobs:detail", ao=standing.ao.slug, job_id=job.pk)


@allowed(P.SENSE_MANAGE)
@require_GET
def sense_history_template(request: HttpRequest) -> HttpResponse:
    """The workbook to fill in; with ?groups=1 that of results by group of learners."""
    groups = bool(request.GET.get("groups"))
    name = "earlier-results-of-groups.xlsx" if groups else "earlier-results.xlsx"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(results_template(groups=groups), content_type=XLSX, headers=headers)


@allowed(P.SENSE_MANAGE)
@require_http_methods(["GET", "POST"])
def sense_changes(request: HttpRequest) -> HttpResponse:
    """What happened to centres and qualifications, and recording more of it (SNS-04, SNS-05)."""
    standing = standing_in(request)
    about = request.POST.get("about", "")
    centre_form = CentreChangeForm(request.POST if about == "centre" else None, prefix="centre")
    own_form = QualificationChangeForm(request.POST if about == "qualification" else None, prefix="qualification")
    form = centre_form if about == "centre" else own_form
    if form.is_bound and form.is_valid():
        try:
            if about == "centre":
                record_centre_change(actor=standing, **form.cleaned_data)
            else:
                record_qualification_change(actor=standing, **form.cleaned_data)
        except ChangeError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Recorded. It holds from the next run on."))
            return redirect(ao_url(request, "qtag:sense_changes"))
    of_centres, of_qualifications = recorded_changes()
    context = {
        "heading": _("Changes of centres and qualifications"), "centre_form": centre_form, "own_form": own_form,
        "page_obj": Paginator(of_centres, CHANGES_PER_PAGE).get_page(request.GET.get("page")),
        "own_page": Paginator(of_qualifications, CHANGES_PER_PAGE).get_page(request.GET.get("own")),
        "may_manage": True, "form": form if form.is_bound else None,
        "breadcrumbs": [(_("Beside earlier years"), ao_url(request, "qtag:sense"))],
    }  # fmt: skip
    return render(request, "qtag/sense_changes.html", context)


@allowed(P.SENSE_MANAGE)
@require_http_methods(["GET", "POST"])
def sense_withdraw(request: HttpRequest, kind: str, change_id: int) -> HttpResponse:
    """Takes back what was recorded by mistake; it stays in the list, marked."""
    change: CentreChange | QualificationChange
    if kind == "centre":
        change = get_object_or_404(CentreChange, pk=change_id)
    elif kind == "qualification":
        change = get_object_or_404(QualificationChange, pk=change_id)
    else:
        raise Http404
    form = WithdrawForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            withdraw_change(actor=standing_in(request), change=change, reason=form.said["reason"])
        except ChangeError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Withdrawn. The next run goes by what is left."))
            return redirect(ao_url(request, "qtag:sense_changes"))
    what = str(change.from_centre if isinstance(change, CentreChange) else change.from_qualification)
    context = {
        "heading": _("Withdraw what was recorded"), "form": form, "change": change, "what": what,
        "breadcrumbs": [
            (_("Beside earlier years"), ao_url(request, "qtag:sense")),
            (_("Changes"), ao_url(request, "qtag:sense_changes")),
        ],
    }  # fmt: skip
    return render(request, "qtag/sense_withdraw.html", context)
