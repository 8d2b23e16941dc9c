"""The reason for a difference: the centre's form with its draft, and the AO's view of it (SNS-09)."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from awarding.accounts.audience import allowed
from awarding.accounts.requests import ao_url, standing_in
from awarding.accounts.roles import Permission as P
from awarding.workflow.services import ReasonMissingError, StalePageError
from qtag.forms.sense import ReasonForm, ReasonViewForm
from qtag.models import DifferenceReason, SenseRow
from qtag.queries.differences import find_draft, readable_reasons
from qtag.queries.sense_rows import group_name, with_reasons
from qtag.services.differences import record_reason, save_draft, view_reason
from qtag.views.sense import crumbs_of, find_row, show_group


@allowed(P.SENSE_EXPLAIN)
@require_http_methods(["GET", "POST"])
def sense_reason(request: HttpRequest, row_id: int) -> HttpResponse:
    """Kinds and words; kept as a draft or recorded. When the numbers change meanwhile, the typed text stays."""
    row, closed = find_row(request, row_id)
    if closed is not None:
        return closed
    standing = standing_in(request)
    standing.require(P.SENSE_EXPLAIN, row.centre_id)
    form = ReasonForm(request.POST if request.method == "POST" else None, initial=_initial(row))
    status = 200
    if request.method == "POST" and "draft" in request.POST:
        save_draft(
            actor=standing, row_id=row.pk, kinds=request.POST.getlist("kinds"), text=request.POST.get("text", "")
        )
        messages.success(request, _("Kept as a draft. You and your colleagues find it here; nobody else reads it."))
        return redirect(ao_url(request, "qtag:sense_group", row_id=row.pk))
    if form.is_bound and form.is_valid():
        said = form.cleaned_data
        try:
            record_reason(
                actor=standing, row_id=row.pk, kinds=said["kinds"], text=said["text"], shown_digest=said["digest"]
            )
        except StalePageError as error:
            # What was typed comes back with today's numbers above it.
            form = ReasonForm(initial={"digest": row.digest, "kinds": said["kinds"], "text": said["text"]})
            messages.error(request, str(error))
            status = 409
        except ReasonMissingError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The reason is recorded with the numbers that you saw."))
            return redirect(ao_url(request, "qtag:sense_group", row_id=row.pk))
    view = with_reasons([row])[0]
    context = {
        "heading": _("Why does this year differ?"), "row": row, "name": group_name(row),
        "words": view.words(), "form": form, "draft": find_draft(row), "view": view,
        "breadcrumbs": crumbs_of(request, row, to_group=True),
    }  # fmt: skip
    return render(request, "qtag/sense_reason.html", context, status=status)


def _initial(row: SenseRow) -> dict[str, object]:
    """The draft, or the reason that was given last: most of it may still hold."""
    draft = find_draft(row)
    if draft is not None:
        return {"digest": row.digest, "kinds": draft.kinds, "text": draft.text}
    reason = with_reasons([row])[0].reason
    known = {"kinds": reason.kinds, "text": reason.text} if reason else {}
    return {"digest": row.digest, **known}


@allowed(P.SENSE_MANAGE)
@require_POST
def sense_view_reason(request: HttpRequest, reason_id: int) -> HttpResponse:
    """What the AO makes of a reason, while the group that it is about is open (SNS-01)."""
    reason = get_object_or_404(DifferenceReason, pk=reason_id)
    row = SenseRow.objects.filter(centre_id=reason.centre_id, key=reason.key, is_submitted=True).first()
    if row is None:
        raise Http404
    found, closed = find_row(request, row.pk)
    if closed is not None:
        return closed
    form = ReasonViewForm(request.POST)
    if not form.is_valid():
        return show_group(request, found, form, 400) if _is_current(reason) else _back(request, found)
    try:
        view_reason(actor=standing_in(request), reason_id=reason.pk, **form.cleaned_data)
    except StalePageError as error:
        messages.error(request, str(error))
    except ReasonMissingError as error:
        form.add_error(None, str(error))
        return show_group(request, found, form, 400)
    else:
        messages.success(request, _("Your view is recorded; the centre sees it beside its reason."))
    return _back(request, found)


def _is_current(reason: DifferenceReason) -> bool:
    return readable_reasons().filter(pk=reason.pk).exists()


def _back(request: HttpRequest, row: SenseRow) -> HttpResponse:
    return redirect(ao_url(request, "qtag:sense_group", row_id=row.pk))
