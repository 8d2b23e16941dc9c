"""Submitting a claim, withdrawing it, and saying that what was missing is there."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Process, Standing
from awarding.findings.finding import Finding, Severity, blocking
from awarding.workflow.services import GuardedError, ReasonMissingError, apply_transition
from mitigations.models import Claim, ClaimCell, EvidenceEntry
from mitigations.queries.conditions import conditions_of
from mitigations.queries.findings import claim_facts
from mitigations.queries.verification import asks_internal_verification
from mitigations.queries.window import late_findings
from mitigations.rules.claim import check_again, check_claim
from mitigations.rules.conditions import unmet_findings
from mitigations.rules.evidence import panel_reasons
from mitigations.rules.facts import ClaimFacts
from mitigations.services.component_tags import withdraw_open_tags
from mitigations.services.panel import close_open_case
from mitigations.services.telling import tell_of_move
from mitigations.workflow import CLAIM


@transaction.atomic
def submit_claim(*, actor: Standing, claim: Claim, expected_version: int, answer: str = "") -> Claim:
    """Sends a claim on its way: to the panel, or straight to its verifier when nothing is left to weigh (CLM-10); where
    internal verification is asked for, to the internal verifier first, who sends it the same way (CLM-13).

    Checks it as it stands under the lock: GuardedError when a finding blocks (that it comes too late among them,
    MIT-11), ReasonMissingError when one asks for an `answer` and none is given (MIT-14). A claim that comes back keeps its
    place in the queue (CLM-12). Submitting twice raises StalePageError, and the first submission stands.
    """
    actor.require(Permission.CLAIMS_SUBMIT, claim.centre_id)
    locked = _lock(claim)
    if locked.version == expected_version and locked.state in CLAIM.transition("submit_to_panel").sources:
        facts = claim_facts(locked)
        findings = check_claim(facts)
        _refuse(late_findings(locked) + findings, answer)
        reasons = panel_reasons(facts)
        _mark_incomplete(locked, facts)
    else:
        findings, reasons = [], [""]  # apply_transition says that the page is out of date
    to_iv = asks_internal_verification(locked)
    move = "send_to_iv" if to_iv else "submit_to_panel" if reasons else "submit_to_verifier"
    changes: dict[str, Any] = {"submitted_by": actor.person, "opened_by": None, "opened_at": None}
    changes["finding_rules"] = rules_of(findings)
    if reasons and not to_iv and locked.queued_at is None:
        changes["queued_at"] = timezone.now()
    moved = apply_transition(
        CLAIM, locked, move, actor=actor, reason=answer, expected_version=expected_version, changes=changes,
        data=findings_data(findings) | {"panel_because": [str(reason) for reason in reasons]},
    )  # fmt: skip
    body = _("%(centre)s submitted eRAC %(number)s. It waits for you.") % {
        "centre": moved.centre.name,
        "number": moved.number,
    }
    tell_of_move(actor=actor, claim=moved, move=move, body=body, page="case" if reasons and not to_iv else "claim")
    return moved


@transaction.atomic
def withdraw_claim(*, actor: Standing, claim: Claim, reason: str, expected_version: int) -> Claim:
    """Takes a claim back for good, with a reason; requests for component grades on it that nobody has answered go with it.

    Raises as `apply_transition` does.
    """
    changes = {"opened_by": None, "opened_at": None}
    moved = apply_transition(
        CLAIM, claim, "withdraw", actor=actor, reason=reason, expected_version=expected_version, changes=changes
    )
    close_open_case(moved, process=Process("withdrawal"))
    withdraw_open_tags(actor=actor, claim=moved)
    return moved


@transaction.atomic
def resume_claim(*, actor: Standing, claim: Claim, expected_version: int) -> Claim:
    """Puts a claim that was approved in principle back where it stood in the queue (CLM-07).

    Refused (GuardedError) while the evidence or the achievements are still missing, unless what is missing is declared
    to be out of reach, and while a condition of the approval is open.
    """
    actor.require(Permission.CLAIMS_SUBMIT, claim.centre_id)
    locked = _lock(claim)
    findings: list[Finding] = []
    if locked.state == "approved_in_principle":
        facts = claim_facts(locked)
        findings = check_claim(facts)
        stopping = blocking(check_again(facts)) + unmet_findings(conditions_of(locked))
        if stopping:
            raise GuardedError(stopping)
        _mark_incomplete(locked, facts)
    move = "send_to_iv" if asks_internal_verification(locked) else "resume"
    moved = apply_transition(
        CLAIM, locked, move, actor=actor, expected_version=expected_version, data=findings_data(findings),
        changes={"finding_rules": rules_of(findings)},
    )  # fmt: skip
    body = _("%(centre)s completed what was missing in eRAC %(number)s.") % {
        "centre": moved.centre.name,
        "number": moved.number,
    }
    tell_of_move(actor=actor, claim=moved, move=move, body=body, page="case")
    return moved


def rules_of(findings: list[Finding]) -> list[str]:
    """The rules that the findings name, each once, for the panel to sort by."""
    return sorted({finding.rule for finding in findings})


def findings_data(findings: list[Finding]) -> dict[str, Any]:
    """What an event remembers of the findings it was made under: how many of each severity."""
    counts = {severity.value: sum(f.severity is severity for f in findings) for severity in Severity}
    return {"findings": counts}


def _lock(claim: Claim) -> Claim:
    claims = Claim.objects.select_for_update(of=("self",)).select_related(
        "centre", "qualification", "adoption__framework"
    )
    locked: Claim = claims.get(pk=claim.pk)
    return locked


def _refuse(findings: list[Finding], answer: str) -> None:
    stopping = blocking(findings)
    if stopping:
        raise GuardedError(stopping)
    open_questions = [finding for finding in findings if finding.severity is Severity.WARNS]
    if open_questions and not answer.strip():
        raise ReasonMissingError(
            _("Answer this before you submit: %(what)s") % {"what": " ".join(str(f.what) for f in open_questions)}
        )


def _mark_incomplete(claim: Claim, facts: ClaimFacts) -> None:
    """Notes which cells are claimed from incomplete work: those whose evidence is partial (MIT-14)."""
    cells = ClaimCell.objects.filter(claim=claim)
    cells.filter(is_incomplete=True).update(is_incomplete=False)
    if facts.permits("incomplete_units"):
        partial = EvidenceEntry.objects.filter(
            learner_id=OuterRef("learner_id"), unit_id=OuterRef("unit_id"), status__in=facts.partial_states
        )
        cells.exclude(value="").filter(Exists(partial)).update(is_incomplete=True)
