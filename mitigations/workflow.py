"""How a claim moves, from draft to processed. One table; `awarding.workflow` applies it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from awarding.accounts.roles import Permission as P
from awarding.accounts.roles import Role
from awarding.findings.finding import Finding, Severity
from awarding.workflow.table import State, Transition, Workflow
from mitigations.workflow_component_tags import COMPONENT_TAG
from mitigations.workflow_impact import CENTRE_NOTICE, DELAY_QUESTION, IMPACT_CASE, NOTICE_LINE
from mitigations.workflow_objections import APPEAL, OUTCOME_DISPUTE
from mitigations.workflow_sizes import SIZE_MOVE

__all__ = [
    "APPEAL",
    "CENTRE_NOTICE",
    "CLAIM",
    "COMPONENT_TAG",
    "DELAY_QUESTION",
    "EDITABLE_STATES",
    "EVENT_LABELS",
    "IMPACT_CASE",
    "NOTICE_LINE",
    "OUTCOME_DISPUTE",
    "SIZE_MOVE",
]

CENTRE = frozenset({Role.QUALITY_CONTACT})
CENTRE_FILLERS = frozenset({Role.QUALITY_CONTACT, Role.TEACHER, Role.INTERNAL_VERIFIER, Role.DIRECT_CLAIMS_VERIFIER})
PANEL = frozenset({Role.PANEL_MEMBER, Role.PANEL_CHAIR})
CHAIR = frozenset({Role.PANEL_CHAIR})
VERIFIER = frozenset({Role.EXTERNAL_VERIFIER})
ADMIN = frozenset({Role.AO_ADMIN})
INTERNAL = frozenset({Role.INTERNAL_VERIFIER})
DIRECT = frozenset({Role.DIRECT_CLAIMS_VERIFIER})


def interest_findings(has_interest: bool) -> list[Finding]:
    """A panel member with a declared interest in the centre does not decide its claims (CLM-08)."""
    if not has_interest:
        return []
    return [
        Finding(
            "CLM-08", Severity.BLOCKS, _("You"), _("You declared an interest in this centre."),
            _("Leave the claim to another panel member; if the interest has ended, end the declaration first."),
            "declared_interest",
        )
    ]  # fmt: skip


def refuse_declared_interest(claim: Any, actor: Any) -> list[Finding]:
    """Nobody on the panel decides a claim of a centre that they declared an interest in (CLM-08)."""
    return interest_findings(claim.centre.interests.filter(person_id=actor.person.pk, ended_at=None).exists())


def refuse_interest_in_case(case: Any, actor: Any) -> list[Finding]:
    """The same for a second opinion, the chair, a release and an undoing (CLM-08)."""
    return refuse_declared_interest(case.claim, actor)


def refuse_interested_authors(case: Any) -> list[Finding]:
    """A decision whose author has declared an interest since is undone, not released (CLM-08)."""
    interests = case.claim.centre.interests.filter(ended_at=None, person_id__in=case.opinions.values("given_by_id"))
    names = ", ".join(str(interest.person) for interest in interests.select_related("person"))
    if not names:
        return []
    return [
        Finding(
            "CLM-08", Severity.BLOCKS, names, _("Declared an interest in this centre and gave an opinion on its claim."),
            _("Undo the decision with a reason; the claim then waits for the panel again."), "interested_author",
        )
    ]  # fmt: skip


def refuse_without_direct_claims(claim: Any) -> list[Finding]:
    """Only a centre that holds direct claims for the qualification now has claims released by its own verifier (CLM-11)."""
    if claim.centre.direct_claims.filter(qualification_id=claim.qualification_id, state="granted").exists():
        return []
    return [
        Finding(
            "CLM-11", Severity.BLOCKS, str(claim.centre), _("The centre does not hold direct claims for this qualification now."),
            _("The claim goes to an external verifier: ask for moderation, or have the status restored first."),
            "no_direct_claims",
        )
    ]  # fmt: skip


NO_INTEREST = (refuse_declared_interest,)
HOLDS_DIRECT_CLAIMS = (refuse_without_direct_claims,)
NO_INTEREST_IN_CASE = (refuse_interest_in_case,)

# What a claim's history calls its events: past, where the buttons speak of the future.
EVENT_LABELS = {
    "generate": _("Generated"),
    "continue": _("Generated from what was returned"),
    "submit_to_panel": _("Submitted to the panel"),
    "submit_to_verifier": _("Submitted for verification"),
    "send_to_iv": _("Sent to the internal verifier"),
    "sign_off_to_panel": _("Internally verified, submitted to the panel"),
    "sign_off_to_verifier": _("Internally verified, submitted for verification"),
    "return_by_iv": _("Sent back by the internal verifier"),
    "move_on_to_panel": _("Moved on by the AO, internal verification confirmed; submitted to the panel"),
    "move_on_to_verifier": _("Moved on by the AO, internal verification confirmed; submitted for verification"),
    "leave_with_dcv": _("Left with the direct-claims verifier"),
    "ask_moderation": _("Moderation asked for"),
    "confirm_direct": _("Confirmed by the direct-claims verifier"),
    "return_by_dcv": _("Sent back by the direct-claims verifier"),
    "call_in": _("Called in for moderation"),
    "sign_record": _("Direct-claims verifier’s record (QA5) signed"),
    "withdraw": _("Withdrawn"),
    "find_sufficient": _("Evidence found sufficient"),
    "approve_in_principle": _("Approved in principle"),
    "find_insufficient": _("Evidence found insufficient"),
    "resume": _("Missing evidence reported complete"),
    "fall_due": _("Time for the missing evidence ran out"),
    "allocate": _("Allocated to an external verifier"),
    "reallocate": _("Taken back from the verifier"),
    "verify": _("Verification finished"),
    "record_results": _("Results recorded"),
    "open_case": _("Taken out of turn by the panel"),
    "reconsider": _("Sent back to the panel after an appeal"),
}

CLAIM = Workflow(
    name="claim",
    title=_("Claims (eRACs)"),
    initial="drafted",
    event_labels=EVENT_LABELS,
    states=(
        State("drafted", _("Drafted"), _("The centre"), _("Fill in the eRAC and its checklist, then submit"), CENTRE_FILLERS, "grey"),
        State("with_iv", _("With the internal verifier"), _("The internal verifier"), _("The internal verifier signs it off, or sends it back"), INTERNAL, "purple"),
        State("queued", _("Waiting for the panel"), _("The panel"), _("The panel decides on the evidence"), PANEL, "blue"),
        State(
            "approved_in_principle",
            _("Approved in principle"),
            _("The centre"),
            _("Complete the missing evidence, then say that it is there"),
            CENTRE,
            "yellow",
        ),
        State("returned", _("Returned by the panel"), _("The centre"), _("Take the agreed next step, then submit again"), CENTRE, "orange"),
        State("unallocated", _("Waiting for an external verifier"), _("The AO"), _("The AO allocates a verifier"), ADMIN, "blue"),
        State("allocated", _("With the external verifier"), _("The external verifier"), _("The verifier samples the work"), VERIFIER, "purple"),
        State("with_dcv", _("With the direct-claims verifier"), _("The direct-claims verifier"), _("The centre’s own verifier confirms the claim, or sends it back"), DIRECT, "purple"),
        State("verified", _("Verified"), _("The AO"), _("The AO processes the claim"), ADMIN, "turquoise"),
        State("processed", _("Processed"), _("Nobody"), _("Results are recorded and certificates made"), frozenset(), "green", is_final=True),
        State("withdrawn", _("Withdrawn"), _("Nobody"), _("Nothing more happens to this claim"), frozenset(), "grey", is_final=True),
    ),
    transitions=(
        # Which way a submitted claim goes (panel or straight to a verifier, CLM-10) is decided by its findings.
        Transition("submit_to_panel", _("Submit to the panel"), ("drafted", "returned"), "queued", P.CLAIMS_SUBMIT, notifies=PANEL),
        Transition("submit_to_verifier", _("Submit for verification"), ("drafted", "returned"), "unallocated", P.CLAIMS_SUBMIT, notifies=ADMIN),
        # Where the framework or the AO asks for internal verification the claim passes its internal verifier first. When they
        # are away the AO moves it on, once it is confirmed that internal verification was done (CLM-13).
        Transition("send_to_iv", _("Send to the internal verifier"), ("drafted", "returned", "approved_in_principle"), "with_iv", P.CLAIMS_SUBMIT, notifies=INTERNAL),
        Transition("sign_off_to_panel", _("Sign off"), ("with_iv",), "queued", P.CLAIMS_VERIFY_INTERNALLY, notifies=PANEL | CENTRE),
        Transition("sign_off_to_verifier", _("Sign off"), ("with_iv",), "unallocated", P.CLAIMS_VERIFY_INTERNALLY, notifies=ADMIN | CENTRE),
        Transition("return_by_iv", _("Send back"), ("with_iv",), "drafted", P.CLAIMS_VERIFY_INTERNALLY, needs_reason=True, notifies=CENTRE),
        Transition("move_on_to_panel", _("Move on"), ("with_iv",), "queued", P.CLAIMS_UNSTICK, needs_reason=True, notifies=PANEL | CENTRE | INTERNAL),
        Transition("move_on_to_verifier", _("Move on"), ("with_iv",), "unallocated", P.CLAIMS_UNSTICK, needs_reason=True, notifies=CENTRE | INTERNAL),
        Transition("withdraw", _("Withdraw"), ("drafted", "with_iv", "queued", "returned", "approved_in_principle"), "withdrawn", P.CLAIMS_SUBMIT, needs_reason=True, is_warning=True),
        # The claim moves when the panel's decision is released; until then it is a case (PANEL_CASE), and the claim waits.
        Transition("find_sufficient", _("Sufficient"), ("queued",), "unallocated", P.PANEL_RELEASE, needs_reason=True, notifies=CENTRE | ADMIN, actor_guards=NO_INTEREST),
        Transition("approve_in_principle", _("Approve in principle"), ("queued",), "approved_in_principle", P.PANEL_RELEASE, needs_reason=True, notifies=CENTRE, actor_guards=NO_INTEREST),
        Transition("find_insufficient", _("Insufficient"), ("queued",), "returned", P.PANEL_RELEASE, needs_reason=True, notifies=CENTRE, actor_guards=NO_INTEREST),
        # What the panel finds of a direct-claims centre's claim (CLM-11).
        Transition("leave_with_dcv", _("Leave it with the direct-claims verifier"), ("queued",), "with_dcv", P.PANEL_RELEASE, needs_reason=True, notifies=CENTRE | DIRECT, guards=HOLDS_DIRECT_CLAIMS, actor_guards=NO_INTEREST),
        Transition("ask_moderation", _("Ask for moderation"), ("queued",), "unallocated", P.PANEL_RELEASE, needs_reason=True, notifies=CENTRE | DIRECT | ADMIN, actor_guards=NO_INTEREST),
        Transition("confirm_direct", _("Confirm the claim"), ("with_dcv",), "verified", P.DIRECT_CLAIMS_VERIFY, needs_reason=True, notifies=ADMIN | CENTRE, guards=HOLDS_DIRECT_CLAIMS),
        Transition("return_by_dcv", _("Send back"), ("with_dcv",), "returned", P.DIRECT_CLAIMS_VERIFY, needs_reason=True, notifies=CENTRE),
        Transition("call_in", _("Call in for moderation"), ("with_dcv",), "unallocated", P.CLAIMS_UNSTICK, needs_reason=True, notifies=CENTRE | DIRECT),
        # The missing evidence arrived: the claim resumes where it stood in the queue (CLM-07).
        Transition("resume", _("The missing evidence is there"), ("approved_in_principle",), "queued", P.CLAIMS_SUBMIT, notifies=PANEL),
        # Its time ran out: the panel looks at it again, where it stood in the queue (CLM-07).
        Transition("fall_due", _("Bring back to the panel"), ("approved_in_principle",), "queued", by_process=True, notifies=PANEL | CENTRE),
        # An appeal was upheld: the panel looks again, where the claim stood in the queue (CLM-15).
        Transition("reconsider", _("Send back to the panel"), ("returned", "approved_in_principle"), "queued", P.APPEALS_DECIDE, needs_reason=True, notifies=PANEL),
        Transition("allocate", _("Allocate"), ("unallocated",), "allocated", P.VERIFICATION_ALLOCATE, notifies=VERIFIER | CENTRE),
        Transition("reallocate", _("Take back from the verifier"), ("allocated",), "unallocated", P.VERIFICATION_ALLOCATE, needs_reason=True),
        Transition("verify", _("Finish verification"), ("allocated",), "verified", P.VERIFICATION_DECIDE, notifies=ADMIN | CENTRE),
        Transition("record_results", _("Record the results"), ("verified",), "processed", by_process=True, notifies=CENTRE),
    ),
)  # fmt: skip

# While a claim is with its centre its eRAC and checklist are open. Approved in principle counts: what was missing is
# added then, and the achievements of a blank eRAC whose plan was approved (CLM-04, CLM-07).
EDITABLE_STATES = frozenset({"drafted", "returned", "approved_in_principle"})


PANEL_CASE_LABELS = {
    "decide": _("First opinion given"),
    "ask_second": _("Drawn for a second opinion"),
    "settle": _("Decided"),
    "differ": _("Second opinion differs"),
    "decide_as_chair": _("Decided by the chair"),
    "waive_second": _("Went on without a second opinion"),
    "release": _("Released"),
    "undo": _("Undone"),
    "overtake": _("Closed because the claim moved on"),
}

# One look of the panel at one claim, from the first opinion to its release. The claim itself stays where it is until
# then, so that nothing that a centre can see changes before it is told.
PANEL_CASE = Workflow(
    name="panel_case",
    title=_("Decisions of the panel"),
    initial="considered",
    event_labels=PANEL_CASE_LABELS,
    states=(
        State("considered", _("First opinion given"), _("The panel"), _("The portal draws whether a second opinion is asked for"), PANEL),
        State("second", _("Waiting for a second opinion"), _("Another panel member"), _("Somebody else decides without seeing the first opinion"), PANEL, "purple"),
        State("differing", _("Opinions differ"), _("The panel chair"), _("The chair decides, with both opinions to hand"), CHAIR, "orange"),
        State("decided", _("Decided, not released"), _("The AO"), _("Release the decision, or undo it"), PANEL | ADMIN, "yellow"),
        State("released", _("Released"), _("Nobody"), _("The centre has been told"), frozenset(), "green", is_final=True),
        State("undone", _("Undone"), _("Nobody"), _("The claim waits for the panel again"), frozenset(), "grey", is_final=True),
        State("overtaken", _("Closed"), _("Nobody"), _("The claim moved on before the decision was released"), frozenset(), "grey", is_final=True),
    ),
    transitions=(
        Transition("ask_second", _("Ask for a second opinion"), ("considered",), "second", P.PANEL_DECIDE, notifies=PANEL, actor_guards=NO_INTEREST_IN_CASE),
        Transition("settle", _("Settle"), ("considered", "second"), "decided", P.PANEL_DECIDE, actor_guards=NO_INTEREST_IN_CASE),
        Transition("differ", _("Differ"), ("second",), "differing", P.PANEL_DECIDE, notifies=CHAIR | ADMIN, actor_guards=NO_INTEREST_IN_CASE),
        Transition("decide_as_chair", _("Decide between the opinions"), ("differing",), "decided", P.PANEL_CHAIR, actor_guards=NO_INTEREST_IN_CASE),
        Transition("waive_second", _("Go on without a second opinion"), ("second",), "decided", P.PANEL_CHAIR, needs_reason=True, actor_guards=NO_INTEREST_IN_CASE),
        Transition("release", _("Release"), ("decided",), "released", P.PANEL_RELEASE, guards=(refuse_interested_authors,), actor_guards=NO_INTEREST_IN_CASE),
        Transition("undo", _("Undo"), ("second", "differing", "decided"), "undone", P.PANEL_RELEASE, needs_reason=True, is_warning=True, actor_guards=NO_INTEREST_IN_CASE),
        # The claim was withdrawn, or moved by somebody with the right to: what the panel held of it is closed.
        Transition("overtake", _("Close"), ("second", "differing", "decided"), "overtaken", by_process=True),
    ),
)  # fmt: skip
OPEN_CASE_STATES = ("considered", "second", "differing", "decided")
