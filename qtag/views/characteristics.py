"""Which groups a centre's learners belong to: upload, preview, load, removal. For its head and its quality contact (SNS-08)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from awarding.accounts.audience import allowed
from awarding.accounts.requests import ao_url, standing_in
from awarding.accounts.roles import Permission as P
from awarding.spreadsheets.faults import Fault
from awarding.spreadsheets.writer import XLSX
from awarding.workflow.services import StalePageError
from centres.models import Centre, Learner
from qtag.forms.characteristics import CharacteristicsUploadForm, RemoveCharacteristicsForm
from qtag.models import CharacteristicUpload
from qtag.queries.characteristics import (
    FORGOTTEN_DAYS,
    recorded_characteristics,
    visible_characteristic_uploads,
)
from qtag.queries.sense_runs import stored_settings
from qtag.rules.retention import MONTHS_WITHOUT_RESULT
from qtag.services.characteristic_uploads import (
    discard_characteristics,
    receive_characteristics,
    start_characteristics_load,
)
from qtag.services.characteristics import UnknownLearnerError, remove_characteristics
from qtag.workbooks import characteristics_template

PER_PAGE = 50
State = CharacteristicUpload.State


@allowed(P.CHARACTERISTICS_MANAGE)
@require_http_methods(["GET", "POST"])
def characteristics(request: HttpRequest, centre_id: int) -> HttpResponse:
    """What is recorded, who sees it and why, and the form to upload more of it."""
    standing, centre = standing_in(request), _own_centre(request, centre_id)
    form = CharacteristicsUploadForm(request.POST, request.FILES) if request.method == "POST" else None
    if form is not None and form.is_valid():
        file = form.cleaned_data["file"]
        back_to = ao_url(request, "qtag:characteristic_upload", upload_id=0).replace("/0/", "/{id}/")
        upload = receive_characteristics(actor=standing, centre=centre, name=file.name, content=file, back_to=back_to)
        return redirect(ao_url(request, "qtag:characteristic_upload", upload_id=upload.pk))
    uploads = visible_characteristic_uploads(standing).filter(centre=centre)
    page = Paginator(uploads, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "heading": _("Which groups learners belong to"), "centre": centre, "form": form or CharacteristicsUploadForm(),
        "recorded": recorded_characteristics(centre), "learners": Learner.objects.filter(centre=centre).count(),
        "months": stored_settings().characteristics_months, "months_without_result": MONTHS_WITHOUT_RESULT,
        "forgotten_days": FORGOTTEN_DAYS, "page_obj": page,
        "breadcrumbs": _crumbs(request, centre),
    }  # fmt: skip
    return render(request, "qtag/characteristics.html", context)


@allowed(P.CHARACTERISTICS_MANAGE)
@require_GET
def characteristics_template_file(request: HttpRequest) -> HttpResponse:
    """The workbook to fill in."""
    headers = {"Content-Disposition": 'attachment; filename="learners-groups.xlsx"'}
    return HttpResponse(characteristics_template(), content_type=XLSX, headers=headers)


@allowed(P.CHARACTERISTICS_MANAGE)
@require_GET
def characteristic_upload(request: HttpRequest, upload_id: int) -> HttpResponse:
    """What a file would do, or did, and its faults by cell."""
    return _upload_page(request, get_object_or_404(visible_characteristic_uploads(standing_in(request)), pk=upload_id))


def _upload_page(request: HttpRequest, upload: CharacteristicUpload, status: int = 200) -> HttpResponse:
    faults = [Fault.from_dict(one) for one in upload.faults]
    context = {
        "heading": _("A file of learners’ groups"), "upload": upload, "counts": upload.counts,
        "can_load": upload.has_rows_to_load and upload.waits_for_load,
        "can_discard": upload.state in (State.CHECKED, State.RECEIVED),
        "page_obj": Paginator(faults, PER_PAGE).get_page(request.GET.get("page")),
        "breadcrumbs": [
            *_crumbs(request, upload.centre),
            (_("Which groups learners belong to"), ao_url(request, "qtag:characteristics", centre_id=upload.centre_id)),
        ],
    }  # fmt: skip
    return render(request, "qtag/characteristic_upload.html", context, status=status)


@allowed(P.CHARACTERISTICS_MANAGE)
@require_POST
def characteristic_load(request: HttpRequest, upload_id: int) -> HttpResponse:
    """Loads the good rows; pressed twice it loads them once."""
    return _settled(request, upload_id, _("Loaded. The file itself is erased."), is_load=True)


@allowed(P.CHARACTERISTICS_MANAGE)
@require_POST
def characteristic_discard(request: HttpRequest, upload_id: int) -> HttpResponse:
    """Sets a file aside; nothing of it is stored."""
    return _settled(request, upload_id, _("Discarded and erased. Nothing of it was stored."), is_load=False)


def _settled(request: HttpRequest, upload_id: int, done: str, *, is_load: bool) -> HttpResponse:
    standing = standing_in(request)
    upload = get_object_or_404(visible_characteristic_uploads(standing), pk=upload_id)
    here = ao_url(request, "qtag:characteristic_upload", upload_id=upload.pk)
    try:
        if is_load:
            upload = start_characteristics_load(actor=standing, upload=upload, back_to=here)
        else:
            upload = discard_characteristics(actor=standing, upload=upload)
    except StalePageError as error:
        messages.error(request, str(error))
        again = get_object_or_404(visible_characteristic_uploads(standing), pk=upload_id)
        return _upload_page(request, again, status=409)
    if upload.is_settled:
        messages.success(request, done)
    return redirect(here)


@allowed(P.CHARACTERISTICS_MANAGE)
@require_http_methods(["GET", "POST"])
def characteristics_remove(request: HttpRequest, centre_id: int) -> HttpResponse:
    """Takes away what is recorded: everything, one characteristic, one learner's."""
    centre = _own_centre(request, centre_id)
    recorded = recorded_characteristics(centre)
    names = [one.name for one in recorded]
    form = RemoveCharacteristicsForm(request.POST if request.method == "POST" else None, names=names)
    back = ao_url(request, "qtag:characteristics", centre_id=centre.pk)
    if form.is_bound and form.is_valid():
        try:
            count = remove_characteristics(
                actor=standing_in(request),
                centre=centre,
                characteristic=form.characteristic,
                uln=form.cleaned_data["uln"],
            )
        except UnknownLearnerError as error:
            form.add_error("uln", str(error))
        else:
            text = ngettext("%(n)d entry is removed.", "%(n)d entries are removed.", count) % {"n": count}
            messages.success(request, text if count else _("Nothing was recorded of that: there is nothing to remove."))
            return redirect(back)
    context = {
        "heading": _("Remove what is recorded"), "centre": centre, "form": form, "recorded": recorded,
        "breadcrumbs": [*_crumbs(request, centre), (_("Which groups learners belong to"), back)],
    }  # fmt: skip
    return render(request, "qtag/characteristics_remove.html", context)


def _own_centre(request: HttpRequest, centre_id: int) -> Centre:
    centre = get_object_or_404(Centre, pk=centre_id)
    if not standing_in(request).can(P.CHARACTERISTICS_MANAGE, centre.pk):
        raise Http404
    return centre


def _crumbs(request: HttpRequest, centre: Centre) -> list[tuple[Any, str]]:
    return [(_("Beside earlier years"), ao_url(request, "qtag:sense_centre", centre_id=centre.pk))]
