"""Claims: the list, one claim, generating one, withdrawing it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from awarding.accounts.audience import allowed
from awarding.accounts.requests import ao_url, standing_in
from awarding.accounts.roles import Permission as P
from awarding.enquiries.queries.enquiries import enquiries_about
from awarding.findings.finding import Finding, blocking
from awarding.frameworks.queries import adopted_document
from awarding.tenancy.scope import current_ao
from awarding.ui import tables
from awarding.ui.addresses import address, addresses
from awarding.ui.templatetags.ui import london_date, tag
from awarding.ui.templatetags.ui import qan as show_qan
from centres.models import Cohort
from mitigations.forms.claims import ClaimFilterForm, GenerateForm
from mitigations.models import Claim
from mitigations.parts import parts_of
from mitigations.queries.appeals import claim_appeals
from mitigations.queries.claims import (
    can_fill,
    can_move,
    centres_with_claims,
    claim_history,
    claim_lines,
    continuations_of,
    decisions_told,
    returned_pieces,
)
from mitigations.queries.component_tags import gives_component_tags
from mitigations.queries.conditions import conditions_of
from mitigations.queries.findings import claim_facts
from mitigations.queries.outcomes import application_findings_of
from mitigations.queries.window import late_findings
from mitigations.references import ask_url
from mitigations.rules.claim import check_again, check_claim
from mitigations.rules.evidence import learners_below
from mitigations.rules.facts import ClaimFacts
from mitigations.services.generation import ClaimExistsError, GenerationError, generate_claim
from mitigations.views.frame import claim_or_404, claim_page
from mitigations.workflow import CLAIM, EDITABLE_STATES

PER_PAGE = 50


@allowed(P.CLAIMS_VIEW)
@require_GET
def claims(request: HttpRequest) -> HttpResponse:
    """The claims this person sees, fifty to a page, by state, centre, qualification and number."""
    standing = standing_in(request)
    form = ClaimFilterForm(request.GET or None, centres=centres_with_claims(standing))
    asked = form.cleaned_data if form.is_valid() else {}
    found = claim_lines(
        standing,
        state=asked.get("state", ""),
        centre_id=asked.get("centre"),
        qan=asked.get("qan", ""),
        search=asked.get("number", ""),
    )
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "heading": _("Claims"),
        "filter_form": form,
        "filtered": any(asked.values()),
        "page_obj": page,
        "table": _table_of_claims(request, page) if page.object_list else None,
        "can_generate": standing.can(P.CLAIMS_GENERATE),
        "may_unstick": standing.can(P.CLAIMS_UNSTICK),
        "may_object": standing.can(P.OUTCOMES_DISPUTE) and standing.can(P.APPEALS_LODGE),
    }
    return render(request, "mitigations/claims.html", context)


def _table_of_claims(request: HttpRequest, page: Page[Any]) -> tables.Table:
    page_of_claim = addresses("mitigations:claim", "claim_id", ao=standing_in(request).ao.slug)
    states = {state.name: tag(state.label, state.colour) for state in CLAIM.states}
    rows = [
        (
            tables.link(page_of_claim(line.pk), line.number),
            states[line.state],
            line.centre__name,
            f"{show_qan(line.qualification__qan)} {line.qualification__title}",
            line.cohort__name,
            line.learner_count,
            london_date(line.state_since),
        )
        for line in page.object_list
    ]
    titles = (_("eRAC"), _("State"), _("Centre"), _("Qualification"), _("Cohort"), _("Learners"), _("Since"))
    kinds = ("", "", "", "", "", "numeric", "")
    columns = [tables.Column(title, kind) for title, kind in zip(titles, kinds, strict=True)]
    found = page.paginator.count
    caption = ngettext("%(found)s claim, newest first", "%(found)s claims, newest first", found) % {"found": found}
    return tables.Table(_("Claims"), columns, rows, caption)


@allowed(P.CLAIMS_VIEW)
@require_GET
def claim(request: HttpRequest, claim_id: int) -> HttpResponse:
    """Where one claim stands, what is left to do, what happened to it."""
    found = claim_or_404(request, claim_id)
    standing = standing_in(request)
    facts = claim_facts(found)
    check = check_again if found.state == "approved_in_principle" else check_claim
    findings = late_findings(found) + check(facts) if found.state in EDITABLE_STATES | {"queued"} else []
    decisions = decisions_told(found)
    parts = parts_of(found, standing)
    turns = [part.turn for part in parts if part.turn is not None]
    context = {
        "facts": claim_facts_shown(found),
        "tasks": _tasks(request, found, facts, findings) + [part.as_task() for part in parts],
        "continuations": continuations_of(standing, found),
        "returned": returned_pieces(found) if found.state in EDITABLE_STATES else [],
        "findings": findings,
        "show_findings": found.state in EDITABLE_STATES | {"queued"},
        "events": claim_history(found, with_names=standing.is_ao_staff),
        "to_do": can_fill(standing, found) or can_move(standing, found, "submit_to_panel"),
        "decision": decisions[0] if decisions else None,
        "decisions": decisions,
        "may_submit": can_move(standing, found, "submit_to_panel"),
        "has_receipt": found.submitted_by_id is not None and standing.can(P.CLAIMS_SUBMIT, found.centre_id),
        "may_resume": can_move(standing, found, "resume"),
        "may_withdraw": can_move(standing, found, "withdraw"),
        "appeals": claim_appeals(standing, found, decisions[0] if decisions else None),
        "asked": enquiries_about(standing, "claim", found.pk),
        "ask_url": ask_url(standing, found),
        "may_sign_off": can_move(standing, found, "sign_off_to_panel"),
        "may_confirm": can_move(standing, found, "confirm_direct"),
        "may_unstick": can_move(standing, found, "move_on_to_panel") or can_move(standing, found, "call_in"),
        "on_panel": found.state == "queued" and standing.can(P.PANEL_VIEW),
    }
    return claim_page(request, found, "claim.html", context | ({"turn": turns[0]} if turns else {}))


def _tasks(request: HttpRequest, claim: Claim, facts: ClaimFacts, findings: list[Finding]) -> list[dict[str, Any]]:
    """The task list of a claim: what is filled in, what is left."""
    fills = can_fill(standing_in(request), claim)
    said = sum(bool(facts.entry(place).status) for place in facts.places)
    tasks = [
        _task(request, claim, "grid", _("The eRAC") if not fills else _("Fill in the eRAC"), len(facts.cells), facts),
        _task(request, claim, "checklist", _("Evidence checklist"), said, facts),
    ]
    if claim.state == "approved_in_principle" and (short := len(learners_below(facts))):
        text = ngettext("%(n)s learner with too little", "%(n)s learners with too little", short)
        tasks[-1] |= {"status": text % {"n": short}, "colour": "yellow"}
    if fills:
        tasks.insert(
            1,
            {
                "title": _("Or fill it in as a workbook"),
                "url": ao_url(request, "mitigations:workbook", claim_id=claim.pk),
                "status": _("Optional"),
            },
        )
    if fills and claim.mitigation:
        later = sum(unit.is_later for unit in facts.units)
        tasks.append(
            {
                "title": _("Units that continuing learners take later"),
                "url": ao_url(request, "mitigations:later_units", claim_id=claim.pk),
                "status": ngettext("%(n)s unit", "%(n)s units", later) % {"n": later} if later else _("Optional"),
            }
        )
    if claim.state == "approved_in_principle":
        tasks.append(_conditions_task(request, claim))
    if gives_component_tags(claim):
        tasks.append(_tags_task(request, claim, facts))
    if facts.has_direct_claims or (claim.state not in EDITABLE_STATES and claim.verifier_records.exists()):
        tasks.append(_record_task(request, claim, facts, fills))
    if can_move(standing_in(request), claim, "submit_to_panel"):
        stopping = len(blocking(findings))
        status = (
            ngettext("%(count)s thing to put right", "%(count)s things to put right", stopping) % {"count": stopping}
            if stopping
            else _("Ready")
        )
        url = ao_url(request, "mitigations:submit", claim_id=claim.pk)
        tasks.append(
            {"title": _("Check and submit"), "url": url, "status": status, "colour": "red" if stopping else "green"}
        )
    return tasks


def _task(request: HttpRequest, claim: Claim, page: str, title: str, done: int, facts: ClaimFacts) -> dict[str, Any]:
    everything = len(facts.places)
    task = {
        "title": title,
        "url": ao_url(request, f"mitigations:{page}", claim_id=claim.pk),
        "status": _("%(done)s of %(all)s") % {"done": done, "all": everything},
    }
    return task if done == everything else task | {"colour": "blue"}


def _conditions_task(request: HttpRequest, claim: Claim) -> dict[str, Any]:
    """What the panel still wants to see (CLM-07)."""
    rows = conditions_of(claim)
    met = sum(row.is_met for row in rows)
    task = {
        "title": _("Conditions of the approval"),
        "url": ao_url(request, "mitigations:conditions", claim_id=claim.pk),
        "status": _("%(done)s of %(all)s met") % {"done": met, "all": len(rows)} if rows else _("None were set"),
    }
    return task | {"colour": "yellow"} if met < len(rows) else task


def _tags_task(request: HttpRequest, claim: Claim, facts: ClaimFacts) -> dict[str, Any]:
    """Grades by teachers for single components (CTB-02)."""
    url = ao_url(request, "mitigations:claim_component_tags", claim_id=claim.pk)
    agreed = sum(tag.state == "agreed" for tag in facts.tags.values())
    waiting = sum(tag.state in ("drafted", "requested") for tag in facts.tags.values())
    status = _("%(agreed)s agreed, %(waiting)s open") % {"agreed": agreed, "waiting": waiting}
    task = {"title": _("Grades for single components"), "url": url, "status": status if facts.tags else _("Optional")}
    return task | {"colour": "yellow"} if waiting else task


def _record_task(request: HttpRequest, claim: Claim, facts: ClaimFacts, fills: bool) -> dict[str, Any]:
    """The direct-claims verifier's record (CLM-11)."""
    url = ao_url(request, "mitigations:verifier_record", claim_id=claim.pk)
    task = {"title": _("Direct-claims verifier’s record (QA5)"), "url": url, "status": _("Signed")}
    if facts.has_direct_claims and fills and facts.verifier_record is None:
        return task | {"status": _("To be signed by the direct-claims verifier"), "colour": "blue"}
    if facts.verifier_record is not None and facts.verifier_record.is_outdated and fills:
        return task | {"status": _("To be signed again: the eRAC was changed"), "colour": "yellow"}
    return task


