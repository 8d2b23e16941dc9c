"""Uploading registrations: the file, what was found in it, the load."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from awarding.accounts.audience import allowed
from awarding.accounts.requests import PortalRequest
from awarding.accounts.roles import Permission as P
from awarding.files.serving import serve_file
from awarding.spreadsheets.faults import Fault
from awarding.spreadsheets.limits import UnsafeFileError
from awarding.spreadsheets.uploads import KEPT_FAULTS
from awarding.spreadsheets.writer import XLSX
from awarding.workflow.services import StalePageError
from centres.forms.uploads import UploadForm
from centres.models import Centre, RegistrationUpload
from centres.queries.lists import list_uploads
from centres.queries.visibility import visible_centres
from centres.services.registrations import CentreClosedError
from centres.services.uploads import (
    NothingToLoadError,
    discard_upload,
    receive_upload,
    rows_to_mend,
    start_load,
)
from centres.views.pieces import centre_crumbs, page_of
from centres.workbooks import COLUMNS, TEMPLATE_NAME, template_csv, template_workbook

State = RegistrationUpload.State


@allowed(P.REGISTRATIONS_IMPORT)
def new_upload(request: PortalRequest, centre_id: int) -> HttpResponse:
    """The form, and what becomes of the file."""
    centre = get_object_or_404(visible_centres(request.standing), pk=centre_id)
    request.standing.require(P.REGISTRATIONS_IMPORT, centre.pk)
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if form.is_bound and form.is_valid():
        file = form.cleaned_data["file"]
        # The id is known once the upload is stored; the job's page leads back to it.
        back_to = reverse("centres:upload", kwargs={"ao": request.ao.slug, "upload_id": 0}).replace("/0/", "/{id}/")
        try:
            upload = receive_upload(
                actor=request.standing, centre=centre, name=file.name, content=file, back_to=back_to
            )
        except CentreClosedError as error:
            form.add_error(None, str(error))
        else:
            return redirect("centres:upload", ao=request.ao.slug, upload_id=upload.pk)
    context = {
        "heading": _("Upload learners and registrations"),
        "breadcrumbs": centre_crumbs(request, centre),
        "centre": centre,
        "form": form,
        "columns": COLUMNS,
    }
    return render(request, "centres/upload_new.html", context)


@require_GET
@allowed(P.REGISTRATIONS_IMPORT, P.CENTRES_LIST)
def show_uploads(request: PortalRequest) -> HttpResponse:
    """Earlier uploads, newest first."""
    centre = None
    if (wanted := request.GET.get("centre", "")).isdigit():
        centre = get_object_or_404(visible_centres(request.standing), pk=int(wanted))
    page_obj = page_of(request, list_uploads(request.standing, centre))
    context = {
        "heading": _("Uploads of registrations"),
        "breadcrumbs": centre_crumbs(request, centre),
        "page_obj": page_obj,
        "centre": centre,
        "importing_centres": _importing_centres(request)[:20],
    }
    return render(request, "centres/uploads.html", context)


def _importing_centres(request: PortalRequest) -> Any:
    reach = request.standing.reach(P.REGISTRATIONS_IMPORT)
    return Centre.objects.filter(pk__in=reach or ()).order_by("name", "pk")


@require_GET
@allowed(P.REGISTRATIONS_IMPORT, P.CENTRES_LIST)
def show_upload(request: PortalRequest, upload_id: int) -> HttpResponse:
    """What was found in a file, what a load does, and the one action that comes next."""
    return _upload_page(request, _visible(request, upload_id))


def _visible(request: PortalRequest, upload_id: int) -> RegistrationUpload:
    return get_object_or_404(list_uploads(request.standing), pk=upload_id)


def _upload_page(request: PortalRequest, upload: RegistrationUpload, *, status: int = 200) -> HttpResponse:
    kept = [Fault.from_dict(fault) for fault in upload.faults]
    page_obj = Paginator(kept, 50).get_page(request.GET.get("page"))
    may_import = request.standing.can(P.REGISTRATIONS_IMPORT, upload.centre_id)
    counts = upload.counts
    context = {
        "heading": upload.file.name,
        "breadcrumbs": [
            *centre_crumbs(request, upload.centre),
            (_("Uploads"), reverse("centres:uploads", kwargs={"ao": request.ao.slug})),
        ],
        "upload": upload,
        "turn": _turn(upload),
        "counts": counts,
        "found": _found(upload),
        "page_obj": page_obj,
        "more_faults": max(counts.get("faults", 0) - KEPT_FAULTS, 0),
        "may_import": may_import,
        "is_working": upload.is_working,
        "is_stuck": upload.is_stuck,
        "can_load": may_import and _has_work(upload),
        "can_discard": may_import and upload.state in (State.CHECKED, State.REFUSED),
        "load_label": _load_label(counts),
        "has_changed": upload.state == State.LOADED and counts.get("previewed") not in (
            None, {key: counts.get(key) for key in ("loaded", "updated", "unchanged", "refused")}
        ),
    }  # fmt: skip
    return render(request, "centres/upload.html", context, status=status)


def _found(upload: RegistrationUpload) -> list[tuple[str, str]]:
    counts, is_loaded = upload.counts, upload.state == State.LOADED
    rows = [
        (_("Rows read"), "read"),
        (_("New registrations") if is_loaded else _("New, ready to load"), "loaded"),
        (_("Changes to what is stored"), "updated"),
        (_("There already, unchanged"), "unchanged"),
        (_("Refused"), "refused"),
    ]
    return [(label, f"{counts.get(key, 0):,}") for label, key in rows]


def _has_work(upload: RegistrationUpload) -> bool:
    return upload.waits_for_load and upload.has_rows_to_load


def _load_label(counts: dict[str, Any]) -> str:
    rows = counts.get("loaded", 0) + counts.get("updated", 0)
    if counts.get("refused"):
        return ngettext("Load the good row", "Load the %(count)s good rows", rows) % {"count": f"{rows:,}"}
    return ngettext("Load the row", "Load all %(count)s rows", rows) % {"count": f"{rows:,}"}


def _turn(upload: RegistrationUpload) -> dict[str, Any]:
    holder: Any = upload.centre.name
    if upload.state == State.CHECKED and not _has_work(upload):
        following = (
            _("No row can be loaded as it is. Mend the rows listed below and upload them, then discard this upload.")
            if upload.counts.get("refused")
            else _("Everything in it is stored already: nothing is left to load. Discard the upload.")
        )
    else:
        following = {
            State.RECEIVED: _("The file is read and checked. You may leave this page and come back."),
            State.CHECKED: _("Look at what was found, then load the good rows or discard the upload."),
            State.REFUSED: _("Mend the file as said below and upload it again."),
            State.LOADING: _("The rows are being stored. You may leave this page and come back."),
            State.LOADED: _("Generate an eRAC for a cohort, or mend and upload the rows that were refused."),
            State.DISCARDED: _("Upload a file again when you are ready."),
        }[State(upload.state)]
    if upload.state in (State.RECEIVED, State.LOADING):
        holder = _("The portal")
    return {
        "state": upload.shown_state, "colour": upload.colour, "holder": holder,
        "since": upload.loaded_at or upload.uploaded_at, "next": following,
    }  # fmt: skip


@require_POST
@allowed(P.REGISTRATIONS_IMPORT)
def load(request: PortalRequest, upload_id: int) -> HttpResponse:
    """Loads the good rows; pressed twice it loads them once."""
    upload = _visible(request, upload_id)
    was = upload.state
    try:
        upload = start_load(
            actor=request.standing, upload=upload,
            back_to=reverse("centres:upload", kwargs={"ao": request.ao.slug, "upload_id": upload.pk}),
        )  # fmt: skip
    except StalePageError as error:
        messages.error(request, str(error))
        return _upload_page(request, _visible(request, upload_id), status=409)
    except (NothingToLoadError, CentreClosedError) as error:
        messages.error(request, str(error))
        return redirect("centres:upload", ao=request.ao.slug, upload_id=upload.pk)
    if was in (State.LOADED, State.LOADING) and upload.state == was:
        messages.info(request, _("This file is loaded already, or being loaded: nothing was done twice."))
    elif upload.state == State.LOADED:
        messages.success(request, _loaded_message(upload.counts))
    return redirect("centres:upload", ao=request.ao.slug, upload_id=upload.pk)


def _loaded_message(counts: dict[str, Any]) -> str:
    loaded = counts["loaded"]
    text = ngettext("%(count)s registration loaded.", "%(count)s registrations loaded.", loaded) % {"count": loaded}
    if counts["updated"]:
        text += " " + _("%(count)s changed.") % {"count": counts["updated"]}
    if counts["refused"]:
        left = ngettext("%(count)s row still needs mending.", "%(count)s rows still need mending.", counts["refused"])
        text += " " + left % {"count": counts["refused"]}
    return text


@require_POST
@allowed(P.REGISTRATIONS_IMPORT)
def discard(request: PortalRequest, upload_id: int) -> HttpResponse:
    """Sets an upload aside."""
    upload = _visible(request, upload_id)
    try:
        discard_upload(actor=request.standing, upload=upload)
    except StalePageError as error:
        messages.error(request, str(error))
        return _upload_page(request, _visible(request, upload_id), status=409)
    messages.success(request, _("The upload is discarded. Nothing of it was stored."))
    return redirect("centres:uploads", ao=request.ao.slug)


@require_GET
@allowed(P.REGISTRATIONS_IMPORT)
def rows_to_mend_file(request: PortalRequest, upload_id: int) -> HttpResponse:
    """The refused rows with the reasons in a column."""
    upload = _visible(request, upload_id)
    try:
        content = rows_to_mend(actor=request.standing, upload=upload)
    except UnsafeFileError as error:
        messages.error(request, str(error))
        return redirect("centres:upload", ao=request.ao.slug, upload_id=upload.pk)
    return _download(content, XLSX, f"rows-to-mend-{upload.pk}.xlsx")


@require_GET
@allowed(P.REGISTRATIONS_IMPORT)
def original(request: PortalRequest, upload_id: int) -> Any:
    """The file as it was uploaded."""
    upload = _visible(request, upload_id)
    request.standing.require(P.REGISTRATIONS_IMPORT, upload.centre_id)
    return serve_file(upload.file)


@require_GET
@allowed(P.REGISTRATIONS_IMPORT, P.CENTRES_LIST)
def template_xlsx(request: PortalRequest) -> HttpResponse:
    return _download(template_workbook(), XLSX, f"{TEMPLATE_NAME}.xlsx")


@require_GET
@allowed(P.REGISTRATIONS_IMPORT, P.CENTRES_LIST)
def template_csv_file(request: PortalRequest) -> HttpResponse:
    return _download(template_csv(), "text/csv; charset=utf-8", f"{TEMPLATE_NAME}.csv")


def _download(content: bytes, media_type: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=media_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
