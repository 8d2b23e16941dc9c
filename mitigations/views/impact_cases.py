"""Cases of learners outside the dates or without a registration: the list, one case, raising one."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from awarding.accounts.audience import allowed
from awarding.accounts.requests import ao_url, standing_in
from awarding.accounts.roles import Permission as P
from awarding.findings.finding import Finding
from awarding.frameworks.queries import adopted_document
from awarding.ui.unsaved import tell_unsaved, texts_of
from awarding.workflow.queries import history, moves_open_to, turn
from awarding.workflow.services import GuardedError, TransitionError
from centres.queries import visible_centres, visible_registrations
from mitigations.forms.impact import CaseFilterForm, CaseForm, CaseMoveForm, UnregisteredCaseForm
from mitigations.models import ImpactCase
from mitigations.queries.impact import explain_impact, with_reason
from mitigations.queries.impact_cases import list_cases, visible_cases
from mitigations.queries.outcomes import Adopted, adopted_with_impact
from mitigations.services.impact_cases import move_case, raise_case, raise_unregistered_case
from mitigations.views.impact import centre_choices, chosen_framework
from mitigations.workflow import IMPACT_CASE
from mitigations.workflow_impact import refuse_unregistered

PER_PAGE = 50


@allowed(P.IMPACT_VIEW)
@require_safe
def cases(request: HttpRequest) -> HttpResponse:
    """The cases this person sees, newest first."""
    standing = standing_in(request)
    form = CaseFilterForm(request.GET or None, centres=centre_choices(standing, P.IMPACT_VIEW))
    asked = form.cleaned_data if form.is_bound and form.is_valid() else {}
    found = list_cases(
        standing, state=asked.get("state", ""), kind=asked.get("kind", ""), centre_id=asked.get("centre"),
        owner=asked.get("owner", ""),
    )  # fmt: skip
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "heading": _("Learners outside the dates"),
        "breadcrumbs": [(_("Who is impacted"), ao_url(request, "mitigations:impact"))],
        "filter_form": form,
        "filtered": any(asked.values()),
        "page_obj": page,
        "rows": [{"case": case, "state": IMPACT_CASE.state(case.state)} for case in page],
        "may_raise": standing.can(P.IMPACT_ANSWER),
    }
    return render(request, "mitigations/impact_cases.html", context)


@allowed(P.IMPACT_VIEW)
@require_safe
def impact_case(request: HttpRequest, case_id: int) -> HttpResponse:
    """One case: what the centre says, what the portal knows, whose turn, what happened."""
    return _case_page(request, _find(request, case_id))


def _find(request: HttpRequest, case_id: int) -> ImpactCase:
    return get_object_or_404(visible_cases(standing_in(request)), pk=case_id)


def _case_page(
    request: HttpRequest, case: ImpactCase, form: CaseMoveForm | None = None,
    found: list[Finding] | None = None, status: int = 200,
) -> HttpResponse:  # fmt: skip
    standing = standing_in(request)
    moves = moves_open_to(IMPACT_CASE, case, standing)
    if form is None and moves:
        first = moves[0].name if len(moves) == 1 or case.owner_id is None else None
        form = CaseMoveForm(initial={"expected_version": case.version, "move": first}, moves=moves)
    context = {
        "heading": case.number,
        "breadcrumbs": [
            (_("Who is impacted"), ao_url(request, "mitigations:impact")),
            (_("Learners outside the dates"), ao_url(request, "mitigations:impact_cases")),
        ],
        "case": case,
        "turn": _turn(case, request),
        "facts": _facts(request, case),
        "findings": found if found is not None else _said(case),
        "form": form,
        "has_errors": bool(form is not None and form.errors),
        "events": history(case),
    }
    return render(request, "mitigations/impact_case.html", context, status=status)


def _turn(case: ImpactCase, request: HttpRequest) -> dict[str, Any]:
    now = turn(IMPACT_CASE, case, standing_in(request))
    holder = f"{now.holder}: {case.owner}" if case.state == "owned" and case.owner else now.holder
    return {
        "state": now.state, "colour": now.colour, "holder": holder, "since": now.since, "next": now.next,
        "due": case.due_on,
    }  # fmt: skip


def _said(case: ImpactCase) -> list[Finding]:
    """What stands in the way of accepting the case, while that can still be mended."""
    return refuse_unregistered(case) if case.state in ("raised", "owned", "asked") else []


def _facts(request: HttpRequest, case: ImpactCase) -> list[Any]:
    rows: list[Any] = [
        (_("Learner"), case.learner_name),
        (_("ULN"), case.uln or _("none given")),
        (_("Centre"), case.centre),
        (_("Qualification"), case.qualification),
        (_("Framework"), adopted_document(case.adoption).short_title),
        (_("What happened"), case.get_kind_display()),
        (_("Why"), case.why),
        (_("Evidence to hand"), case.evidence),
        (_("Raised by"), case.raised_by),
        (_("Owner"), case.owner or _("nobody yet")),
    ]
    if case.claim is not None:
        url = ao_url(request, "mitigations:claim", claim_id=case.claim_id)
        link = {"text": _("Open"), "url": url, "about": case.claim.number}
        rows.insert(0, {"key": _("eRAC"), "value": case.claim.number, "actions": [link]})
    else:
        rows.insert(0, (_("eRAC"), _("on none yet: known by the qualification number")))
    return rows


@allowed(P.IMPACT_ANSWER, P.IMPACT_MANAGE)
@require_POST
def move_impact_case(request: HttpRequest, case_id: int) -> HttpResponse:
    """Makes one move of a case."""
    case = _find(request, case_id)
    moves = moves_open_to(IMPACT_CASE, case, standing_in(request))
    form = CaseMoveForm(request.POST, moves=moves)
    if not form.is_valid():
        return _case_page(request, case, form)
    data = form.cleaned_data
    try:
        moved = move_case(
            actor=standing_in(request), case=case, move=data["move"], reason=data["reason"], due_on=data.get("due_on"),
            expected_version=data["expected_version"],
        )  # fmt: skip
    except GuardedError as error:
        form.add_error("move", str(error))
        return _case_page(request, case, form, error.findings)
    except TransitionError as error:
        tell_unsaved(request, error, texts_of(form))
        return _case_page(request, _find(request, case_id), status=409)
    messages.success(request, f"{moved.number}: {IMPACT_CASE.event_label(data['move'])}")
    return redirect(ao_url(request, "mitigations:impact_case", case_id=moved.pk))


def _framework(request: HttpRequest) -> Adopted:
    code = request.POST.get("framework") or request.GET.get("framework")
    chosen = chosen_framework(adopted_with_impact(), code)
    if chosen is None:
        raise Http404(_("No framework with an impact date has been adopted."))
    return chosen


@allowed(P.IMPACT_ANSWER)
def raise_impact_case(request: HttpRequest, registration_id: int) -> HttpResponse:
    """Raises a case about a registered learner outside the dates (MIT-08)."""
    standing, chosen = standing_in(request), _framework(request)
    own = visible_registrations(standing).filter(centre_id__in=standing.reach(P.IMPACT_ANSWER) or ())
    registration = get_object_or_404(with_reason(own, chosen.document), pk=registration_id)
    form, found = CaseForm(request.POST if request.method == "POST" else None), []
    if request.method == "POST" and form.is_valid():
        try:
            case = raise_case(actor=standing, adoption=chosen.adoption, registration=registration, **form.cleaned_data)
        except GuardedError as error:
            found = error.findings
        else:
            messages.success(request, _("Case %(number)s is with the awarding organisation.") % {"number": case.number})
            return redirect(ao_url(request, "mitigations:impact_case", case_id=case.pk))
    context = {
        "heading": _("Raise a case"),
        "breadcrumbs": [(_("Who is impacted"), ao_url(request, "mitigations:impact"))],
        "form": form,
        "chosen": chosen,
        "registration": registration,
        "impact": explain_impact(chosen.document, registration),
        "found": found,
        "has_errors": bool(form.errors) or bool(found),
    }
    return render(request, "mitigations/raise_case.html", context)


@allowed(P.IMPACT_ANSWER)
def raise_unregistered(request: HttpRequest, centre_id: int) -> HttpResponse:
    """Raises a case about a learner who is not registered (MIT-07): what to do first, and the case for later."""
    standing, chosen = standing_in(request), _framework(request)
    centre = get_object_or_404(visible_centres(standing, P.IMPACT_ANSWER), pk=centre_id)
    form, found = UnregisteredCaseForm(request.POST if request.method == "POST" else None), []
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            case = raise_unregistered_case(
                actor=standing, adoption=chosen.adoption, centre=centre, qualification=data["qan"],
                learner_name=data["learner_name"], uln=data["uln"], why=data["why"], evidence=data["evidence"],
            )  # fmt: skip
        except GuardedError as error:
            found = error.findings
        else:
            messages.success(request, _("Case %(number)s is with the awarding organisation.") % {"number": case.number})
            return redirect(ao_url(request, "mitigations:impact_case", case_id=case.pk))
    context = {
        "heading": _("A learner who is not registered"),
        "breadcrumbs": [(_("Who is impacted"), ao_url(request, "mitigations:impact"))],
        "form": form,
        "chosen": chosen,
        "centre": centre,
        "found": found,
        "has_errors": bool(form.errors) or bool(found),
        "may_register": standing.can(P.REGISTRATIONS_IMPORT, centre.pk),
    }
    return render(request, "mitigations/raise_unregistered.html", context)