def claim_facts_shown(claim: Claim) -> list[tuple[str, Any]]:
    """The summary list of a claim: (name, value) pairs."""
    document = adopted_document(claim.adoption)
    if claim.mitigation:
        mitigation = document.outcome(claim.mitigation).label
    elif claim.mitigation_declined_reason:
        mitigation = _("Declined by the centre: %(why)s") % {"why": claim.mitigation_declined_reason}
    else:
        mitigation = _("None: an ordinary claim")
    rows: list[tuple[str, Any]] = [
        (_("eRAC number"), claim.number),
        (_("Centre"), claim.centre),
        (_("Qualification"), claim.qualification),
        (_("Cohort"), claim.cohort.name),
        (_("Mitigation"), mitigation),
        (
            _("Framework"),
            tables.link(address("frameworks:framework", ao=current_ao().slug, code=document.id), document.short_title),
        ),
    ]
    if claim.continues:
        rows.append((_("Goes on from what was returned in"), claim.continues.number))
    return rows


@allowed(P.CLAIMS_GENERATE)
@require_http_methods(["GET", "POST"])
def generate(request: HttpRequest) -> HttpResponse:
    """Chooses a cohort and how to claim, then generates its eRAC. `?cohort=` or the posted `cohort` names it."""
    standing = standing_in(request)
    reach = standing.reach(P.CLAIMS_GENERATE)
    cohorts = Cohort.objects.select_related("centre", "qualification").order_by("centre__name", "name", "id")
    if reach is not None:
        cohorts = cohorts.filter(centre_id__in=reach)
    asked = request.POST.get("cohort") or request.GET.get("cohort") or ""
    if not asked.isdecimal():
        page = Paginator(cohorts, PER_PAGE).get_page(request.GET.get("page"))
        choice = {"heading": _("Which cohort is the eRAC for?"), "page_obj": page, "breadcrumbs": _crumbs(request)}
        return render(request, "mitigations/choose_cohort.html", choice)
    cohort = get_object_or_404(cohorts, pk=int(asked))
    # Coming straight from the cohort's page no choice was made yet: the mitigation is taken up.
    closed = application_findings_of(cohort.qualification)
    form = GenerateForm({"mitigation": "take"} | request.POST.dict() if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            made = generate_claim(actor=standing, cohort=cohort, declined_reason=_declined(form))
        except ClaimExistsError as error:
            messages.info(request, str(error))
            return redirect(ao_url(request, "mitigations:claim", claim_id=error.claim.pk))
        except GenerationError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("eRAC %(number)s is generated.") % {"number": made.number})
            return redirect(ao_url(request, "mitigations:claim", claim_id=made.pk))
    context: dict[str, Any] = {"heading": _("Generate an eRAC"), "cohort": cohort, "form": form, "closed": closed}
    if closed:
        subject = _("Late application: %(cohort)s") % {"cohort": cohort.name}
        query = urlencode({"about": cohort.qualification.qan, "subject": subject})
        context["ask_url"] = f"{ao_url(request, 'enquiries:ask')}?{query}"
    context["breadcrumbs"] = _crumbs(request)
    return render(request, "mitigations/generate.html", context)


def _declined(form: GenerateForm) -> str:
    reason: str = form.cleaned_data["declined_reason"]
    return reason if form.cleaned_data["mitigation"] == "decline" else ""


def _crumbs(request: HttpRequest) -> list[tuple[str, str]]:
    return [(_("Claims"), ao_url(request, "mitigations:claims"))]
