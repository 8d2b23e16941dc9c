"""Holds on the evidence of Q-TAGs: the list, putting one, lifting one (QTG-19). For the AO's eyes only."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from awarding.accounts.audience import allowed
from awarding.accounts.requests import ao_url, standing_in
from awarding.accounts.roles import Permission as P
from awarding.workflow.queries import history, turn
from awarding.workflow.services import TransitionError
from qtag.forms.holds import HoldForm, LiftForm
from qtag.queries.holds import files_held, list_holds
from qtag.services.holds import lift_hold, put_hold
from qtag.workflow import EVIDENCE_HOLD

PER_PAGE = 50
PREFILLED = ("centre_number", "qan", "uln")


@allowed(P.EVIDENCE_HOLD)
@require_GET
def holds(request: HttpRequest) -> HttpResponse:
    """Every hold with what it covers, those in force first."""
    states = {row.name: str(row.label) for row in EVIDENCE_HOLD.states}
    state = request.GET.get("state", "")
    state = state if state in states else ""
    page = Paginator(list_holds(state), PER_PAGE).get_page(request.GET.get("page"))
    here = ao_url(request, "qtag:holds")
    context = {
        "heading": _("Holds on evidence"), "page_obj": page, "state": state,
        "links": [(_("All"), here, not state), *((label, f"{here}?state={n}", n == state) for n, label in states.items())],
        "rows": [(row, EVIDENCE_HOLD.state(row.state)) for row in page],
    }  # fmt: skip
    return render(request, "qtag/holds.html", context)


@allowed(P.EVIDENCE_HOLD)
@require_http_methods(["GET", "POST"])
def put(request: HttpRequest) -> HttpResponse:
    """Puts one; the numbers may come with the address, from the page of what it is to cover."""
    given = {name: request.GET[name] for name in PREFILLED if request.GET.get(name)}
    form = HoldForm(request.POST if request.method == "POST" else None, initial=given)
    if form.is_bound and form.is_valid():
        try:
            made = put_hold(actor=standing_in(request), **form.said)
        except TransitionError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The evidence is held until you lift it."))
            return redirect(ao_url(request, "qtag:hold", hold_id=made.pk))
    context = {"heading": _("Hold evidence from deletion"), "form": form, "breadcrumbs": _crumbs(request)}
    return render(request, "qtag/hold_put.html", context)


@allowed(P.EVIDENCE_HOLD)
@require_http_methods(["GET", "POST"])
def hold(request: HttpRequest, hold_id: int) -> HttpResponse:
    """One hold: what it covers, why, its history, and lifting it with a reason."""
    found = get_object_or_404(list_holds(), pk=hold_id)
    may_lift = found.state == EVIDENCE_HOLD.initial
    posted = request.POST if request.method == "POST" else None
    form = LiftForm(posted, initial={"expected_version": found.version}) if may_lift or posted is not None else None
    status = 200
    if form is not None and form.is_bound and form.is_valid():
        try:
            lift_hold(actor=standing_in(request), hold=found, **form.cleaned_data)
        except TransitionError as error:
            form.add_error(None, str(error))
            status = 409
        else:
            messages.success(request, _("The hold is lifted; the evidence is kept as long as any other."))
            return redirect(request.path)
    context = {
        "heading": str(found), "hold": found, "form": form, "turn": turn(EVIDENCE_HOLD, found, standing_in(request)),
        "events": history(found), "breadcrumbs": _crumbs(request),
        "facts": [
            (_("Centre"), found.centre), (_("Qualification"), found.qualification or _("Every one")),
            (_("Learner"), found.learner.full_name if found.learner else _("Every one")),
            (_("Why"), found.reason), (_("Files that it covers"), files_held(found)),
        ],
    }  # fmt: skip
    return render(request, "qtag/hold.html", context, status=status)


def _crumbs(request: HttpRequest) -> list[tuple[str, str]]:
    return [(_("Holds on evidence"), ao_url(request, "qtag:holds"))]
