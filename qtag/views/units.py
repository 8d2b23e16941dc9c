"""A learner's units: Z flags with their day, external entries, later grades; the flag for many learners at once."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from awarding.accounts.audience import allowed
from awarding.accounts.requests import ao_url, standing_in
from awarding.accounts.roles import Permission as P
from awarding.catalogue.models import QualificationUnit, Unit
from awarding.frameworks.queries import adopted_document
from awarding.ui.templatetags.ui import london_date
from awarding.workflow.services import TransitionError
from qtag.forms.units import UnitForm
from qtag.models import Judgement, Submission
from qtag.queries.submissions import learners_page, may_judge
from qtag.queries.units import flag_day, flagged_for, own_units, unit_rows
from qtag.rules.later import flag_due
from qtag.services import units as services
from qtag.services.locking import JudgementLockedError
from qtag.views.frame import judgement_or_404, submission_or_404, submission_page

DOERS = {
    "flag": services.flag_reduced, "take_flag": services.take_flag_back, "take_entry": services.take_entry_back,
    "forward": services.put_forward, "take_forward": services.take_forward_back,
}  # fmt: skip


@allowed(P.QTAGS_VIEW)
@require_http_methods(["GET", "POST"])
def learner_units(request: HttpRequest, judgement_id: int) -> HttpResponse:
    """Every unit with what is recorded of it and whether it may be graded later, and one form to record it."""
    judgement = judgement_or_404(request, judgement_id)
    standing = standing_in(request)
    may_change = judgement.state == "open" and standing.can(P.QTAGS_JUDGE, judgement.centre_id)
    units = {str(unit.pk): unit for unit in own_units(judgement)}
    posted = request.POST if request.method == "POST" else None
    if posted is not None:
        standing.require(P.QTAGS_JUDGE, judgement.centre_id)
    form = UnitForm(posted, units=[(key, str(unit)) for key, unit in units.items()])
    status = 200
    if form.is_bound and form.is_valid():
        try:
            _record(request, judgement, units[form.cleaned_data["unit"]], form.cleaned_data)
        except (TransitionError, JudgementLockedError) as error:
            form.add_error("unit", str(error))
            status = 409
        else:
            messages.success(request, _("Recorded."))
            return redirect(ao_url(request, "qtag:units", judgement_id=judgement.pk))
    name = judgement.registration.learner.full_name
    crumbs = [
        (_("Grades"), ao_url(request, "qtag:grid", submission_id=judgement.submission_id)),
        (name, ao_url(request, "qtag:learner", judgement_id=judgement.pk)),
    ]
    context = {
        "rows": unit_rows(judgement), "form": form if may_change else None, "due_words": due_words(flag_day(judgement)),
        "judgement": judgement, "goes_on": judgement.is_certificating is False and not judgement.is_top_up,
    }  # fmt: skip
    return submission_page(
        request, judgement.submission, "units.html", context, heading=_("Units of %(name)s") % {"name": name},
        status=status, crumbs=crumbs,
    )  # fmt: skip


def _record(request: HttpRequest, judgement: Judgement, unit: Unit, said: dict[str, Any]) -> None:
    actor = standing_in(request)
    if said["what"] == "entry":
        services.record_entry(actor=actor, judgement_id=judgement.pk, unit=unit, entered_on=said["entered_on"])
    else:
        DOERS[said["what"]](actor=actor, judgement_id=judgement.pk, unit=unit)


def due_words(due: Any) -> str:
    """By when Z flags are due, and what happens after that day (QTG-15)."""
    if due is None:
        return ""
    if timezone.localdate() > due:
        return _("Z flags were due by %(day)s. One set now is accepted and marked late.") % {"day": london_date(due)}
    return _("Z flags are due by %(day)s.") % {"day": london_date(due)}


@allowed(P.QTAGS_VIEW)
@require_http_methods(["GET", "POST"])
def submission_flags(request: HttpRequest, submission_id: int) -> HttpResponse:
    """One unit, many learners: tick those for whom it was due and not fully assessed (QTG-15)."""
    found = submission_or_404(request, submission_id)
    standing = standing_in(request)
    places = QualificationUnit.objects.filter(qualification=found.qualification_id).select_related("unit")
    units = [place.unit for place in places.order_by("position", "id")]
    asked = (request.POST if request.method == "POST" else request.GET).get("unit", "")
    unit = next((row for row in units if str(row.pk) == asked), None)
    refused: dict[int, str] = {}
    if request.method == "POST":
        standing.require(P.QTAGS_JUDGE, found.centre_id)
        unit = unit or get_object_or_404(Unit.objects.none())
        ids = [int(value) for value in request.POST.getlist("learner") if value.isdecimal()]
        done = services.flag_many(actor=standing, judgement_ids=_own(found, ids), unit=unit)
        if done.done:
            words = ngettext("The Z flag is set for %(n)d learner.", "The Z flag is set for %(n)d learners.", done.done)
            messages.success(request, words % {"n": done.done})
        elif not done.refused:
            messages.error(request, _("Tick at least one learner first."))
        if not done.refused:
            number = request.POST.get("page", "")
            more = f"&page={number}" if number.isdecimal() else ""
            return redirect(ao_url(request, "qtag:flags", submission_id=found.pk) + f"?unit={unit.pk}{more}")
        refused = done.refused
    return _flags_page(request, found, units, unit, refused)


def _own(found: Submission, ids: list[int]) -> list[int]:
    return list(Judgement.objects.filter(submission=found, pk__in=ids).values_list("pk", flat=True))


def _flags_page(
    request: HttpRequest, found: Submission, units: list[Unit], unit: Unit | None, refused: dict[int, str]
) -> HttpResponse:
    standing = standing_in(request)
    page = learners_page(standing, found, request.GET.get("page") or request.POST.get("page"))
    flagged = flagged_for(page, unit) if unit is not None else set()
    document = adopted_document(found.adoption)
    context = {
        "units": units, "unit": unit, "page_obj": page, "may_change": may_judge(standing, found),
        "rows": [(row, row.registration_id in flagged, refused.get(row.pk, "")) for row in page],
        "finishing_words": due_words(flag_due(document, True)), "going_words": due_words(flag_due(document, False)),
        "has_errors": bool(refused),
    }  # fmt: skip
    return submission_page(
        request,
        found,
        "flags.html",
        context,
        heading=_("Units assessed in a reduced way"),
        status=409 if refused else 200,
    )
