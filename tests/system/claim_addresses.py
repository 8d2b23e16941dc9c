"""Which claim shows something on a page of one claim, and who sees it there."""

from __future__ import annotations

from typing import Any

from django.db.models import F

from centres.models import Cohort
from mitigations.models import (
    BulkAnswer,
    ChecklistUpload,
    Claim,
    ClaimLearner,
    EracUpload,
    PanelCondition,
    PanelDecision,
    VerifierRecord,
)
from qa_sampling.models import EvidenceFile, SamplePick
from tests.matrix.routes import Route
from tests.system.first import first, first_centre

CONTACT, PANEL = "sam.okafor@northfield.example", "adaeze.obi@aim.example"

# The state in which a claim's page has its form; any other page of a claim is looked at while it is drafted.
STATES = {
    "mitigations:receipt": "queued",
    "mitigations:case": "queued",
    "mitigations:resume": "approved_in_principle",
    "mitigations:reopen_condition": "approved_in_principle",
    "mitigations:waive_second": "queued",
    "mitigations:conditions": "approved_in_principle",
    "mitigations:condition": "approved_in_principle",
    "mitigations:condition_file": "approved_in_principle",
    "mitigations:decision_letter": "approved_in_principle",
    "mitigations:sign_off": "with_iv",
    "mitigations:unstick": "with_iv",
    "mitigations:confirm_direct": "with_dcv",
    "mitigations:verifier_record": "with_dcv",
    "mitigations:verifier_record_file": "with_dcv",
    "qa_sampling:allocate": "unallocated",
    "qa_sampling:take_back": "allocated",
    "qa_sampling:sample": "allocated",
    "qa_sampling:decide": "allocated",
    "qa_sampling:evidence": "allocated",
    "results:claim": "processed",
}
SEEN_BY = {
    "mitigations:claim": CONTACT,
    "mitigations:grid": CONTACT,
    "mitigations:checklist": CONTACT,
    "mitigations:evidence": CONTACT,
    "mitigations:workbook": CONTACT,
    "mitigations:bulk": CONTACT,
    "mitigations:checklist_workbook": CONTACT,
    "mitigations:upload": "ruth.ellery@northfield.example",
    "mitigations:case": PANEL,
    "mitigations:condition": CONTACT,
    "mitigations:conditions": CONTACT,
}
QUERIES = {
    "qa_sampling:decide": "?learner={learner_row}",
    "mitigations:generate": "?cohort={free_cohort}",
}


def things(route: Route) -> dict[str, Any]:
    """What is named without the claim it belongs to."""
    return {
        "version": 1,
        "record_id": first(VerifierRecord.objects.filter(claim__state="with_dcv")),
        "evidence_id": first(EvidenceFile.objects.all()),
        "free_cohort": first(Cohort.objects.filter(centre=first_centre(), claims=None)),
    }


def choices(route: Route) -> list[dict[str, Any]] | None:
    """Up to six claims that may have the page, the likeliest first; up to three pieces; None: the route names neither."""
    if "pick_id" in route.parameters:
        picks = SamplePick.objects.filter(verdict="open", claim__state="allocated").order_by("id")
        return [{"pick_id": pick.pk} for pick in picks[:3]]
    if "claim_id" not in route.parameters:
        return None
    claims = Claim.objects.filter(state=STATES.get(route.name, "drafted"))
    if "component_tag" in route.name:
        claims = claims.filter(mitigation="component_tag")
    if route.name == "qa_sampling:decide":
        claims = claims.filter(sample_picks__isnull=False)
    if route.name == "mitigations:upload":
        claims = claims.filter(uploads__isnull=False)
    # One that goes on from another's returned pieces has few learners: it comes last.
    return [_of(claim, route) for claim in claims.order_by(F("continues").asc(nulls_first=True), "id")[:6]]


def _of(claim: Claim, route: Route) -> dict[str, Any]:
    learner = ClaimLearner.objects.filter(claim=claim).order_by("position").first()
    upload = {"upload_id": first(EracUpload.objects.filter(claim=claim))} if route.name == "mitigations:upload" else {}
    return upload | {
        "claim_id": claim.pk,
        "row_key": learner.row_key if learner else "",
        "learner_row": learner.pk if learner else 0,
        "bulk_id": first(BulkAnswer.objects.filter(claim=claim)),
        "checklist_upload_id": first(ChecklistUpload.objects.filter(claim=claim)),
        "decision_id": first(PanelDecision.objects.filter(claim=claim)),
        "condition_id": first(PanelCondition.objects.filter(decision__claim=claim)),
    }
