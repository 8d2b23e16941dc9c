"""How a Q-TAG moves from open to submitted, when a signed part stops covering it, and how a submission becomes results.

`awarding.workflow` applies all three.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from awarding.accounts.roles import Permission as P
from awarding.accounts.roles import Role
from awarding.findings.finding import Finding, Severity
from awarding.workflow.table import State, Transition, Workflow
from qtag.workflow_declaration import DECLARATION_CONCERN, DEPUTY
from qtag.workflow_hold import EVIDENCE_HOLD

__all__ = ["DECLARATION_CONCERN", "DECLARATION_PART", "DEPUTY", "EVIDENCE_HOLD", "JUDGEMENT"]

TEACHERS = frozenset({Role.TEACHER})
LEAD = frozenset({Role.LEAD_INTERNAL_VERIFIER})
DEPARTMENT = frozenset({Role.HEAD_OF_DEPARTMENT})
HEAD = frozenset({Role.HEAD_OF_CENTRE})
CONTACT = frozenset({Role.QUALITY_CONTACT})


def refuse_own_judgement(judgement: Any, actor: Any) -> list[Finding]:
    """Nobody endorses a grade that they gave or proposed themselves (QTG-11)."""
    if actor.person is None or actor.person.pk not in (judgement.proposed_by_id, judgement.graded_by_id):
        return []
    return [
        Finding(
            "QTG-11", Severity.BLOCKS, _("You"), _("You gave or proposed this grade yourself."),
            _("Leave the endorsement to somebody else who holds the role, or ask the quality contact to name one."),
            "own_judgement",
        )
    ]  # fmt: skip


OTHERS = (refuse_own_judgement,)
RETURNABLE = ("proposed", "lead_endorsed", "department_endorsed", "agreed")

JUDGEMENT = Workflow(
    name="judgement",
    title=_("Teacher assessed grades (Q-TAGs)"),
    initial="open",
    event_labels={
        "begin": _("Begun"),
        "propose": _("Proposed"),
        "recall": _("Taken back by the teacher"),
        "endorse_lead": _("Endorsed by the lead internal verifier"),
        "endorse_department": _("Endorsed by the head of department"),
        "agree": _("Agreed by the head of centre"),
        "return_lead": _("Returned by the lead internal verifier"),
        "return_department": _("Returned by the head of department"),
        "return_head": _("Returned by the head of centre"),
        "submit": _("Submitted"),
        "reopen": _("Reopened by the AO"),
    },
    states=(
        State("open", _("Being judged"), _("The teacher"), _("Record the evidence, give a grade, propose it"), TEACHERS, "grey"),
        State("proposed", _("Proposed"), _("The lead internal verifier"), _("The lead endorses or returns it"), LEAD, "blue"),
        State("lead_endorsed", _("Endorsed by the lead"), _("The head of department"), _("The head of department endorses or returns it"), DEPARTMENT, "turquoise"),
        State("department_endorsed", _("Endorsed by the department"), _("The head of centre"), _("The head of centre agrees or returns it"), HEAD, "purple"),
        State("agreed", _("Agreed"), _("The quality contact"), _("It can be submitted"), CONTACT, "yellow"),
        State("submitted", _("Submitted"), _("Nobody"), _("Only the AO can reopen it"), frozenset(), "green", is_final=True),
    ),
    transitions=(
        Transition("propose", _("Propose"), ("open",), "proposed", P.QTAGS_JUDGE, notifies=LEAD),
        Transition("recall", _("Take back"), ("proposed",), "open", P.QTAGS_JUDGE, needs_reason=True),
        Transition("endorse_lead", _("Endorse as lead internal verifier"), ("proposed",), "lead_endorsed", P.QTAGS_ENDORSE_LEAD, actor_guards=OTHERS),
        Transition("return_lead", _("Return as lead internal verifier"), ("proposed",), "open", P.QTAGS_ENDORSE_LEAD, needs_reason=True),
        Transition("endorse_department", _("Endorse as head of department"), ("lead_endorsed",), "department_endorsed", P.QTAGS_ENDORSE_DEPARTMENT, actor_guards=OTHERS),
        Transition("return_department", _("Return as head of department"), ("lead_endorsed",), "open", P.QTAGS_ENDORSE_DEPARTMENT, needs_reason=True),
        Transition("agree", _("Agree as head of centre"), ("department_endorsed",), "agreed", P.QTAGS_AGREE, actor_guards=OTHERS),
        Transition("return_head", _("Return as head of centre"), ("department_endorsed", "agreed"), "open", P.QTAGS_AGREE, needs_reason=True),
        Transition("submit", _("Submit"), ("agreed",), "submitted", P.QTAGS_SUBMIT),
        Transition("reopen", _("Reopen"), ("submitted",), "open", P.QTAGS_REOPEN, needs_reason=True, is_warning=True),
    ),
)  # fmt: skip

DECLARATION_PART = Workflow(
    name="declaration_part",
    title=_("What a declaration covers"),
    initial="covering",
    event_labels={"sign": _("Signed"), "void": _("No longer covered: learners were reopened or submitted since")},
    states=(
        State("covering", _("Covered"), _("Nobody"), _("The declaration covers these grades"), frozenset(), "green"),
        State("voided", _("To be signed again"), _("The head of centre"), _("Grades changed after the signature: sign again"), HEAD, "red", is_final=True),
    ),
    transitions=(
        Transition("void", _("Void"), ("covering",), "voided", by_process=True, notifies=HEAD),
    ),
)  # fmt: skip

AWARD = Workflow(
    name="award",
    initial="accepted",
    event_labels={
        "accept": _("Accepted for results"),
        "accept_again": _("Accepted for results again"),
        "record": _("Results recorded"),
        "reopen": _("A learner was reopened: results withdrawn"),
    },
    states=(
        State("accepted", _("Accepted"), _("Nobody"), _("The portal records the results"), frozenset(), "blue"),
        State("recorded", _("Recorded"), _("Nobody"), _("The results are seen from their release"), frozenset(), "green"),
        State("reopened", _("Reopened"), _("The centre"), _("The reopened learners are judged, submitted and signed for again"), CONTACT, "orange"),
    ),
    transitions=(
        Transition("accept_again", _("Accept again"), ("accepted", "recorded", "reopened"), "accepted", P.RESULTS_PROCESS),
        Transition("record", _("Record the results"), ("accepted",), "recorded", by_process=True, notifies=CONTACT),
        Transition("reopen", _("Reopen"), ("accepted", "recorded"), "reopened", by_process=True),
    ),
)  # fmt: skip
