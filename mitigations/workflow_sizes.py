"""How a request to move a learner to another size goes. Part of `mitigations.workflow`, which names it for the portal."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from awarding.accounts.roles import Permission as P
from awarding.accounts.roles import Role
from awarding.findings.finding import Finding, Severity
from awarding.workflow.table import State, Transition, Workflow

CONTACT = frozenset({Role.QUALITY_CONTACT})
ADMIN = frozenset({Role.AO_ADMIN})


def refuse_flagged(move: Any) -> list[Finding]:
    """A possible disadvantage does not pass without the AO (MIT-13)."""
    if not move.is_flagged:
        return []
    return [
        Finding(
            "MIT-13", Severity.BLOCKS, move.registration.learner.full_name,
            _("This move may cost the learner: the awarding organisation decides."),
            _("Wait for its answer, or withdraw the request."), "ao_decides",
        )
    ]  # fmt: skip


def refuse_immovable(move: Any) -> list[Finding]:
    """A registration moves while it is as the request found it, and stands on no eRAC (MIT-13)."""
    registration = move.registration
    where = registration.learner.full_name
    if registration.qualification_id != move.source_id or registration.status != registration.Status.ACTIVE:
        gone = _("The registration has ended or moved since.")
        return [Finding("MIT-13", Severity.BLOCKS, where, gone, _("Withdraw the request."), "moved_since")]
    row = registration.claim_rows.exclude(claim__state="withdrawn").select_related("claim").first()
    if row is not None:
        stands = _("The learner stands on eRAC %(number)s of the present size.") % {"number": row.claim.number}
        fix = _("Withdraw that eRAC first, or claim the present size with its mitigation.")
        return [Finding("MIT-13", Severity.BLOCKS, where, stands, fix, "on_a_claim")]
    if registration.learner.registrations.filter(qualification_id=move.target_id).exists():
        what = _("The learner is registered for the other size already.")
        fix = _("Withdraw the request, and have the registration ended that is not wanted.")
        return [Finding("MIT-13", Severity.BLOCKS, where, what, fix, "registered_already")]
    return []


SIZE_MOVE = Workflow(
    name="size_move",
    title=_("Moves to another size"),
    initial="requested",
    event_labels={
        "request": _("Asked for by the centre"),
        "make": _("Moved"),
        "agree": _("Agreed: moved"),
        "decline": _("Declined"),
        "withdraw": _("Withdrawn by the centre"),
    },
    states=(
        State("requested", _("Waiting for the AO"), _("The AO"), _("The AO agrees or declines"), ADMIN, "orange"),
        State("moved", _("Moved"), _("Nobody"), _("The learner goes on with the other size"), colour="green", is_final=True),
        State("declined", _("Declined"), _("Nobody"), _("The learner stays on the present size"), colour="red", is_final=True),
        State("withdrawn", _("Withdrawn"), _("Nobody"), _("The learner stays on the present size"), colour="grey", is_final=True),
    ),
    transitions=(
        Transition("make", _("Move the learner"), ("requested",), "moved", P.IMPACT_ANSWER, guards=(refuse_flagged, refuse_immovable)),
        Transition("agree", _("Agree: the learner moves"), ("requested",), "moved", P.IMPACT_MANAGE, guards=(refuse_immovable,), needs_reason=True, notifies=CONTACT),
        Transition("decline", _("Decline"), ("requested",), "declined", P.IMPACT_MANAGE, needs_reason=True, notifies=CONTACT, is_warning=True),
        Transition("withdraw", _("Withdraw"), ("requested",), "withdrawn", P.IMPACT_ANSWER, needs_reason=True, notifies=ADMIN, is_warning=True),
    ),
)  # fmt: skip
