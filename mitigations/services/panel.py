"""The special considerations panel: opening a case, giving an opinion on it, deciding between two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from awarding.accounts.roles import Permission, Role
from awarding.accounts.standing import Process, Standing
from awarding.audit.services import record
from awarding.findings.finding import Finding, Severity, blocking, findings_to_json
from awarding.notices.services import notify_roles
from awarding.workflow.services import (
    GuardedError,
    ReasonMissingError,
    StalePageError,
    TransitionError,
    apply_transition,
    write_event,
)
from mitigations.models import Claim, PanelCase, PanelDecision, PanelOpinion
from mitigations.queries.cases import deciding_opinion, open_case_of, panel_settings
from mitigations.queries.claims import claim_url
from mitigations.queries.findings import claim_facts
from mitigations.queries.panel import is_held, is_in_turn
from mitigations.rules.claim import check_claim
from mitigations.rules.conditions import Condition, condition_faults
from mitigations.rules.draw import draw_case
from mitigations.rules.evidence import sufficiency_findings
from mitigations.rules.verification import SENDING_ON, direct_verdict_findings
from mitigations.services.release import release_case
from mitigations.workflow import CLAIM, PANEL_CASE, refuse_declared_interest


class CaseHeldError(TransitionError):
    """Another member of the panel has the case open."""


@dataclass(frozen=True)
class Said:
    """What a member says about a case: verdict, reasons, and what the verdict asks for besides."""

    verdict: str
    reasons: str
    next_step: str = ""
    next_step_due: date | None = None
    conditions: Sequence[Condition] = ()
    expires_on: date | None = None


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
    if (known := open_case_of(locked)) is not None:
        raise StalePageError(_decided_first(PANEL_CASE.state(known.state).label))
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
    next_step_due: date | None = None, conditions: Sequence[Condition] = (), expires_on: date | None = None,
) -> PanelDecision | PanelOpinion:  # fmt: skip
    """Records the first member's opinion with its reasons (CLM-08, CLM-09), and whatever follows from it at once.

    Sufficient is refused for a blank eRAC or too little evidence (CLM-04, CLM-06); insufficient asks for a next step and its
    date; in principle may set conditions and a day of expiry (CLM-07). Of two who decide at once the first one's opinion
    stands and the second hears of it (StalePageError).

    Answers the released decision, or the opinion when the centre is not told yet: the case was drawn for a second
    opinion, or the AO releases apart. The claim itself moves with the release.
    """
    actor.require(Permission.PANEL_DECIDE)
    locked = lock_claim(claim)
    _refuse_stale(locked, expected_version)
    said = Said(verdict, reasons, next_step, next_step_due, conditions, expires_on)
    findings = _check(actor, locked, said)
    if locked.opened_by_id != actor.person.pk and not is_in_turn(actor, locked):
        raise ReasonMissingError(_("Other claims arrived before this one. Open the case with a reason first."))
    wishes = panel_settings()
    round_ = PanelCase.objects.filter(claim=locked).count() + 1
    draw = draw_case(
        seed=wishes.draw_seed, number=locked.number, round_=round_, share=wishes.second_opinion_share
    )  # fmt: skip
    case = PanelCase.objects.create(
        claim=locked, round=round_, draw=draw.as_dict(), state=PANEL_CASE.initial
    )  # fmt: skip
    write_event(case, "decide", "", actor=actor, data={"draw": draw.as_dict()})
    opinion = _write_opinion(actor, case, PanelOpinion.Part.FIRST, said, findings)
    locked.opened_by, locked.opened_at = None, None
    locked.save(update_fields=["opened_by", "opened_at"])
    if draw.is_drawn:
        apply_transition(PANEL_CASE, case, "ask_second", actor=actor)
        _tell_panel(
            actor, case, "ask_second", _("A claim was drawn for a second opinion. Decide it as if it were new.")
        )
        return opinion
    return _settle(actor, case, "settle") or opinion


@transaction.atomic
def give_second_opinion(
    *, actor: Standing, case: PanelCase, expected_version: int, said: Said
) -> PanelDecision | PanelOpinion:
    """Records what a second member finds, who has not seen the first opinion (CLM-08 holds as for the first).

    The same verdict settles the case, in the first member's words; another one sends it to the chair. Raises
    StalePageError when the case has moved on, GuardedError for the author of the first opinion.
    """
    actor.require(Permission.PANEL_DECIDE)
    claim = lock_claim(case.claim)
    case = _lock_case(case, "second", expected_version)
    _refuse_author(actor, case)
    opinion = _write_opinion(actor, case, PanelOpinion.Part.SECOND, said, _check(actor, claim, said))
    if deciding_opinion(case).verdict == opinion.verdict:
        return _settle(actor, case, "settle") or opinion
    apply_transition(PANEL_CASE, case, "differ", actor=actor)
    _tell_panel(
        actor, case, "differ",
        _("Two opinions on a claim differ, and the panel chair decides. Without a chair, name one under “People”."),
    )  # fmt: skip
    return opinion


@transaction.atomic
def decide_as_chair(
    *, actor: Standing, case: PanelCase, expected_version: int, said: Said
) -> PanelDecision | PanelOpinion:
    """The chair's opinion where two differ: it is the panel's decision. A third person's, never one of the two."""
    actor.require(Permission.PANEL_CHAIR)
    claim = lock_claim(case.claim)
    case = _lock_case(case, "differing", expected_version)
    _refuse_author(actor, case)
    opinion = _write_opinion(actor, case, PanelOpinion.Part.CHAIR, said, _check(actor, claim, said))
    return _settle(actor, case, "decide_as_chair") or opinion


