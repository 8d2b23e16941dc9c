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
from awarding.accounts.requests import ao_url, standing_in
from awarding.accounts.roles import Permission as P
from awarding.accounts.standing import Standing
from awarding.workflow import queries as workflow
from awarding.workflow.services import StalePageError, TransitionError
from mitigations.forms.panel import DecisionForm, OpenCaseForm, SieveForm
from mitigations.models import Claim, PanelCase, PanelDecision, PanelOpinion
from mitigations.queries.cases import open_case_of, panel_settings, part_of, released_decisions, visible_opinions
from mitigations.queries.checklist import evidence_out_of_reach
from mitigations.queries.claims import claim_history
from mitigations.queries.findings import claim_facts, holds_direct_claims
from mitigations.queries.grid import learners_page
from mitigations.queries.panel import batches_page, interest_centre_ids, is_held, is_in_turn, next_case, queue_page
from mitigations.queries.precedents import find_precedents
from mitigations.rules.claim import check_claim
from mitigations.rules.evidence import evidence_shares, learners_below
from mitigations.rules.facts import ClaimFacts
from mitigations.services.panel import decide_as_chair, decide_claim, give_second_opinion, open_case
from mitigations.views.checklist import share_bar
from mitigations.views.claims import claim_facts_shown
from mitigations.views.frame import claim_or_404, claim_page
from mitigations.views.sections import panel_sections
from mitigations.workflow import PANEL_CASE, interest_findings


@allowed(P.PANEL_VIEW)
@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    """The claims that wait for the panel, in order of arrival whatever is filtered (CLM-12)."""
    standing = standing_in(request)
    form = SieveForm(request.GET or None)
    sieve = form.sieve
    page, rows = queue_page(standing, request.GET.get("page"), sieve)
    decides = standing.can(P.PANEL_DECIDE)
    context = {
        "heading": _("Panel queue"),
        "page_obj": page,
        "rows": rows,
        "filter_form": form,
        "filtered": not sieve.is_open,
        "may_batch": decides and bool(sieve.centre and sieve.qan) and page.paginator.count > 1,
        "next_case": next_case(standing) if decides else None,
        "sections": panel_sections(request),
    }
    return render(request, "mitigations/panel_queue.html", context)


@allowed(P.PANEL_VIEW)
@require_GET
def batches(request: HttpRequest) -> HttpResponse:
    """The queue by centre and qualification, so that a member can take claims together that are alike."""
    page, rows = batches_page(request.GET.get("page"))
    context = {
        "heading": _("By centre and qualification"),
        "page_obj": page,
        "rows": rows,
        "sections": panel_sections(request),
        "breadcrumbs": [(_("Panel queue"), ao_url(request, "mitigations:panel_queue"))],
    }
    return render(request, "mitigations/panel_batches.html", context)


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
    """Records the first opinion, the second or the chair's, whichever the case waits for.

    Who comes second hears that somebody else decided first.
    """
    claim = claim_or_404(request, claim_id)
    form = DecisionForm(request.POST, is_direct=holds_direct_claims(claim))
    status = 200
    if form.is_valid():
        try:
            made = _record(request, claim, form)
        except StalePageError as error:
            form.add_error(None, str(error))
            status = 409
        except TransitionError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _said_now(claim, made))
            return redirect(ao_url(request, "mitigations:case", claim_id=claim.pk))
    return _show(request, claim_or_404(request, claim_id), None, form, status)


def _record(request: HttpRequest, claim: Claim, form: DecisionForm) -> PanelDecision | PanelOpinion:
    actor, said, version = standing_in(request), form.said, form.cleaned_data["case_version"]
    known = open_case_of(claim) if version else None
    if version and known is not None:
        give = decide_as_chair if known.state == "differing" else give_second_opinion
        return give(actor=actor, case=known, expected_version=version, said=said)
    return decide_claim(
        actor=actor, claim=claim, verdict=said.verdict, reasons=said.reasons, next_step=said.next_step,
        next_step_due=said.next_step_due, conditions=said.conditions, expires_on=said.expires_on,
        expected_version=form.cleaned_data["expected_version"],
    )  # fmt: skip


