"""Grades as a workbook: issue, download, upload, look at the differences, apply."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from awarding.accounts.audience import allowed
from awarding.accounts.requests import ao_url, standing_in
from awarding.accounts.roles import Permission as P
from awarding.spreadsheets.comparison import UploadError
from awarding.spreadsheets.writer import XLSX
from awarding.ui.comparisons import (
    WorkbookForm,
    choices_kept,
    comparison_context,
    page_of_next_open,
    posted_choices,
)
from qtag.models import GradeUpload, Submission
from qtag.queries.sheets import current_sheet, own_uploads, waiting_upload
from qtag.services.sheets import apply_sheet, discard_sheet, issue_sheet, note_choices, receive_sheet
from qtag.views.frame import submission_or_404, submission_page
from qtag.workbooks_grades import sheet_name, sheet_workbook

UPLOADS_PER_PAGE = 20


@allowed(P.QTAGS_JUDGE)
@require_http_methods(["GET", "POST"])
def workbook(request: HttpRequest, submission_id: int) -> HttpResponse:
    """The version to use, its download, and the place to upload it again."""
    found, standing = _to_judge(request, submission_id), standing_in(request)
    form = WorkbookForm(request.POST, request.FILES) if request.method == "POST" else WorkbookForm()
    if form.is_bound and form.is_valid():
        file = form.cleaned_data["file"]
        upload = receive_sheet(actor=standing, submission=found, name=file.name, content=file.read())
        return redirect(ao_url(request, "qtag:grade_upload", submission_id=found.pk, grade_upload_id=upload.pk))
    page = Paginator(own_uploads(standing, found), UPLOADS_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form, "sheet": current_sheet(found, standing.person), "waiting": waiting_upload(standing, found),
        "page_obj": page,
    }  # fmt: skip
    return submission_page(request, found, "workbook.html", context, heading=_("Grades as a workbook"))


@allowed(P.QTAGS_JUDGE)
@require_POST
def issue(request: HttpRequest, submission_id: int) -> HttpResponse:
    """Issues a version of the workbook; the page then offers its download."""
    found = _to_judge(request, submission_id)
    try:
        sheet = issue_sheet(actor=standing_in(request), submission=found)
    except UploadError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Version %(version)s is ready to download.") % {"version": sheet.version})
    return redirect(_workbook_url(request, found))


@allowed(P.QTAGS_JUDGE)
@require_GET
def download(request: HttpRequest, submission_id: int, version: int) -> HttpResponse:
    """The person's current version; an older one is not given out any more, and nobody else's ever."""
    found, standing = _to_judge(request, submission_id), standing_in(request)
    sheet = current_sheet(found, standing.person)
    if sheet is None or sheet.version != version:
        messages.info(request, _("Version %(version)s is not yours or was replaced.") % {"version": version})
        return redirect(_workbook_url(request, found))
    sheet.submission = found
    response = HttpResponse(sheet_workbook(standing, sheet), content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="{sheet_name(sheet)}"'
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


@allowed(P.QTAGS_JUDGE)
@require_http_methods(["GET", "POST"])
def upload(request: HttpRequest, submission_id: int, grade_upload_id: int) -> HttpResponse:
    """What a workbook would change, grade by grade, what stands against it, and the choice to apply or discard it."""
    found, actor = _to_judge(request, submission_id), standing_in(request)
    sent = get_object_or_404(own_uploads(actor, found), pk=grade_upload_id)
    if request.method == "GET":
        return _show(request, found, sent)
    try:
        if "discard" in request.POST:
            discard_sheet(actor=actor, upload=sent)
            messages.success(request, _("The upload is left aside; nothing was changed."))
            return redirect(_workbook_url(request, found))
        still_open = note_choices(actor=actor, upload=sent, choices=posted_choices(request.POST))
        if "save" in request.POST:
            messages.success(request, choices_kept(still_open))
            page = page_of_next_open(own_uploads(actor, found).get(pk=sent.pk).changes)
            return redirect(f"{request.path}?page={page}")
        count = apply_sheet(actor=actor, upload=sent, choices={}, rest=str(request.POST.get("rest", "")))
    except UploadError as error:
        return _show(request, found, own_uploads(actor, found).get(pk=sent.pk), str(error), status=409)
    messages.success(
        request, ngettext("%(count)s grade changed.", "%(count)s grades changed.", count) % {"count": count}
    )
    return redirect(ao_url(request, "qtag:grid", submission_id=found.pk))


def _show(
    request: HttpRequest, found: Submission, sent: GradeUpload, trouble: str = "", status: int = 200
) -> HttpResponse:
    back = _workbook_url(request, found)
    context = comparison_context(
        sent, page=request.GET.get("page"), trouble=trouble, title_heading=_("What"), may_apply=True, back_url=back
    )
    crumbs = [(_("Grades as a workbook"), back)]
    heading = _("What the workbook would change")
    return submission_page(request, found, "grade_upload.html", context, heading=heading, status=status, crumbs=crumbs)


def _to_judge(request: HttpRequest, submission_id: int) -> Submission:
    found = submission_or_404(request, submission_id)
    standing_in(request).require(P.QTAGS_JUDGE, found.centre_id)
    return found


def _workbook_url(request: HttpRequest, found: Submission) -> str:
    return ao_url(request, "qtag:workbook", submission_id=found.pk)
