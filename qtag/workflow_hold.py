"""A hold on Q-TAG evidence is in force until it is lifted (QTG-19). Part of `qtag.workflow`."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from awarding.accounts.roles import Permission as P
from awarding.accounts.roles import Role
from awarding.workflow.table import State, Transition, Workflow

EVIDENCE_HOLD = Workflow(
    name="evidence_hold",
    title=_("Holds on the evidence of Q-TAGs"),
    initial="in_force",
    event_labels={"put": _("Put on the evidence"), "lift": _("Lifted")},
    states=(
        State("in_force", _("In force"), _("The AO"), _("Lift it when the matter has ended"), frozenset({Role.INVESTIGATIONS}), "orange"),
        State("lifted", _("Lifted"), _("Nobody"), _("The evidence is kept as long as any other"), colour="grey", is_final=True),
    ),
    transitions=(
        Transition("lift", _("Lift the hold"), ("in_force",), "lifted", P.EVIDENCE_HOLD, needs_reason=True, is_warning=True),
    ),
)  # fmt: skip
