"""Who may sign in the head's place, and what becomes of a declaration that is missing. Part of `qtag.workflow`."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from awarding.accounts.roles import Permission as P
from awarding.accounts.roles import Role
from awarding.findings.finding import Finding, Severity
from awarding.workflow.table import State, Transition, Workflow

ADMIN = frozenset({Role.AO_ADMIN})
HEAD = frozenset({Role.HEAD_OF_CENTRE})
INVESTIGATORS = frozenset({Role.INVESTIGATIONS})


def refuse_over(deputy: Any) -> list[Finding]:
    """Nobody is accepted for days that are past (HOC-01)."""
    if deputy.last_day >= timezone.localdate():
        return []
    return [
        Finding("HOC-01", Severity.BLOCKS, _("Deputy"), _("The last day on which they would sign has passed."),
                _("Refuse it; the head of centre names them again with a later day."), "deputy_over")
    ]  # fmt: skip


def refuse_oneself(deputy: Any, actor: Any) -> list[Finding]:
    """Nobody accepts themselves (HOC-01)."""
    if actor.person is None or actor.person.pk != deputy.person_id:
        return []
    return [
        Finding("HOC-01", Severity.BLOCKS, _("You"), _("You are the deputy who is named."),
                _("Leave the decision to a colleague."), "deputy_oneself")
    ]  # fmt: skip


DEPUTY = Workflow(
    name="deputy",
    title=_("Deputies of heads of centre"),
    initial="named",
    event_labels={
        "name": _("Named by the head of centre"),
        "accept": _("Accepted by the AO"),
        "refuse": _("Refused by the AO"),
        "take_back": _("Taken back by the head of centre"),
        "end": _("Ended early by the AO"),
    },
    states=(
        State("named", _("Waiting for the AO"), _("The AO"), _("The AO accepts or refuses the deputy"), ADMIN, "orange"),
        State("accepted", _("Accepted"), _("Nobody"), _("The deputy may sign until the last day"), frozenset(), "green"),
        State("refused", _("Refused"), _("Nobody"), _("The head signs, or names somebody else"), colour="red", is_final=True),
        State("taken_back", _("Taken back"), _("Nobody"), _("The head signs, or names somebody else"), colour="grey", is_final=True),
        State("ended", _("Ended"), _("Nobody"), _("What the deputy signed stands"), colour="grey", is_final=True),
    ),
    transitions=(
        Transition("accept", _("Accept"), ("named",), "accepted", P.DEPUTIES_DECIDE, notifies=HEAD, guards=(refuse_over,), actor_guards=(refuse_oneself,)),
        Transition("refuse", _("Refuse"), ("named",), "refused", P.DEPUTIES_DECIDE, needs_reason=True, notifies=HEAD, is_warning=True),
        Transition("take_back", _("Take back"), ("named", "accepted"), "taken_back", P.DECLARATIONS_SIGN, needs_reason=True, notifies=ADMIN, is_warning=True),
        Transition("end", _("End early"), ("accepted",), "ended", P.DEPUTIES_DECIDE, needs_reason=True, notifies=HEAD, is_warning=True),
    ),
)  # fmt: skip

DECLARATION_CONCERN = Workflow(
    name="declaration_concern",
    title=_("Declarations that are missing"),
    initial="raised",
    event_labels={
        "raise": _("The declaration was missing on its day"),
        "uphold": _("Taken further as malpractice"),
        "dismiss": _("Judged to be no malpractice"),
        "reconsider": _("Opened again"),
    },
    states=(
        State("raised", _("To be judged"), _("The AO"), _("The AO judges whether it is malpractice"), ADMIN | INVESTIGATORS, "orange"),
        State("upheld", _("Taken further"), _("Investigations"), _("Investigations deal with it as malpractice"), INVESTIGATORS, "red", is_final=True),
        State("dismissed", _("No malpractice"), _("Nobody"), _("The declaration itself is still needed before results"), colour="green", is_final=True),
    ),
    transitions=(
        Transition("uphold", _("Take it further as malpractice"), ("raised",), "upheld", P.CONCERNS_JUDGE, needs_reason=True, notifies=INVESTIGATORS, is_warning=True),
        Transition("dismiss", _("It is no malpractice"), ("raised",), "dismissed", P.CONCERNS_JUDGE, needs_reason=True),
        Transition("reconsider", _("Open it again"), ("upheld", "dismissed"), "raised", P.CONCERNS_JUDGE, needs_reason=True, notifies=ADMIN, is_warning=True),
    ),
)  # fmt: skip
