"""The special considerations panel: opening a case, deciding it."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from awarding.audit.services import record
from awarding.findings.finding import blocking, findings_to_json
from awarding.workflow.services import (
    GuardedError,
    ReasonMissingError,
    StalePageError,
    TransitionError,
    apply_transition,
    write_event,
)
from mitigations.models import Claim, PanelDecision
from mitigations.queries.findings import claim_facts
from mitigations.queries.panel import is_held, is_in_turn
from mitigations.rules.claim import check_claim
from mitigations.rules.evidence import sufficiency_findings
from mitigations.services.telling import tell_of_move
from mitigations.workflow import CLAIM, refuse_declared_interest

MOVES = {
    PanelDecision.Verdict.SUFFICIENT: "find_sufficient",
    PanelDecision.Verdict.IN_PRINCIPLE: "approve_in_principle",
    PanelDecision.Verdict.INSUFFICIENT: "find_insufficient",
}


class CaseHeldError(TransitionError):
    """Another member of the panel has the case open."""


@transaction.atomic
def open_case(*, actor: Standing, claim: Claim, reason: str = "") -> Claim:
    """Notes that this member reads the case, for half an hour or until it is decided.

    Out of turn it needs a reason, which the claim's history keeps (CLM-12: ReasonMissingError). Raises CaseHeldError while
    somebody else has it open, GuardedError with a declared interest (CLM-08), StalePageError when it is not waiting.
    """
    actor.require(Permission.PANEL_DECIDE)
    locked: Claim = Claim.objects.select_for_update(of=("self",)).select_related("centre").get(pk=claim.pk)
    if locked.state != "queued":
        raise StalePageError(
            _("This claim is no longer waiting for the panel: it is “%(state)s”.")
            % {"state": CLAIM.state(locked.state).label}
        )
    stopping = blocking(refuse_declared_interest(locked, actor))
    if stopping:
        raise GuardedError(stopping)
    is_own = locked.opened_by_id == actor.person.pk
    if is_held(locked) and not is_own:
        raise CaseHeldError(
            _("%(who)s has this case open. You can read it; it is free again half an hour after it was opened.")
            % {"who": locked.opened_by}
        )
    in_turn = is_in_turn(actor, locked)
    if not in_turn and not is_own and not reason.strip():
        raise ReasonMissingError(_("Other claims arrived before this one. Say why it is taken first."))
    locked.opened_by, locked.opened_at = actor.person, timezone.now()
    locked.save(update_fields=["opened_by", "opened_at"])
    if in_turn or is_own:
        record("claim.case_opened", actor=actor, target=locked)
    else:
        write_event(locked, "open_case", locked.state, actor=actor, reason=reason)
    return locked


@transaction.atomic
def decide_claim(
    *, actor: Standing, claim: Claim, verdict: str, reasons: str, expected_version: int, next_step: str = "",
    next_step_due: date | None = None,
) -> PanelDecision:  # fmt: skip
    """Records the panel's decision with its reasons and moves the claim on (CLM-08, CLM-09).

    Sufficient: to its external verifier; refused for a blank eRAC or too little evidence (CLM-04, CLM-06). In principle: back
    to the centre until the rest comes. Insufficient: back with the agreed next step and its date. Of two who decide at
    once the first one's decision stands and the second hears of it (StalePageError).
    """
    actor.require(Permission.PANEL_DECIDE)
    chosen = PanelDecision.Verdict(verdict)
    claims = Claim.objects.select_for_update(of=("self",))
    locked: Claim = claims.select_related("centre", "qualification", "adoption__framework").get(pk=claim.pk)
    findings = []
    if locked.state == "queued" and locked.version == expected_version:
        facts = claim_facts(locked)
        findings = check_claim(facts)
        if chosen is PanelDecision.Verdict.SUFFICIENT and (stopping := sufficiency_findings(facts)):
            raise GuardedError(stopping)
        if chosen is PanelDecision.Verdict.INSUFFICIENT and not (next_step.strip() and next_step_due):
            raise ReasonMissingError(_("Record the next step agreed with the centre, and by when."))
        if locked.opened_by_id != actor.person.pk and not is_in_turn(actor, locked):
            raise ReasonMissingError(_("Other claims arrived before this one. Open the case with a reason first."))
    data: dict[str, Any] = {"verdict": chosen.value, "next_step": next_step.strip()}
    moved = apply_transition(
        CLAIM, locked, MOVES[chosen], actor=actor, reason=reasons, expected_version=expected_version, data=data,
        changes={"opened_by": None, "opened_at": None},
    )  # fmt: skip
    decision = PanelDecision.objects.create(
        claim=moved, verdict=chosen, reasons=reasons.strip(), next_step=next_step.strip(), next_step_due=next_step_due,
        findings=findings_to_json(findings), decided_by=actor.person,
    )  # fmt: skip
    tell_of_move(actor=actor, claim=moved, move=MOVES[chosen], body=_body(decision))
    return decision


def _body(decision: PanelDecision) -> str:
    words = [_("The panel’s decision: %(verdict)s.") % {"verdict": decision.get_verdict_display()}]
    words.append(_("Reasons: %(reasons)s") % {"reasons": decision.reasons})
    if decision.next_step:
        words.append(_("Next step: %(step)s") % {"step": decision.next_step})
    if decision.next_step_due:
        words.append(_("By: %(day)s") % {"day": decision.next_step_due.strftime("%d %B %Y")})
    return "\n\n".join(words)
