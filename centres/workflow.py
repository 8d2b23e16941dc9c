"""How direct claims status moves, for one centre and one qualification. One table; `awarding.workflow` applies it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from awarding.accounts.roles import Permission as P
from awarding.accounts.roles import Role
from awarding.workflow.table import State, Transition, Workflow

ADMIN = frozenset({Role.AO_ADMIN})
CENTRE = frozenset({Role.QUALITY_CONTACT, Role.HEAD_OF_CENTRE})
CONCERNED = frozenset({Role.QUALITY_CONTACT, Role.DIRECT_CLAIMS_VERIFIER})

DIRECT_CLAIMS = Workflow(
    name="direct_claims_status",
    title=_("Direct claims"),
    initial="applied",
    event_labels={
        "apply": _("Applied for"),
        "recommend": _("Recommended by an external verifier"),
        "reapply": _("Applied for again"),
        "grant": _("Granted"),
        "refuse": _("Not granted"),
        "freeze": _("Frozen"),
        "restore": _("Restored"),
        "remove": _("Removed"),
        "monitor": _("Monitoring recorded"),
        "carry_over": _("Taken over from the status that held for the whole centre"),
    },
    states=(
        State("applied", _("Applied for"), _("The AO"), _("The AO grants it, or says why not"), ADMIN, "blue"),
        State("granted", _("Granted"), _("The centre"), _("The centre’s own verifier may release claims"), CENTRE, "green"),
        State("frozen", _("Frozen"), _("The AO"), _("Claims go to an external verifier until it is restored or removed"), ADMIN, "yellow"),
        State("removed", _("Removed"), _("The centre"), _("The centre may apply again"), CENTRE, "red"),
        State("refused", _("Not granted"), _("The centre"), _("The centre may apply again"), CENTRE, "grey"),
    ),
    transitions=(
        Transition("reapply", _("Apply again"), ("refused", "removed"), "applied", P.DIRECT_CLAIMS_APPLY, needs_reason=True, notifies=ADMIN),
        Transition("grant", _("Grant"), ("applied",), "granted", P.DIRECT_CLAIMS_DECIDE, needs_reason=True, notifies=CONCERNED),
        Transition("refuse", _("Do not grant"), ("applied",), "refused", P.DIRECT_CLAIMS_DECIDE, needs_reason=True, notifies=CONCERNED),
        Transition("freeze", _("Freeze"), ("granted",), "frozen", P.DIRECT_CLAIMS_DECIDE, needs_reason=True, notifies=CONCERNED, is_warning=True),
        Transition("restore", _("Restore"), ("frozen",), "granted", P.DIRECT_CLAIMS_DECIDE, needs_reason=True, notifies=CONCERNED),
        Transition("remove", _("Remove"), ("granted", "frozen"), "removed", P.DIRECT_CLAIMS_DECIDE, needs_reason=True, notifies=CONCERNED, is_warning=True),
    ),
)  # fmt: skip
