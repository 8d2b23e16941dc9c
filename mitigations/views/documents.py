"""The eRAC as a workbook: issue, download, upload, look at the differences, apply."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from awarding.accounts.audience import allowed
from awarding.accounts.roles import Permission as P
from mitigations.forms.documents import WorkbookForm
from mitigations.models import Claim, EracUpload
from mitigations.queries.claims import can_fill
from mitigations.queries.documents import claim_uploads, current_document
from mitigations.services.documents import issue_document
from mitigations.services.grid import ClaimLockedError
from mitigations.services.uploads import XLSX, UploadError, apply_upload, discard_upload, receive_upload
from mitigations.views.frame import ao_url, claim_or_404, claim_page, standing_in
from mitigations.workbooks import erac_workbook, workbook_name

UPLOADS_PER_PAGE = 20
CHANGES_SHOWN = 2000


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
    context = {
        "form": form,
        "document": current_document(claim),
        "open_to_fill": can_fill(standing_in(request), claim),
        "page_obj": Paginator(claim_uploads(claim), UPLOADS_PER_PAGE).get_page(request.GET.get("page")),
    }
    return claim_page(request, claim, "workbook.html", context, heading=_("The eRAC as a workbook"))


@allowed(P.CLAIMS_FILL)
@require_POST
def issue(request: HttpRequest, claim_id: int) -> HttpResponse:
    """Issues a version of the workbook; the page then offers its download."""
    claim = claim_or_404(request, claim_id)
    try:
        document = issue_document(actor=standing_in(request), claim_id=claim.pk)
    except ClaimLockedError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Version %(version)s is ready to download.") % {"version": document.version})
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
        return _show(request, claim, found, "")
    back = redirect(ao_url(request, "mitigations:workbook", claim_id=claim.pk))
    try:
        if "discard" in request.POST:
            discard_upload(actor=standing_in(request), upload=found)
            messages.success(request, _("The upload is left aside; nothing was changed."))
            return back
        count = apply_upload(actor=standing_in(request), upload=found, choices=_choices(request))
    except (UploadError, ClaimLockedError) as error:
        return _show(request, claim, get_object_or_404(claim_uploads(claim), pk=upload_id), str(error))
    except Claim.DoesNotExist as error:
        raise Http404 from error
    messages.success(request, ngettext("%(count)s cell changed.", "%(count)s cells changed.", count) % {"count": count})
    return redirect(ao_url(request, "mitigations:grid", claim_id=claim.pk))


def _choices(request: HttpRequest) -> dict[str, str]:
    """Which side stands, by "row key:column"."""
    posted = request.POST
    return {name.removeprefix("choice:"): str(posted[name]) for name in posted if name.startswith("choice:")}


def _show(request: HttpRequest, claim: Claim, found: EracUpload, trouble: str) -> HttpResponse:
    conflicts = [change for change in found.changes if change["theirs"] is not None]
    plain = [change for change in found.changes if change["theirs"] is None]
    chosen = _choices(request)
    for change in conflicts:
        change["name"] = f"{change['row_key']}:{change['unit_id']}"
        change["chosen"] = chosen.get(change["name"], "")
    context = {
        "upload": found, "conflicts": conflicts, "changes": plain[:CHANGES_SHOWN], "more": max(len(plain) - CHANGES_SHOWN, 0),
        "faults": found.faults[:CHANGES_SHOWN], "errors": [(trouble, "upload-apply")] if trouble else [], "has_errors": trouble,
        "may_apply": found.state == EracUpload.State.CHECKED and can_fill(standing_in(request), claim),
    }  # fmt: skip
    return claim_page(request, claim, "upload.html", context, heading=_("What the workbook would change"))
