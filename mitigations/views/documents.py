"""The eRAC as a workbook: issue, download, upload, look at the differences, apply."""

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
from awarding.ui.comparisons import (
    WorkbookForm,
    choices_kept,
    comparison_context,
    page_of_next_open,
    posted_choices,
)
from mitigations.models import Claim, EracUpload
from mitigations.queries.claims import can_fill
from mitigations.queries.documents import claim_uploads, current_document, waiting_upload
from mitigations.services.documents import issue_document
from mitigations.services.grid import ClaimLockedError
from mitigations.services.uploads import apply_upload, discard_upload, note_choices, receive_upload
from mitigations.views.frame import claim_or_404, claim_page, tell_changed, tell_issued
from mitigations.workbooks import erac_workbook, workbook_name

UPLOADS_PER_PAGE = 20


@allowed(P.CLAIMS_VIEW)
@require_http_methods(["GET", "POST"])
def workbook(request: HttpRequest, claim_id: int) -> HttpResponse:
    """The version to use, its download, and the place to upload it again."""
    claim = claim_or_404(request, claim_id)
    form = WorkbookForm(request.POST, request.FILES) if request.method == "POST" else WorkbookForm()
    if form.is_bound and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            upload = receive_upload(
                actor=standing_in(request), claim_id=claim.pk, name=file.name, content=file.read()
            )  # fmt: skip
        except ClaimLockedError as error:
            form.add_error(None, str(error))
        else:
            return redirect(ao_url(request, "mitigations:upload", claim_id=claim.pk, upload_id=upload.pk))
    document = current_document(claim)
    context = {
        "form": form,
        "document": document,
        "waiting": waiting_upload(claim, document),
        "open_to_fill": can_fill(standing_in(request), claim),
        "page_obj": Paginator(claim_uploads(claim), UPLOADS_PER_PAGE).get_page(request.GET.get("page")),
    }
    return claim_page(request, claim, "workbook.html", context, heading=_("The eRAC as a workbook"))


@allowed(P.CLAIMS_FILL)
@require_POST
def issue(request: HttpRequest, claim_id: int) -> HttpResponse:
    """Issues a version of the workbook; the page then offers its download."""
    claim = claim_or_404(request, claim_id)
    before = current_document(claim)
    try:
        document = issue_document(actor=standing_in(request), claim_id=claim.pk)
    except ClaimLockedError as error:
        messages.error(request, str(error))
    else:
        tell_issued(request, document.version, is_new=before is None or before.pk != document.pk)
    return redirect(ao_url(request, "mitigations:workbook", claim_id=claim.pk))


@allowed(P.CLAIMS_VIEW)
@require_GET
def download(request: HttpRequest, claim_id: int, version: int) -> HttpResponse:
    """The workbook of the current version; an older one is not given out any more (CLM-02)."""
    claim = claim_or_404(request, claim_id)
    document = current_document(claim)
    if document is None or document.version != version:
        messages.info(request, _("Version %(version)s is superseded. Use the one below.") % {"version": version})
        return redirect(ao_url(request, "mitigations:workbook", claim_id=claim.pk))
    response = HttpResponse(erac_workbook(document), content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="{workbook_name(document)}"'
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


@allowed(P.CLAIMS_VIEW)
@require_http_methods(["GET", "POST"])
def upload(request: HttpRequest, claim_id: int, upload_id: int) -> HttpResponse:
    """What a workbook would change, cell by cell, what stands against it, and the choice to apply or discard it."""
    claim = claim_or_404(request, claim_id)
    found = get_object_or_404(claim_uploads(claim), pk=upload_id)
    if request.method == "GET":
        return _show(request, claim, found)
    back = redirect(ao_url(request, "mitigations:workbook", claim_id=claim.pk))
    actor = standing_in(request)
    try:
        if "discard" in request.POST:
            discard_upload(actor=actor, upload=found)
            messages.success(request, _("The upload is left aside; nothing was changed."))
            return back
        still_open = note_choices(actor=actor, upload=found, choices=posted_choices(request.POST))
        if "save" in request.POST:
            messages.success(request, choices_kept(still_open))
            page = page_of_next_open(claim_uploads(claim).get(pk=upload_id).changes)
            return redirect(f"{request.path}?page={page}")
        count = apply_upload(actor=actor, upload=found, choices={}, rest=str(request.POST.get("rest", "")))
    except (UploadError, ClaimLockedError) as error:
        return _show(request, claim, get_object_or_404(claim_uploads(claim), pk=upload_id), str(error))
    except Claim.DoesNotExist as error:
        raise Http404 from error
    tell_changed(request, count)
    return redirect(ao_url(request, "mitigations:grid", claim_id=claim.pk))


def _show(request: HttpRequest, claim: Claim, found: EracUpload, trouble: str = "") -> HttpResponse:
    context = comparison_context(
        found, page=request.GET.get("page"), trouble=trouble, title_heading=_("Unit"),
        may_apply=can_fill(standing_in(request), claim), back_url=ao_url(request, "mitigations:workbook", claim_id=claim.pk),
    )  # fmt: skip
    return claim_page(request, claim, "upload.html", context, heading=_("What the workbook would change"))