@transaction.atomic
def waive_second_opinion(*, actor: Standing, case: PanelCase, expected_version: int, reason: str) -> PanelCase:
    """The chair lets a case go on with its first opinion, with a reason: nobody is left to give a second one."""
    actor.require(Permission.PANEL_CHAIR)
    lock_claim(case.claim)
    moved = apply_transition(
        PANEL_CASE, case, "waive_second", actor=actor, reason=reason, expected_version=expected_version
    )
    if not panel_settings().releases_apart:
        release_case(actor=actor, case=moved)
    return moved


@transaction.atomic
def close_open_case(claim: Claim, *, process: Process) -> None:
    """Closes what the panel holds of a claim that moves on without it. Call with the claim locked."""
    case = open_case_of(claim)
    if case is not None:
        apply_transition(PANEL_CASE, case, "overtake", actor=process)


def lock_claim(claim: Claim) -> Claim:
    """The claim, locked, with what the checks read of it. Always locked before its case."""
    claims = Claim.objects.select_for_update(of=("self",))
    locked: Claim = claims.select_related("centre", "qualification", "adoption__framework", "ao").get(pk=claim.pk)
    return locked


def _lock_case(case: PanelCase, state: str, expected_version: int) -> PanelCase:
    cases = PanelCase.objects.select_for_update(of=("self",)).select_related("claim__centre", "claim__ao")
    locked: PanelCase = cases.get(pk=case.pk)
    if locked.state != state or locked.version != expected_version:
        raise StalePageError(_decided_first(PANEL_CASE.state(locked.state).label))
    return locked


def _decided_first(state: object) -> str:
    return _(
        "Someone else decided first: this is now “%(state)s”. Nothing of yours was saved. Look at it again below."
    ) % {"state": state}


def _refuse_stale(claim: Claim, expected_version: int) -> None:
    if claim.state != "queued" or claim.version != expected_version:
        raise StalePageError(_decided_first(CLAIM.state(claim.state).label))
    known = open_case_of(claim)
    if known is not None:
        raise StalePageError(_decided_first(PANEL_CASE.state(known.state).label))


def _refuse_author(actor: Standing, case: PanelCase) -> None:
    if case.opinions.filter(given_by=actor.person).exists():
        raise GuardedError(
            [
                Finding(
                    "CLM-08", Severity.BLOCKS, _("You"), _("You gave an opinion on this case already."),
                    _("Somebody else on the panel gives the next one."), "own_opinion",
                )
            ]
        )  # fmt: skip


def _check(actor: Standing, claim: Claim, said: Said) -> list[Finding]:
    """What the checks say of the claim; raises when the opinion cannot be given like this."""
    if not said.reasons.strip():
        raise ReasonMissingError(_("Give a reason: the people concerned will read it."))
    facts = claim_facts(claim)
    findings = check_claim(facts)
    verdict = PanelDecision.Verdict(said.verdict)
    stopping = blocking(refuse_declared_interest(claim, actor))
    stopping += direct_verdict_findings(facts, verdict)
    if verdict in SENDING_ON:
        stopping += sufficiency_findings(facts)
    if verdict is PanelDecision.Verdict.IN_PRINCIPLE:
        stopping += condition_faults(said.conditions, said.expires_on, timezone.localdate())
    if stopping:
        raise GuardedError(stopping)
    if verdict is PanelDecision.Verdict.INSUFFICIENT and not (said.next_step.strip() and said.next_step_due):
        raise ReasonMissingError(_("Record the next step agreed with the centre, and by when."))
    return findings


def _write_opinion(actor: Standing, case: PanelCase, part: str, said: Said, findings: list[Finding]) -> PanelOpinion:
    is_held_back = said.verdict == PanelDecision.Verdict.IN_PRINCIPLE
    opinion = PanelOpinion.objects.create(
        case=case, part=part, verdict=said.verdict, reasons=said.reasons.strip(), next_step=said.next_step.strip(),
        next_step_due=said.next_step_due, findings=findings_to_json(findings), given_by=actor.person,
        conditions=[
            {"what": condition.what.strip(), "due_on": condition.due_on.isoformat()} for condition in said.conditions
        ] if is_held_back else [],
        expires_on=said.expires_on if is_held_back else None,
    )  # fmt: skip
    # The audit trail says that there is an opinion, not which: a second member may be able to read it.
    record("panel.opinion_given", actor=actor, target=opinion, data={"case": case.pk, "part": part})
    return opinion


def _settle(actor: Standing, case: PanelCase, move: str) -> PanelDecision | None:
    """Decides the case; answers the decision when it is released with it."""
    settled = apply_transition(PANEL_CASE, case, move, actor=actor)
    return None if panel_settings().releases_apart else release_case(actor=actor, case=settled)


def _tell_panel(actor: Standing, case: PanelCase, move: str, body: str) -> None:
    notify_roles(
        roles={Role(role) for role in PANEL_CASE.transition(move).notifies}, centre_id=None, key=f"case-{case.pk}-{move}",
        subject=f"{case.claim.number}: {PANEL_CASE.event_label(move)}", body=body, url=claim_url(case.claim, "case"),
        target=case.claim, besides=actor.person,
    )  # fmt: skip