def _said_now(claim: Claim, made: PanelDecision | PanelOpinion) -> str:
    words = {"number": claim.number, "verdict": made.get_verdict_display()}
    if isinstance(made, PanelDecision):
        return _("%(number)s is decided: %(verdict)s.") % words
    after = {
        "second": _("%(number)s was drawn for a second opinion. Yours (%(verdict)s) stays hidden until it is given."),
        "differing": _("%(number)s: your opinion (%(verdict)s) differs from the first. The chair decides."),
    }
    state = open_case_of(claim)
    told = _("%(number)s is decided: %(verdict)s. The centre is told when the decision is released.")
    return (after.get(state.state, told) if state else told) % words


def _show(
    request: HttpRequest, claim: Claim, open_form: OpenCaseForm | None, form: DecisionForm | None, status: int = 200
) -> HttpResponse:
    standing = standing_in(request)
    facts = claim_facts(claim)
    page = learners_page(claim, request.GET.get("page"))
    known = open_case_of(claim) if claim.state == "queued" else None
    waits = claim.state == "queued" and known is None
    part = part_of(standing, known) if known else ""
    has_interest = claim.centre_id in interest_centre_ids(standing.person.pk)
    is_yours = claim.opened_by_id == standing.person.pk and is_held(claim)
    decides = standing.can(P.PANEL_DECIDE)
    findings = check_claim(facts)
    suggested = PanelDecision.Verdict.IN_PRINCIPLE if facts.is_blank or learners_below(facts) else None
    initial = {
        "expected_version": claim.version,
        "verdict": suggested,
        "case_version": known.version if known else None,
    }
    is_open_to = bool(part) or (waits and decides and (is_yours or form is not None))
    context = {
        "facts": claim_facts_shown(claim),
        "findings": findings + interest_findings(has_interest and decides and (waits or bool(part))),
        "page_obj": page,
        "units": facts.units,
        "rows": _checklist_rows(request, claim, page, facts),
        "bar": share_bar(facts, evidence_shares(facts)),
        "away": evidence_out_of_reach(claim),
        "events": claim_history(claim, with_names=True),
        "decisions": released_decisions(claim),
        "precedents": find_precedents(claim, {finding.rule for finding in findings}),
        "held_by": claim.opened_by if is_held(claim) and not is_yours else None,
        "is_yours": is_yours,
        "may_open": decides and waits and not has_interest and not is_yours,
        "in_turn": is_in_turn(standing, claim) if waits else True,
        "open_form": open_form or OpenCaseForm(),
        "may_decide": is_open_to and not has_interest,
        "form": form
        or DecisionForm(
            initial=initial, in_principle_days=panel_settings().in_principle_days, is_direct=facts.has_direct_claims
        ),
        "next_case": next_case(standing) if decides and not waits and not part else None,
        "has_errors": bool((form and form.errors) or (open_form and open_form.errors)),
        "sections": panel_sections(request),
        **_case_shown(standing, known, part, has_interest),
    }
    heading = _("Case %(number)s") % {"number": claim.number}
    parent = (_("Panel queue"), ao_url(request, "mitigations:panel_queue"))
    return claim_page(request, claim, "case.html", context, heading=heading, status=status, parent=parent)


def _case_shown(standing: Standing, known: PanelCase | None, part: str, has_interest: bool) -> dict[str, Any]:
    """What the page shows of a look at the claim that is not released, to this person."""
    if known is None:
        return {"panel_case": None}
    releases = standing.can(P.PANEL_RELEASE) and not has_interest
    return {
        "panel_case": known,
        "turn": workflow.turn(PANEL_CASE, known, standing),
        "part": PanelOpinion.Part(part).label if part else "",
        "opinions": visible_opinions(standing, known),
        "may_release": releases and known.state == "decided",
        "may_undo": releases and known.state in PANEL_CASE.transition("undo").sources,
        "may_waive": known.state == "second" and standing.can(P.PANEL_CHAIR) and not has_interest,
    }


def _checklist_rows(request: HttpRequest, claim: Claim, page: Page, facts: ClaimFacts) -> list[dict[str, Any]]:
    states = {state.code: _(state.label) for state in facts.document.component_states.values()}
    kinds = {code: _(kind.label) for code, kind in facts.document.evidence_types.items()}
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
                    "kinds": [kinds[code] for code in entry.types if code in kinds],
                }
            )
        rows.append(
            {
                "name": learner.registration.learner.full_name,
                "url": ao_url(request, "mitigations:evidence", claim_id=claim.pk, row_key=learner.row_key),
                "percent": shares[learner.pk].percent,
                "cells": cells,
            }
        )
    return rows
