"""Declarations that were missing on their day: the list, and the AO's judgement of each (HOC-03)."""

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
from awarding.ui.templatetags.ui import london_date, london_datetime
from awarding.workflow.queries import history, moves_open_to, turn
from awarding.workflow.services import TransitionError
from qtag.forms.decisions import DecisionForm
from qtag.models import DeclarationConcern
from qtag.queries.concerns import concern_facts, list_concerns
from qtag.services.concerns import judge_concern
from qtag.workflow import DECLARATION_CONCERN

PER_PAGE = 50


@allowed(P.CONCERNS_VIEW)
@require_GET
def concerns(request: HttpRequest) -> HttpResponse:
    """Every centre whose declaration was missing on its day, with what became of it."""
    state = request.GET.get("state", "")
    states = {row.name: str(row.label) for row in DECLARATION_CONCERN.states}
    state = state if state in states else ""
    page = Paginator(list_concerns(state), PER_PAGE).get_page(request.GET.get("page"))
    here = ao_url(request, "qtag:concerns")
    links = [(_("All"), here, not state)]
    links += [(label, f"{here}?state={name}", name == state) for name, label in states.items()]
    context = {
        "heading": _("Missing declarations"), "page_obj": page, "links": links, "state": state,
        "rows": [(row, DECLARATION_CONCERN.state(row.state)) for row in page], "breadcrumbs": _crumbs(request)[:1],
    }  # fmt: skip
    return render(request, "qtag/concerns.html", context)


@allowed(P.CONCERNS_VIEW)
@require_http_methods(["GET", "POST"])
def concern(request: HttpRequest, concern_id: int) -> HttpResponse:
    """One centre's missing declaration: counts and dates without grades, and the decision with its reason."""
    standing = standing_in(request)
    found = get_object_or_404(DeclarationConcern.objects.select_related("centre", "adoption__framework"), pk=concern_id)
    moves = moves_open_to(DECLARATION_CONCERN, found, standing)
    posted = request.POST if request.method == "POST" else None
    if posted is not None:
        standing.require(P.CONCERNS_JUDGE)
    form = DecisionForm(posted, moves=moves, initial={"expected_version": found.version}) if moves or posted else None
    status = 200
    if form is not None and form.is_bound and form.is_valid():
        try:
            judge_concern(actor=standing, concern=found, **form.cleaned_data)
        except TransitionError as error:
            form.add_error(None, str(error))
            status = 409
        else:
            messages.success(request, str(DECLARATION_CONCERN.event_label(form.cleaned_data["move"])))
            return redirect(ao_url(request, "qtag:concern", concern_id=found.pk))
    facts = concern_facts(found)
    signed = _("%(when)s, late") % {"when": london_datetime(facts.signed_at)} if facts.signed_at else _("Not until now")
    context = {
        "heading": _("Missing declaration: %(centre)s") % {"centre": found.centre.name}, "concern": found, "form": form,
        "turn": turn(DECLARATION_CONCERN, found, standing), "events": history(found), "breadcrumbs": _crumbs(request),
        "facts": [
            (_("Centre"), found.centre), (_("Declaration due"), london_date(found.due_on)),
            (_("Signed since"), signed),
            (_("Learners submitted"), facts.learners), (_("Qualifications with any of them"), facts.qualifications),
            (_("Qualifications not covered by a signature"), facts.uncovered),
        ],
        "is_covered": not facts.uncovered, "may_hold": standing.can(P.EVIDENCE_HOLD),
    }  # fmt: skip
    return render(request, "qtag/concern.html", context, status=status)


def _crumbs(request: HttpRequest) -> list[tuple[str, str]]:
    return [
        (_("Q-TAG progress"), ao_url(request, "qtag:progress"))
        if standing_in(request).can(P.QTAGS_PROGRESS)
        else (_("Home"), ao_url(request, "ao_home")),
        (_("Missing declarations"), ao_url(request, "qtag:concerns")),
    ]
