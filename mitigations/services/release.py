"""Telling the centre what the panel decided, and undoing a decision that it has not been told."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from awarding.findings.wording import day_in_words
from awarding.workflow.services import apply_transition
from mitigations.models import Claim, PanelCase, PanelCondition, PanelDecision
from mitigations.queries.cases import deciding_opinion
from mitigations.rules.conditions import Condition
from mitigations.services.telling import tell_of_move
from mitigations.workflow import CLAIM, PANEL_CASE

MOVES = {
    PanelDecision.Verdict.SUFFICIENT: "find_sufficient",
    PanelDecision.Verdict.IN_PRINCIPLE: "approve_in_principle",
    PanelDecision.Verdict.INSUFFICIENT: "find_insufficient",
    PanelDecision.Verdict.LEFT_WITH_DCV: "leave_with_dcv",
    PanelDecision.Verdict.MODERATION: "ask_moderation",
}


@transaction.atomic
def release_case(*, actor: Standing, case: PanelCase, expected_version: int | None = None) -> PanelDecision:
    """Moves the claim by what the panel decided, writes the decision that the centre reads, and tells it.

    Refused (GuardedError) with a declared interest in the centre, or when one of those who gave an opinion has declared
    one since (CLM-08); StalePageError when it was released or undone before, or the claim has moved.
    """
    actor.require(Permission.PANEL_RELEASE)
    claim: Claim = Claim.objects.select_for_update(of=("self",)).select_related("ao").get(pk=case.claim_id)
    opinion = deciding_opinion(case)
    released = apply_transition(PANEL_CASE, case, "release", actor=actor, expected_version=expected_version)
    move = MOVES[PanelDecision.Verdict(opinion.verdict)]
    moved = apply_transition(
        CLAIM, claim, move, actor=actor, reason=opinion.reasons, changes={"opened_by": None, "opened_at": None},
        data={"verdict": opinion.verdict, "next_step": opinion.next_step, "conditions": opinion.conditions},
    )  # fmt: skip
    decision = PanelDecision.objects.create(
        claim=moved, case=released, verdict=opinion.verdict, reasons=opinion.reasons, next_step=opinion.next_step,
        next_step_due=opinion.next_step_due, expires_on=opinion.expires_on, findings=opinion.findings,
        decided_by=opinion.given_by, decided_at=opinion.given_at, released_by=actor.person, released_at=timezone.now(),
    )  # fmt: skip
    PanelCondition.objects.bulk_create(
        PanelCondition(decision=decision, position=n, what=condition.what, due_on=condition.due_on)
        for n, condition in enumerate(opinion.wanted, start=1)
    )  # fmt: skip
    tell_of_move(actor=actor, claim=moved, move=move, body=_body(decision, opinion.wanted))
    return decision


@transaction.atomic
def undo_case(*, actor: Standing, case: PanelCase, reason: str, expected_version: int | None = None) -> PanelCase:
    """Takes back what the panel thought of a claim before the centre is told; the claim stands in the queue as before.

    Needs a reason (ReasonMissingError). The opinions stay where they are, with the case. Refused as `release_case` is.
    """
    actor.require(Permission.PANEL_RELEASE)
    Claim.objects.select_for_update(of=("self",)).get(pk=case.claim_id)
    return apply_transition(PANEL_CASE, case, "undo", actor=actor, reason=reason, expected_version=expected_version)


def _body(decision: PanelDecision, conditions: list[Condition]) -> str:
    words = [_("The panel’s decision: %(verdict)s.") % {"verdict": decision.get_verdict_display()}]
    words.append(_("Reasons: %(reasons)s") % {"reasons": decision.reasons})
    words += [
        _("Condition: %(what)s, by %(day)s") % {"what": condition.what, "day": day_in_words(condition.due_on)}
        for condition in conditions
    ]
    if decision.expires_on:
        words.append(_("The approval expires on %(day)s.") % {"day": day_in_words(decision.expires_on)})
    if decision.next_step:
        words.append(_("Next step: %(step)s") % {"step": decision.next_step})
    if decision.next_step_due:
        words.append(_("By: %(day)s") % {"day": day_in_words(decision.next_step_due)})
    return "\n\n".join(words)
