"""The centre's own verifiers: the direct-claims verifier's record, their confirmation, and the internal verifier's signature."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from awarding.accounts.audience import allowed
from awarding.accounts.requests import ao_url, standing_in
from awarding.accounts.roles import Permission as P
from awarding.files.content import UnacceptableFileError
from awarding.files.serving import serve_file
from awarding.findings.finding import Finding
from awarding.workflow.services import GuardedError, StalePageError, TransitionError
from centres.queries.direct_claims import has_direct_claims
from mitigations.forms.verification import JudgeForm, RecordForm
from mitigations.models import Claim, VerifierRecord
from mitigations.queries.claims import can_move
from mitigations.queries.findings import claim_facts
from mitigations.queries.verification import latest_record, own_work, sign_offs_of
from mitigations.rules.claim import check_claim
from mitigations.rules.verification import own_work_findings
from mitigations.services.direct_claims import confirm_direct_claim, return_direct_claim, sign_record
from mitigations.services.verification import send_back_claim, sign_off_claim
from mitigations.views.claims import claim_facts_shown
from mitigations.views.frame import claim_or_404, claim_page
from mitigations.workflow import EDITABLE_STATES


@allowed(P.CLAIMS_VIEW)
@require_http_methods(["GET", "POST"])
def record(request: HttpRequest, claim_id: int) -> HttpResponse:
    """The direct-claims verifier's records of a claim, and the form for another one (CLM-11)."""
    claim = claim_or_404(request, claim_id)
    standing = standing_in(request)
    is_direct = has_direct_claims(claim.centre_id, claim.qualification_id)
    may_sign = is_direct and claim.state in EDITABLE_STATES and standing.can(P.DIRECT_CLAIMS_VERIFY, claim.centre_id)
    if request.method == "POST":
        standing.require(P.DIRECT_CLAIMS_VERIFY, claim.centre_id)
    own = own_work_findings("CLM-11", own_work(standing.person.pk, claim)) if may_sign else []
    form = RecordForm(request.POST, request.FILES) if request.method == "POST" else RecordForm()
    status = 200
    if form.is_bound and form.is_valid():
        said = form.cleaned_data
        file = said.pop("file")
        attached = {"handle": file.file, "name": file.name, "size": file.size} if file else {}
        try:
            sign_record(actor=standing, claim=claim, **said, **attached)
        except UnacceptableFileError as error:
            form.add_error("file", str(error))
        except StalePageError as error:
            form.add_error(None, str(error))
            status = 409
        except TransitionError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The record is signed and stays with the claim."))
            return redirect(ao_url(request, "mitigations:claim", claim_id=claim.pk))
    records = VerifierRecord.objects.filter(claim=claim).select_related("signed_by", "file")
    context = {
        "records": list(records[:20]),
        "is_direct": is_direct,
        "may_sign": may_sign and not own,
        "own": own,
        "form": form,
        "facts": claim_facts_shown(claim),
    }
    heading = _("Direct-claims verifier’s record (QA5)")
    return claim_page(request, claim, "verifier_record.html", context, heading=heading, status=status)


@allowed(P.CLAIMS_VIEW)
@require_GET
def record_file(request: HttpRequest, claim_id: int, record_id: int) -> HttpResponseBase:
    """The file attached to a record."""
    claim = claim_or_404(request, claim_id)
    found = get_object_or_404(
        VerifierRecord.objects.select_related("file"), claim=claim, pk=record_id, file__isnull=False
    )
    return serve_file(found.file)


@allowed(P.DIRECT_CLAIMS_VERIFY)
@require_http_methods(["GET", "POST"])
def confirm_direct(request: HttpRequest, claim_id: int) -> HttpResponse:
    """The direct-claims verifier confirms a claim that the panel left with them, or sends it back."""
    claim = claim_or_404(request, claim_id)
    standing_in(request).require(P.DIRECT_CLAIMS_VERIFY, claim.centre_id)
    if request.method == "GET" and not can_move(standing_in(request), claim, "confirm_direct"):
        messages.info(request, _("This claim is not with the direct-claims verifier now."))
        return redirect(ao_url(request, "mitigations:claim", claim_id=claim.pk))
    form = JudgeForm(
        request.POST if request.method == "POST" else None, passes=_("Confirm the claim"),
        initial={"expected_version": claim.version},
    )  # fmt: skip
    services = {"pass": confirm_direct_claim, "back": return_direct_claim}
    about = {"record": latest_record(claim), "rule": "CLM-11"}
    return _judge(request, claim, form, services, "reasons", about, _("Confirm this claim"))


@allowed(P.CLAIMS_VERIFY_INTERNALLY)
@require_http_methods(["GET", "POST"])
def sign_off(request: HttpRequest, claim_id: int) -> HttpResponse:
    """The internal verifier signs a claim off, or sends it back (CLM-13)."""
    claim = claim_or_404(request, claim_id)
    standing_in(request).require(P.CLAIMS_VERIFY_INTERNALLY, claim.centre_id)
    if request.method == "GET" and not can_move(standing_in(request), claim, "sign_off_to_panel"):
        messages.info(request, _("This claim does not wait for internal verification now."))
        return redirect(ao_url(request, "mitigations:claim", claim_id=claim.pk))
    form = JudgeForm(
        request.POST if request.method == "POST" else None, passes=_("Internal verification is completed: sign it off"),
        initial={"expected_version": claim.version},
    )  # fmt: skip
    services: dict[str, Any] = {"pass": sign_off_claim, "back": send_back_claim}
    about = {"sign_offs": list(sign_offs_of(claim)[:10]), "rule": "CLM-13"}
    return _judge(request, claim, form, services, "note", about, _("Internal verification"))


def _judge(
    request: HttpRequest, claim: Claim, form: JudgeForm, services: dict[str, Any], words: str, about: dict[str, Any],
    heading: str,
) -> HttpResponse:  # fmt: skip
    """Shows the claim with the form, or has one of the two services do what was answered."""
    status = 200
    found: list[Finding] = own_work_findings(str(about["rule"]), own_work(standing_in(request).person.pk, claim))
    if form.is_bound and form.is_valid():
        said = form.cleaned_data
        name = "reason" if said["answer"] == "back" and words == "note" else words
        try:
            services[said["answer"]](
                actor=standing_in(request),
                claim=claim,
                expected_version=said["expected_version"],
                **{name: said["words"]},
            )
        except StalePageError as error:
            form.add_error(None, str(error))
            status = 409
        except GuardedError as error:
            found, status = error.findings, 409
        except TransitionError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("eRAC %(number)s goes on.") % {"number": claim.number})
            return redirect(ao_url(request, "mitigations:claim", claim_id=claim.pk))
    context = about | {
        "form": form,
        "facts": claim_facts_shown(claim),
        "own": found,
        "findings": check_claim(claim_facts(claim)),
    }
    return claim_page(request, claim, "judge.html", context, heading=heading, status=status)
