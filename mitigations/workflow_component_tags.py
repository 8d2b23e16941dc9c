"""How a request for a component's grade goes. Part of `mitigations.workflow`, which names it for the portal."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from awarding.accounts.roles import Permission as P
from awarding.accounts.roles import Role
from awarding.findings.finding import Finding
from awarding.workflow.table import State, Transition, Workflow
from mitigations.workflow_objections import refuse_interest_in_appeal

CONTACT = frozenset({Role.QUALITY_CONTACT})
PANEL = frozenset({Role.PANEL_MEMBER, Role.PANEL_CHAIR})


def refuse_interested(tag: Any, actor: Any) -> list[Finding]:
    """Nobody decides for a centre that they work at or declared an interest in (CLM-08)."""
    return refuse_interest_in_appeal(tag, actor)


COMPONENT_TAG = Workflow(
    name="component_tag",
    title=_("Grades for single components"),
    initial="drafted",
    event_labels={
        "draft": _("Drafted by the centre"),
        "request": _("Sent to the AO"),
        "agree": _("Agreed: the grade is in the eRAC"),
        "refuse": _("Refused"),
        "withdraw": _("Withdrawn by the centre"),
    },
    states=(
        State("drafted", _("Drafted"), _("The centre"), _("Complete the request and send it"), CONTACT, "grey"),
        State("requested", _("Waiting for the AO"), _("The panel"), _("The panel agrees or refuses"), PANEL, "orange"),
        State("agreed", _("Agreed"), _("Nobody"), _("The grade counts in the eRAC"), colour="green"),
        State("refused", _("Refused"), _("The centre"), _("Assess the component and claim it in the ordinary way, or ask anew"), CONTACT, "red", is_final=True),
        State("withdrawn", _("Withdrawn"), _("Nobody"), _("The component is claimed in the ordinary way"), colour="grey", is_final=True),
    ),
    transitions=(
        Transition("request", _("Send it to the awarding organisation"), ("drafted",), "requested", P.CLAIMS_SUBMIT, notifies=PANEL),
        Transition("agree", _("Agree: the grade goes into the eRAC"), ("requested",), "agreed", P.PANEL_DECIDE, needs_reason=True, notifies=CONTACT, actor_guards=(refuse_interested,)),
        Transition("refuse", _("Refuse"), ("requested",), "refused", P.PANEL_DECIDE, needs_reason=True, notifies=CONTACT, is_warning=True, actor_guards=(refuse_interested,)),
        Transition("withdraw", _("Withdraw"), ("drafted", "requested", "agreed"), "withdrawn", P.CLAIMS_SUBMIT, needs_reason=True, is_warning=True),
    ),
)  # fmt: skip
