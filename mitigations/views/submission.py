"""Check answers, submit, the receipt; withdraw; say that the missing evidence is there."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from awarding.accounts.audience import allowed
from awarding.accounts.requests import ao_url, standing_in
from awarding.accounts.roles import Permission as P
from awarding.findings.finding import Severity, blocking
from awarding.ui.unsaved import tell_unsaved, texts_of
from awarding.workflow.queries import history
from awarding.workflow.services import StalePageError, TransitionError
from mitigations.forms.claims import ReasonForm
from mitigations.forms.submission import ConfirmForm, SubmitForm
from mitigations.models import Claim
from mitigations.queries.claims import can_move
from mitigations.queries.conditions import conditions_of
from mitigations.queries.findings import claim_facts
from mitigations.queries.verification import asks_internal_verification
from mitigations.queries.window import late_findings
from mitigations.references import ask_url
from mitigations.rules.claim import check_again, check_claim
from mitigations.rules.conditions import unmet_findings
from mitigations.rules.evidence import panel_reasons
from mitigations.services.submission import resume_claim, submit_claim, withdraw_claim
from mitigations.views.claims import claim_facts_shown
from mitigations.views.frame import claim_or_404, claim_page

SUBMISSIONS = ("submit_to_panel", "submit_to_verifier", "send_to_iv")


@allowed(P.CLAIMS_SUBMIT)
@require_http_methods(["GET", "POST"])
def submit(request: HttpRequest, claim_id: int) -> HttpResponse:
    """Everything that would be submitted on one page, what the checks say, and the button."""
    claim = claim_or_404(request, claim_id)
    standing_in(request).require(P.CLAIMS_SUBMIT, claim.centre_id)
    if not can_move(standing_in(request), claim, "submit_to_panel"):
        return _already(request, claim)
    facts = claim_facts(claim)
    findings = late_findings(claim) + check_claim(facts)
    form = SubmitForm(
        request.POST if request.method == "POST" else None,
        has_questions=any(finding.severity is Severity.WARNS for finding in findings),
        initial={"expected_version": claim.version},
    )
    status = 200
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            submit_claim(
                actor=standing_in(request), claim=claim, expected_version=said["expected_version"],
                answer=said.get("answer", ""),
            )  # fmt: skip
            return redirect(ao_url(request, "mitigations:receipt", claim_id=claim.pk))
        except StalePageError as error:
            form.add_error(None, str(error))
            status = 409
        except TransitionError as error:
            form.add_error(None, str(error))
    context = {
        "facts": claim_facts_shown(claim), "form": form, "findings": findings, "is_blocked": bool(blocking(findings)),
        "ask_url": ask_url(standing_in(request), claim, _("Late eRAC")) if findings and findings[0].rule == "MIT-11" else "",
        "learners": len(facts.learners), "units": len(facts.units), "filled": len(facts.cells), "cells": len(facts.places),
        "said": sum(bool(facts.entry(place).status) for place in facts.places), "reasons": panel_reasons(facts),
        "to_iv": asks_internal_verification(claim),
    }  # fmt: skip
    return claim_page(request, claim, "submit.html", context, heading=_("Check before you submit"), status=status)


def _already(request: HttpRequest, claim: Claim) -> HttpResponse:
    """The second of two clicks, or a page that is out of date: says what holds now."""
    if claim.queued_at or claim.submitted_by_id:
        return redirect(ao_url(request, "mitigations:receipt", claim_id=claim.pk))
    messages.info(request, _("This claim cannot be submitted as it stands now."))
    return redirect(ao_url(request, "mitigations:claim", claim_id=claim.pk))


@allowed(P.CLAIMS_VIEW)
@require_GET
def receipt(request: HttpRequest, claim_id: int) -> HttpResponse:
    """What was submitted, when, by whom and what comes next; to keep or to print."""
    claim = claim_or_404(request, claim_id)
    events = [event for event in history(claim) if event.transition in SUBMISSIONS]
    if not events:
        messages.info(request, _("This claim has not been submitted yet."))
        return redirect(ao_url(request, "mitigations:claim", claim_id=claim.pk))
    context = {"event": events[-1], "went": events[-1].transition}
    return claim_page(request, claim, "receipt.html", context, heading=_("Submitted"))


@allowed(P.CLAIMS_SUBMIT)
@require_http_methods(["GET", "POST"])
def withdraw(request: HttpRequest, claim_id: int) -> HttpResponse:
    """Takes a claim back for good, with a reason."""
    claim = claim_or_404(request, claim_id)
    standing_in(request).require(P.CLAIMS_SUBMIT, claim.centre_id)
    posted = request.POST if request.method == "POST" else None
    form = ReasonForm(posted, initial={"expected_version": claim.version})
    if not can_move(standing_in(request), claim, "withdraw"):
        tell_unsaved(request, _("This claim cannot be withdrawn as it stands now."), texts_of(form) if posted else ())
        return redirect(ao_url(request, "mitigations:claim", claim_id=claim.pk))
    status = 200
    if form.is_bound and form.is_valid():
        try:
            withdraw_claim(actor=standing_in(request), claim=claim, **form.cleaned_data)
        except TransitionError as error:
            form.add_error(None, str(error))
            status = 409
        else:
            messages.success(request, _("eRAC %(number)s is withdrawn.") % {"number": claim.number})
            return redirect(ao_url(request, "mitigations:claim", claim_id=claim.pk))
    return claim_page(request, claim, "withdraw.html", {"form": form}, heading=_("Withdraw this claim"), status=status)


@allowed(P.CLAIMS_SUBMIT)
@require_http_methods(["GET", "POST"])
def resume(request: HttpRequest, claim_id: int) -> HttpResponse:
    """Says that what the panel waits for is there (CLM-07)."""
    claim = claim_or_404(request, claim_id)
    standing_in(request).require(P.CLAIMS_SUBMIT, claim.centre_id)
    if not can_move(standing_in(request), claim, "resume"):
        messages.info(request, _("This claim is not waiting for missing evidence now."))
        return redirect(ao_url(request, "mitigations:claim", claim_id=claim.pk))
    facts = claim_facts(claim)
    findings = check_again(facts) + unmet_findings(conditions_of(claim))
    posted = request.POST if request.method == "POST" else None
    form = ConfirmForm(posted, initial={"expected_version": claim.version})
    status = 200
    if form.is_bound and form.is_valid():
        try:
            resume_claim(
                actor=standing_in(request), claim=claim, expected_version=form.cleaned_data["expected_version"]
            )
        except StalePageError as error:
            form.add_error(None, str(error))
            status = 409
        except TransitionError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("eRAC %(number)s is back in the panel’s queue.") % {"number": claim.number})
            return redirect(ao_url(request, "mitigations:claim", claim_id=claim.pk))
    context = {"form": form, "findings": findings, "is_blocked": bool(blocking(findings))}
    return claim_page(request, claim, "resume.html", context, heading=_("The missing evidence is there"), status=status)
