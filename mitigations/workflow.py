"""How a claim moves, from draft to processed. One table; `awarding.workflow` applies it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from awarding.accounts.roles import Permission as P
from awarding.accounts.roles import Role
from awarding.findings.finding import Finding, Severity
from awarding.workflow.table import State, Transition, Workflow

CENTRE = frozenset({Role.QUALITY_CONTACT})
CENTRE_FILLERS = frozenset({Role.QUALITY_CONTACT, Role.TEACHER, Role.INTERNAL_VERIFIER, Role.DIRECT_CLAIMS_VERIFIER})
PANEL = frozenset({Role.PANEL_MEMBER})
VERIFIER = frozenset({Role.EXTERNAL_VERIFIER})
ADMIN = frozenset({Role.AO_ADMIN})


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


NO_INTEREST = (refuse_declared_interest,)

# What a claim's history calls its events: past, where the buttons speak of the future.
EVENT_LABELS = {
    "generate": _("Generated"),
    "continue": _("Generated from what was returned"),
    "submit_to_panel": _("Submitted to the panel"),
    "submit_to_verifier": _("Submitted for verification"),
    "withdraw": _("Withdrawn"),
    "find_sufficient": _("Evidence found sufficient"),
    "approve_in_principle": _("Approved in principle"),
    "find_insufficient": _("Evidence found insufficient"),
    "resume": _("Missing evidence reported complete"),
    "allocate": _("Allocated to an external verifier"),
    "reallocate": _("Taken back from the verifier"),
    "verify": _("Verification finished"),
    "record_results": _("Results recorded"),
    "open_case": _("Taken out of turn by the panel"),
}

CLAIM = Workflow(
    name="claim",
    initial="drafted",
    event_labels=EVENT_LABELS,
    states=(
        State("drafted", _("Drafted"), _("The centre"), _("Fill in the eRAC and its checklist, then submit"), CENTRE_FILLERS, "grey"),
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
        State("verified", _("Verified"), _("The AO"), _("The AO processes the claim"), ADMIN, "turquoise"),
        State("processed", _("Processed"), _("Nobody"), _("Results are recorded and certificates made"), frozenset(), "green", is_final=True),
        State("withdrawn", _("Withdrawn"), _("Nobody"), _("Nothing more happens to this claim"), frozenset(), "grey", is_final=True),
    ),
    transitions=(
        # Which way a submitted claim goes (panel or straight to a verifier, CLM-10) is decided by its findings.
        Transition("submit_to_panel", _("Submit to the panel"), ("drafted", "returned"), "queued", P.CLAIMS_SUBMIT, notifies=PANEL),
        Transition("submit_to_verifier", _("Submit for verification"), ("drafted", "returned"), "unallocated", P.CLAIMS_SUBMIT, notifies=ADMIN),
        Transition("withdraw", _("Withdraw"), ("drafted", "queued", "returned", "approved_in_principle"), "withdrawn", P.CLAIMS_SUBMIT, needs_reason=True, is_warning=True),
        Transition("find_sufficient", _("Sufficient"), ("queued",), "unallocated", P.PANEL_DECIDE, needs_reason=True, notifies=CENTRE | ADMIN, actor_guards=NO_INTEREST),
        Transition("approve_in_principle", _("Approve in principle"), ("queued",), "approved_in_principle", P.PANEL_DECIDE, needs_reason=True, notifies=CENTRE, actor_guards=NO_INTEREST),
        Transition("find_insufficient", _("Insufficient"), ("queued",), "returned", P.PANEL_DECIDE, needs_reason=True, notifies=CENTRE, actor_guards=NO_INTEREST),
        # The missing evidence arrived: the claim resumes where it stood in the queue (CLM-07).
        Transition("resume", _("The missing evidence is there"), ("approved_in_principle",), "queued", P.CLAIMS_SUBMIT, notifies=PANEL),
        Transition("allocate", _("Allocate"), ("unallocated",), "allocated", P.VERIFICATION_ALLOCATE, notifies=VERIFIER | CENTRE),
        Transition("reallocate", _("Take back from the verifier"), ("allocated",), "unallocated", P.VERIFICATION_ALLOCATE, needs_reason=True),
        Transition("verify", _("Finish verification"), ("allocated",), "verified", P.VERIFICATION_DECIDE, notifies=ADMIN | CENTRE),
        Transition("record_results", _("Record the results"), ("verified",), "processed", by_process=True, notifies=CENTRE),
    ),
)  # fmt: skip

# While a claim is with its centre its eRAC and checklist are open. Approved in principle counts: what was missing is
# added then, and the achievements of a blank eRAC whose plan was approved (CLM-04, CLM-07).
EDITABLE_STATES = frozenset({"drafted", "returned", "approved_in_principle"})
