"""How an enquiry moves between the one who asked and the one who answers."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from awarding.accounts.roles import CENTRE_ROLES
from awarding.accounts.roles import Permission as P
from awarding.workflow.table import State, Transition, Workflow

OPEN_AT_AO = ("asked", "reopened")

ENQUIRY = Workflow(
    name="enquiry",
    title=_("Enquiries"),
    initial="asked",
    event_labels={
        "ask": _("Asked"),
        "answer": _("Answered"),
        "ask_back": _("Something was asked back"),
        "reply": _("The centre replied"),
        "reopen": _("Opened again"),
        "close": _("Closed by the centre"),
        "close_by_ao": _("Closed by the awarding organisation"),
        "assign": _("Handed on"),
    },
    states=(
        State("asked", _("Asked"), _("The awarding organisation"), _("Its owner answers"), colour="blue"),
        State("answered", _("Answered"), _("The centre"), _("Read the answer. Close it, or write again if something is still open"), CENTRE_ROLES, "green"),
        State("waiting", _("Waiting for the centre"), _("The centre"), _("Answer what was asked back"), CENTRE_ROLES, "yellow"),
        State("reopened", _("Opened again"), _("The awarding organisation"), _("Its owner answers what is still open"), colour="orange"),
        State("closed", _("Closed"), _("Nobody"), _("It can be opened again by writing"), colour="grey", is_final=True),
    ),
    transitions=(
        Transition("answer", _("Answer"), ("asked", "reopened", "waiting", "answered"), "answered", P.ENQUIRIES_ANSWER),
        Transition("ask_back", _("Ask back"), ("asked", "reopened"), "waiting", P.ENQUIRIES_ANSWER),
        Transition("reply", _("Reply"), ("waiting",), "asked", P.ENQUIRIES_ASK),
        Transition("reopen", _("Open again"), ("answered", "closed"), "reopened", P.ENQUIRIES_ASK),
        Transition("close", _("Close"), ("asked", "answered", "waiting", "reopened"), "closed", P.ENQUIRIES_ASK),
        Transition("close_by_ao", _("Close"), ("asked", "answered", "waiting", "reopened"), "closed", P.ENQUIRIES_ANSWER, needs_reason=True, is_warning=True),
    ),
)  # fmt: skip
