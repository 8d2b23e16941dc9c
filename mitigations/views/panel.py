"""The panel: the queue, one case, opening it, deciding it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Page
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from awarding.accounts.audience import allowed
from awarding.accounts.roles import Permission as P
from awarding.workflow.services import StalePageError, TransitionError
from mitigations.forms.panel import DecisionForm, OpenCaseForm
from mitigations.models import Claim, PanelDecision
from mitigations.queries.claims import claim_history
from mitigations.queries.findings import claim_facts
from mitigations.queries.grid import learners_page
from mitigations.queries.panel import interest_centre_ids, is_held, is_in_turn, next_case, queue_page
from mitigations.rules.claim import check_claim
from mitigations.rules.evidence import evidence_shares, learners_below
from mitigations.rules.facts import ClaimFacts
from mitigations.services.panel import decide_claim, open_case
from mitigations.views.checklist import share_bar
from mitigations.views.claims import claim_facts_shown
from mitigations.views.frame import ao_url, claim_or_404, claim_page, standing_in
from mitigations.workflow import interest_findings


@allowed(P.PANEL_VIEW)
@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    """The claims that wait for the panel, in order of arrival (CLM-12)."""
    standing = standing_in(request)
    page, rows = queue_page(standing, request.GET.get("page"))
    context = {
        "heading": _("Panel queue"),
        "page_obj": page,
        "rows": rows,
        "next_case": next_case(standing) if standing.can(P.PANEL_DECIDE) else None,
    }
    return render(request, "mitigations/panel_queue.html", context)


@allowed(P.PANEL_VIEW)
@require_GET
def case(request: HttpRequest, claim_id: int) -> HttpResponse:
    """One case on one page: the claim, its findings, its checklist, its history; the decision at the bottom."""
    return _show(request, claim_or_404(request, claim_id), None, None)


@allowed(P.PANEL_DECIDE)
@require_POST
def open_(request: HttpRequest, claim_id: int) -> HttpResponse:
    """Notes who reads the case; out of turn with a reason."""
    claim = claim_or_404(request, claim_id)
    form = OpenCaseForm(request.POST)
    try:
        open_case(actor=standing_in(request), claim=claim, reason=request.POST.get("reason", "")[:1000])
    except StalePageError as error:
        messages.error(request, str(error))
    except TransitionError as error:
        form.add_error(None, str(error))
        return _show(request, claim, form, None)
    return redirect(ao_url(request, "mitigations:case", claim_id=claim.pk))


@allowed(P.PANEL_DECIDE)
@require_POST
def decide(request: HttpRequest, claim_id: int) -> HttpResponse:
    """Records the decision; who comes second hears that somebody else decided first."""
    claim = claim_or_404(request, claim_id)
    form = DecisionForm(request.POST)
    status = 200
    if form.is_valid():
        try:
            decision = decide_claim(actor=standing_in(request), claim=claim, **form.cleaned_data)
        except StalePageError as error:
            form.add_error(None, str(error))
            status = 409
        except TransitionError as error:
            form.add_error(None, str(error))
        else:
            words = {"number": claim.number, "verdict": decision.get_verdict_display()}
            messages.success(request, _("%(number)s is decided: %(verdict)s.") % words)
            return redirect(ao_url(request, "mitigations:case", claim_id=claim.pk))
    return _show(request, claim_or_404(request, claim_id), None, form, status)


def _show(
    request: HttpRequest, claim: Claim, open_form: OpenCaseForm | None, form: DecisionForm | None, status: int = 200
) -> HttpResponse:
    standing = standing_in(request)
    facts = claim_facts(claim)
    page = learners_page(claim, request.GET.get("page"))
    waits = claim.state == "queued"
    has_interest = claim.centre_id in interest_centre_ids(standing.person.pk)
    is_yours = claim.opened_by_id == standing.person.pk and is_held(claim)
    decides = standing.can(P.PANEL_DECIDE)
    suggested = PanelDecision.Verdict.IN_PRINCIPLE if facts.is_blank or learners_below(facts) else None
    context = {
        "facts": claim_facts_shown(claim),
        "findings": check_claim(facts) + interest_findings(has_interest and decides and waits),
        "page_obj": page,
        "units": facts.units,
        "rows": _checklist_rows(request, claim, page, facts),
        "bar": share_bar(facts, evidence_shares(facts)),
        "events": claim_history(claim),
        "decisions": claim.decisions.select_related("decided_by"),
        "held_by": claim.opened_by if is_held(claim) and not is_yours else None,
        "is_yours": is_yours,
        "may_open": decides and waits and not has_interest and not is_yours,
        "in_turn": is_in_turn(standing, claim) if waits else True,
        "open_form": open_form or OpenCaseForm(),
        "may_decide": decides and waits and not has_interest and (is_yours or (form is not None)),
        "form": form or DecisionForm(initial={"expected_version": claim.version, "verdict": suggested}),
        "next_case": next_case(standing) if decides and not waits else None,
        "has_errors": bool((form and form.errors) or (open_form and open_form.errors)),
    }
    heading = _("Case %(number)s") % {"number": claim.number}
    parent = (_("Panel queue"), ao_url(request, "mitigations:panel_queue"))
    return claim_page(request, claim, "case.html", context, heading=heading, status=status, parent=parent)


def _checklist_rows(request: HttpRequest, claim: Claim, page: Page, facts: ClaimFacts) -> list[dict[str, Any]]:
    states = {state.code: _(state.label) for state in facts.document.component_states.values()}
    shares = {share.learner.id: share for share in evidence_shares(facts)}
    rows = []
    for learner in page:
        cells = []
        for unit in facts.units:
            place = (learner.pk, unit.id)
            entry = facts.entry(place)
            cells.append(
                {
                    "grade": facts.cells.get(place, ""),
                    "state": states.get(entry.status, ""),
                    "out_of_reach": not entry.is_reachable,
                }
            )
        rows.append(
            {
                "name": learner.registration.learner.full_name,
                "url": ao_url(request, "mitigations:evidence", claim_id=claim.pk, row_key=learner.row_key),
                "percent": round(shares[learner.pk].share * 100),
                "cells": cells,
            }
        )
    return rows
