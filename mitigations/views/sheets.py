"""The checklist as a workbook: issue, download, upload, look at the differences, apply."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from awarding.accounts.audience import allowed
from awarding.accounts.requests import ao_url, standing_in
from awarding.accounts.roles import Permission as P
from awarding.spreadsheets.comparison import UploadError
from awarding.spreadsheets.writer import XLSX
from awarding.ui.comparisons import CHANGES_SHOWN, WorkbookForm, posted_choices
from mitigations.models import ChecklistUpload, Claim
from mitigations.queries.claims import can_fill
from mitigations.queries.documents import checklist_uploads, current_sheet
from mitigations.services.checklist_uploads import (
    apply_checklist,
    discard_checklist,
    issue_sheet,
    receive_checklist,
)
from mitigations.services.grid import ClaimLockedError
from mitigations.views.frame import claim_or_404, claim_page, tell_changed, tell_issued
from mitigations.workbooks_checklist import checklist_name, checklist_workbook

UPLOADS_PER_PAGE = 20


@allowed(P.CLAIMS_VIEW)
@require_http_methods(["GET", "POST"])
def sheet(request: HttpRequest, claim_id: int) -> HttpResponse:
    """The version to use, its download, and the place to upload it again."""
    claim = claim_or_404(request, claim_id)
    form = WorkbookForm(request.POST, request.FILES) if request.method == "POST" else WorkbookForm()
    if form.is_bound and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            upload = receive_checklist(
                actor=standing_in(request), claim_id=claim.pk, name=file.name, content=file.read()
            )  # fmt: skip
        except ClaimLockedError as error:
            form.add_error(None, str(error))
        else:
            return redirect(_upload_url(request, claim, upload))
    page = Paginator(checklist_uploads(claim), UPLOADS_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form, "sheet": current_sheet(claim), "open_to_fill": can_fill(standing_in(request), claim),
        "page_obj": page, "uploads": [(upload, _upload_url(request, claim, upload)) for upload in page],
    }  # fmt: skip
    return claim_page(request, claim, "checklist_workbook.html", context, heading=_("The checklist as a workbook"))


@allowed(P.CLAIMS_FILL)
@require_POST
def issue(request: HttpRequest, claim_id: int) -> HttpResponse:
    """Issues a version of the workbook; the page then offers its download."""
    claim = claim_or_404(request, claim_id)
    before = current_sheet(claim)
    try:
        made = issue_sheet(actor=standing_in(request), claim_id=claim.pk)
    except ClaimLockedError as error:
        messages.error(request, str(error))
    else:
        tell_issued(request, made.version, is_new=before is None or before.pk != made.pk)
    return redirect(_sheet_url(request, claim))


@allowed(P.CLAIMS_VIEW)
@require_GET
def download(request: HttpRequest, claim_id: int, version: int) -> HttpResponse:
    """The workbook of the current version; an older one is not given out any more (CLM-02)."""
    claim = claim_or_404(request, claim_id)
    current = current_sheet(claim)
    if current is None or current.version != version:
        messages.info(request, _("Version %(version)s is superseded. Use the one below.") % {"version": version})
        return redirect(_sheet_url(request, claim))
    response = HttpResponse(checklist_workbook(current), content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="{checklist_name(current)}"'
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


@allowed(P.CLAIMS_VIEW)
@require_http_methods(["GET", "POST"])
def upload(request: HttpRequest, claim_id: int, checklist_upload_id: int) -> HttpResponse:
    """What a workbook would change, cell by cell, what stands against it, and the choice to apply or discard it."""
    claim = claim_or_404(request, claim_id)
    found = get_object_or_404(checklist_uploads(claim), pk=checklist_upload_id)
    if request.method == "GET":
        return _show(request, claim, found, "")
    try:
        if "discard" in request.POST:
            discard_checklist(actor=standing_in(request), upload=found)
            messages.success(request, _("The upload is left aside; nothing was changed."))
            return redirect(_sheet_url(request, claim))
        count = apply_checklist(actor=standing_in(request), upload=found, choices=posted_choices(request.POST))
    except (UploadError, ClaimLockedError) as error:
        return _show(request, claim, get_object_or_404(checklist_uploads(claim), pk=checklist_upload_id), str(error))
    except Claim.DoesNotExist as error:
        raise Http404 from error
    tell_changed(request, count)
    return redirect(ao_url(request, "mitigations:checklist", claim_id=claim.pk))


def _sheet_url(request: HttpRequest, claim: Claim) -> str:
    return ao_url(request, "mitigations:checklist_workbook", claim_id=claim.pk)


def _upload_url(request: HttpRequest, claim: Claim, found: ChecklistUpload) -> str:
    return ao_url(request, "mitigations:checklist_upload", claim_id=claim.pk, checklist_upload_id=found.pk)


def _show(request: HttpRequest, claim: Claim, found: ChecklistUpload, trouble: str) -> HttpResponse:
    conflicts = [change for change in found.changes if change["theirs"] is not None]
    plain = [change for change in found.changes if change["theirs"] is None]
    chosen = posted_choices(request.POST)
    for change in conflicts:
        change["name"] = f"{change['line']}:{change['field']}"
        change["chosen"] = chosen.get(change["name"], "")
    context = {
        "upload": found, "conflicts": conflicts, "changes": plain[:CHANGES_SHOWN], "more": max(len(plain) - CHANGES_SHOWN, 0),
        "faults": found.faults[:CHANGES_SHOWN], "errors": [(trouble, "upload-apply")] if trouble else [], "has_errors": trouble,
        "may_apply": found.state == ChecklistUpload.State.CHECKED and can_fill(standing_in(request), claim),
        "back_url": _sheet_url(request, claim),
    }  # fmt: skip
    return claim_page(request, claim, "checklist_upload.html", context, heading=_("What the workbook would change"))
