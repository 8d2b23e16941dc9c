"""A qualification's units from a workbook: template, preview, load."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from awarding.accounts.requests import PortalRequest
from awarding.catalogue.forms.qualification import UnitsUploadForm
from awarding.catalogue.models import Qualification
from awarding.catalogue.queries.qualification import get_own_qualification
from awarding.catalogue.services.loading import UnitsReport
from awarding.catalogue.views.editing import editor
from awarding.catalogue.views.qualifications import crumbs
from awarding.catalogue.workbooks import import_units, units_template
from awarding.files.models import StoredFile
from awarding.files.services import store_file
from awarding.files.serving import open_stored
from awarding.spreadsheets.limits import UnsafeFileError
from awarding.spreadsheets.reader import Table
from awarding.spreadsheets.writer import XLSX

PURPOSE = "units"
_FAULTS_SHOWN = 200


@editor
@require_safe
def template(request: PortalRequest, qan: str) -> HttpResponse:
    """The workbook to fill in."""
    row = get_own_qualification(qan)
    response = HttpResponse(units_template(row), content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="units-{row.qan}.xlsx"'
    response["Cache-Control"] = "private, no-store"
    return response


@editor
def upload(request: PortalRequest, qan: str) -> HttpResponse:
    """Takes a workbook, shows what loading it would do (the same import, rolled back), and what is wrong in it."""
    row = get_own_qualification(qan)
    form = UnitsUploadForm(request.POST or None, request.FILES or None)
    if request.method != "POST" or not form.is_valid():
        return _page(request, row, form)
    sent = form.cleaned_data["file"]
    content = sent.read()
    try:
        report, table = import_units(actor=request.standing, qualification=row, content=content, preview=True)
    except UnsafeFileError as error:
        form.add_error("file", str(error))
        return _page(request, row, form)
    stored = None
    if not table.faults.errors:
        media_type = "text/csv" if sent.name.lower().endswith(".csv") else XLSX
        stored = store_file(
            actor=request.standing, purpose=PURPOSE, name=sent.name, content=content, media_type=media_type
        )
    return _page(request, row, UnitsUploadForm(), report=report, table=table, stored=stored, name=sent.name)


@editor
@require_POST
def load(request: PortalRequest, qan: str) -> HttpResponse:
    """Loads the workbook that was shown. A second click loads it again, which changes nothing."""
    row = get_own_qualification(qan)
    stored = StoredFile.objects.filter(
        pk=_number(request.POST.get("file", "")), purpose=PURPOSE, created_by=request.standing.person
    ).first()
    if stored is None:
        messages.error(request, _("The file is no longer there. Choose it again."))
        return redirect("catalogue:units_upload", ao=request.ao.slug, qan=row.qan)
    report, table = import_units(actor=request.standing, qualification=row, content=open_stored(stored), preview=False)
    if table.faults.errors:
        return _page(request, row, UnitsUploadForm(), report=report, table=table, name=stored.name)
    counts = _("%(loaded)s units added, %(updated)s changed, %(unchanged)s as they were.") % report.__dict__
    messages.success(request, counts)
    return redirect("catalogue:qualification", ao=request.ao.slug, qan=row.qan)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else 0


def _page(
    request: PortalRequest,
    row: Qualification,
    form: UnitsUploadForm,
    *,
    report: UnitsReport | None = None,
    table: Table | None = None,
    stored: StoredFile | None = None,
    name: str = "",
) -> HttpResponse:
    faults = list(table.faults)[:_FAULTS_SHOWN] if table else []
    context = {
        "heading": _("Units from a workbook"),
        "breadcrumbs": crumbs(request, row),
        "qualification": row,
        "form": form,
        "report": report,
        "faults": faults,
        "more_faults": max(len(table.faults) - len(faults), 0) if table else 0,
        "stored": stored,
        "name": name,
        "has_errors": bool(table and table.faults.errors),
    }
    return render(request, "catalogue/units_upload.html", context)
