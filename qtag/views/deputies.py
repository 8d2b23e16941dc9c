"""Deputies who sign in the head of centre's place: the list, naming one, the AO's answer (HOC-01)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from awarding.accounts.audience import allowed
from awarding.accounts.models import User
from awarding.accounts.requests import ao_url, standing_in
from awarding.accounts.roles import Permission as P
from awarding.ui.templatetags.ui import london_date
from awarding.workflow.queries import history, moves_open_to, turn
from awarding.workflow.services import TransitionError
from centres.models import Centre
from qtag.forms.decisions import DecisionForm, DeputyForm
from qtag.models import Deputy
from qtag.queries.deputies import people_to_name, visible_deputies
from qtag.services.deputies import move_deputy, name_deputy
from qtag.workflow import DEPUTY

PER_PAGE = 50


@allowed(P.DECLARATIONS_SIGN, P.DEPUTIES_DECIDE)
@require_GET
def deputies(request: HttpRequest) -> HttpResponse:
    """Everybody who was named, newest first; the AO sees first who waits for its answer."""
    standing = standing_in(request)
    rows = visible_deputies(standing)
    waiting = request.GET.get("state") == "named"
    page = Paginator(rows.filter(state="named") if waiting else rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "heading": _("Deputies of heads of centre"), "page_obj": page, "waiting": waiting,
        "rows": [(row, _shown_state(row)) for row in page], "may_name": standing.can(P.DECLARATIONS_SIGN),
        "breadcrumbs": [(_("Declarations"), ao_url(request, "qtag:declarations"))],
    }  # fmt: skip
    return render(request, "qtag/deputies.html", context)


def _shown_state(deputy: Deputy) -> tuple[Any, str]:
    """Label and colour; an accepted one whose last day is past can sign no more."""
    if deputy.state == "accepted" and deputy.last_day < timezone.localdate():
        return _("Accepted, now over"), "grey"
    state = DEPUTY.state(deputy.state)
    return state.label, state.colour


@allowed(P.DECLARATIONS_SIGN)
@require_http_methods(["GET", "POST"])
def name(request: HttpRequest) -> HttpResponse:
    """The head of centre names one of the centre's people."""
    standing = standing_in(request)
    own = {row.pk: row for row in Centre.objects.filter(pk__in=standing.reach(P.DECLARATIONS_SIGN) or ())}
    people: dict[str, tuple[Centre, User]] = {}
    for centre in own.values():
        people |= {f"{centre.pk}-{person.pk}": (centre, person) for person in people_to_name(centre)}
    choices = [
        (key, person.name if len(own) == 1 else f"{person.name}, {centre.name}") for key, (centre, person) in people.items()
    ]  # fmt: skip
    form = DeputyForm(request.POST if request.method == "POST" else None, people=choices)
    status = 200
    if form.is_bound and form.is_valid():
        said = form.cleaned_data
        centre, person = people[said["who"]]
        try:
            made = name_deputy(
                actor=standing, centre=centre, person=person, reason=said["reason"], last_day=said["last_day"]
            )
        except TransitionError as error:
            form.add_error(None, str(error))
            status = 409
        else:
            messages.success(request, _("Named. They may sign once the awarding organisation has accepted them."))
            return redirect(ao_url(request, "qtag:deputy", deputy_id=made.pk))
    context = {
        "heading": _("Name a deputy"), "form": form, "has_people": bool(people), "breadcrumbs": _crumbs(request),
    }  # fmt: skip
    return render(request, "qtag/deputy_name.html", context, status=status)


@allowed(P.DECLARATIONS_SIGN, P.DEPUTIES_DECIDE)
@require_http_methods(["GET", "POST"])
def deputy(request: HttpRequest, deputy_id: int) -> HttpResponse:
    """One deputy: who, why, until when, whose turn, and what this person can decide."""
    standing = standing_in(request)
    found = get_object_or_404(visible_deputies(standing), pk=deputy_id)
    moves = moves_open_to(DEPUTY, found, standing)
    posted = request.POST if request.method == "POST" else None
    form = DecisionForm(posted, moves=moves, initial={"expected_version": found.version}) if moves or posted else None
    status = 200
    if form is not None and form.is_bound and form.is_valid():
        try:
            moved = move_deputy(actor=standing, deputy=found, **form.cleaned_data)
        except TransitionError as error:
            form.add_error(None, str(error))
            status = 409
        else:
            messages.success(request, str(DEPUTY.event_label(form.cleaned_data["move"])))
            return redirect(ao_url(request, "qtag:deputy", deputy_id=moved.pk))
    context = {
        "heading": _("Deputy: %(name)s") % {"name": found.person.name}, "deputy": found, "form": form,
        "turn": turn(DEPUTY, found, standing), "events": history(found), "breadcrumbs": _crumbs(request),
        "facts": [
            (_("Centre"), found.centre), (_("Signs in the place of the head"), found.person),
            (_("Until the end of"), london_date(found.last_day)), (_("Why"), found.reason),
            (_("Named by"), found.named_by),
        ],
        "is_over": found.state == "accepted" and found.last_day < timezone.localdate(),
    }  # fmt: skip
    return render(request, "qtag/deputy.html", context, status=status)


def _crumbs(request: HttpRequest) -> list[tuple[str, str]]:
    return [
        (_("Declarations"), ao_url(request, "qtag:declarations")),
        (_("Deputies"), ao_url(request, "qtag:deputies")),
    ]
