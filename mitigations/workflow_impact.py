"""How impact cases, notices to centres, their lines and questions about delayed assessments move.

Part of `mitigations.workflow`, which names them for the portal.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from awarding.accounts.roles import Permission as P
from awarding.accounts.roles import Role
from awarding.findings.finding import Finding, Severity
from awarding.workflow.table import State, Transition, Workflow
from centres.rules.unregistered import unregistered_learner

CONTACT = frozenset({Role.QUALITY_CONTACT})
ADMIN = frozenset({Role.AO_ADMIN})


def refuse_other_than_owner(case: Any, actor: Any) -> list[Finding]:
    """A case has one owner at the AO, who decides it (MIT-08)."""
    if case.owner_id == actor.person.pk:
        return []
    return [
        Finding(
            "MIT-08", Severity.BLOCKS, case.number, _("The case is with somebody else at the AO."),
            _("Take it on first; its history then shows who had it."), "not_the_owner",
        )
    ]  # fmt: skip


def refuse_unregistered(case: Any) -> list[Finding]:
    """Nobody is taken in without a registration (MIT-07)."""
    if case.registration_id is not None:
        return []
    return [unregistered_learner(case.number, uln=case.uln, qualification=str(case.qualification))]


def refuse_unregistered_line(line: Any) -> list[Finding]:
    """A learner is not “added” while there is no registration at the centre for them (MIT-07)."""
    if line.kind != line.Kind.LEARNER or not (line.uln and line.qualification_id):
        return []
    registrations = line.centre.registrations.filter(learner__uln=line.uln, qualification_id=line.qualification_id)
    if registrations.exclude(status="withdrawn").exists():
        return []
    return [unregistered_learner(line.learner_name or line.uln, uln=line.uln, qualification=str(line.qualification))]


def refuse_superseded(notice: Any) -> list[Finding]:
    """A notice that a newer round replaced is not answered any more (MIT-10)."""
    if notice.round.superseded_at is None:
        return []
    return [
        Finding(
            "MIT-10", Severity.BLOCKS, _("The notice"), _("A newer notice has replaced this one."),
            _("Open the newest notice to your centre and answer that one."), "superseded",
        )
    ]  # fmt: skip


def refuse_open_lines(notice: Any) -> list[Finding]:
    """A notice is not settled while one of its lines has no answer (MIT-10)."""
    waiting = notice.lines.filter(state="open").count()
    if not waiting:
        return []
    return [
        Finding(
            "MIT-10", Severity.BLOCKS, _("The notice"),
            _("%(count)s of the lines reported have no answer yet.") % {"count": waiting},
            _("Settle each line: added, explained, or refused with the reason."), "open_lines",
        )
    ]  # fmt: skip


OWNER = (refuse_other_than_owner,)
CASE_EVENTS = {
    "raise": _("Raised by the centre"),
    "take": _("Taken on"),
    "ask": _("Asked the centre"),
    "answer": _("Answered by the centre"),
    "recall": _("The AO goes on without an answer"),
    "accept": _("Accepted: counts as impacted"),
    "refuse": _("Refused"),
    "reopen": _("Opened again"),
    "withdraw": _("Withdrawn by the centre"),
}
IMPACT_CASE = Workflow(
    name="impact_case",
    title=_("Impact cases"),
    initial="raised",
    event_labels=CASE_EVENTS,
    states=(
        State("raised", _("Waiting to be taken on"), _("The AO"), _("Somebody at the AO takes the case on"), ADMIN, "blue"),
        State("owned", _("With its owner at the AO"), _("The AO"), _("The owner decides, or asks the centre for more"), ADMIN, "blue"),
        State("asked", _("Waiting for the centre"), _("The centre"), _("Do what is asked, then answer"), CONTACT, "yellow"),
        State("accepted", _("Accepted"), _("Nobody"), _("The learner counts as impacted: claim with the mitigation"), colour="green"),
        State("refused", _("Refused"), _("Nobody"), _("The ordinary conditions hold for this learner"), colour="red"),
        State("withdrawn", _("Withdrawn"), _("Nobody"), _("Nothing more happens to this case"), colour="grey", is_final=True),
    ),
    transitions=(
        Transition("take", _("Take it on"), ("raised", "owned"), "owned", P.IMPACT_MANAGE),
        Transition("ask", _("Ask the centre"), ("owned",), "asked", P.IMPACT_MANAGE, needs_reason=True, notifies=CONTACT, actor_guards=OWNER),
        Transition("answer", _("Answer"), ("asked",), "owned", P.IMPACT_ANSWER, needs_reason=True, notifies=ADMIN),
        Transition("recall", _("Go on without the centre’s answer"), ("asked",), "owned", P.IMPACT_MANAGE, needs_reason=True, notifies=CONTACT),
        Transition("accept", _("Accept: count as impacted"), ("owned",), "accepted", P.IMPACT_MANAGE, guards=(refuse_unregistered,), needs_reason=True, notifies=CONTACT, actor_guards=OWNER),
        Transition("refuse", _("Refuse"), ("owned",), "refused", P.IMPACT_MANAGE, needs_reason=True, notifies=CONTACT, is_warning=True, actor_guards=OWNER),
        Transition("reopen", _("Open it again"), ("accepted", "refused"), "owned", P.IMPACT_MANAGE, needs_reason=True, notifies=CONTACT),
        Transition("withdraw", _("Withdraw"), ("raised", "owned", "asked"), "withdrawn", P.IMPACT_ANSWER, needs_reason=True, is_warning=True, notifies=ADMIN),
    ),
)  # fmt: skip

CENTRE_NOTICE = Workflow(
    name="centre_notice",
    title=_("Notices to centres"),
    initial="made",
    event_labels={
        "make": _("Made"),
        "send": _("Sent to the quality contact"),
        "confirm": _("Confirmed by the centre"),
        "report": _("Something is missing, says the centre"),
        "settle": _("Everything reported is answered"),
    },
    states=(
        State("made", _("Nobody to send it to"), _("The AO"), _("Give the centre a quality contact, then send it"), ADMIN, "orange"),
        State("sent", _("Waiting for the centre"), _("The centre"), _("Compare it with your records; confirm it or say what is missing"), CONTACT, "yellow"),
        State("reported", _("Something is missing"), _("The AO"), _("Each line that the centre reported gets an answer"), ADMIN, "blue"),
        State("settled", _("Answered by the AO"), _("The centre"), _("Read the answers; confirm, or say what is still missing"), CONTACT, "yellow"),
        State("confirmed", _("Confirmed"), _("Nobody"), _("Claim for the learners named"), colour="green"),
    ),
    transitions=(
        Transition("send", _("Send"), ("made",), "sent", by_process=True, notifies=CONTACT),
        Transition("confirm", _("Confirm: nobody is missing"), ("sent", "settled"), "confirmed", P.IMPACT_ANSWER, guards=(refuse_superseded,)),
        # Somebody who turns up after the confirmation is reported all the same.
        Transition("report", _("Report what is missing"), ("sent", "settled", "confirmed"), "reported", P.IMPACT_ANSWER, guards=(refuse_superseded,), notifies=ADMIN),
        Transition("settle", _("Settled"), ("reported",), "settled", guards=(refuse_open_lines,), by_process=True, notifies=CONTACT),
    ),
)  # fmt: skip

NOTICE_LINE = Workflow(
    name="notice_line",
    title=_("What centres report as missing"),
    initial="open",
    event_labels={
        "report": _("Reported by the centre"),
        "add": _("Added"),
        "explain": _("Explained"),
        "refuse": _("Refused"),
        "take_back": _("Taken back by the centre"),
    },
    states=(
        State("open", _("Waiting for an answer"), _("The AO"), _("The AO adds it, explains it or refuses it"), ADMIN, "blue"),
        State("added", _("Added"), _("Nobody"), _("It is on the next notice"), colour="green", is_final=True),
        State("explained", _("Explained"), _("Nobody"), _("Read the answer"), colour="teal", is_final=True),
        State("refused", _("Refused"), _("Nobody"), _("Read the reason"), colour="red", is_final=True),
        State("taken_back", _("Taken back"), _("Nobody"), _("Nothing more happens to it"), colour="grey", is_final=True),
    ),
    transitions=(
        Transition("add", _("Added: it belongs on the notice"), ("open",), "added", P.IMPACT_MANAGE, guards=(refuse_unregistered_line,)),
        Transition("explain", _("Explained: it is there, or comes another way"), ("open",), "explained", P.IMPACT_MANAGE, needs_reason=True),
        Transition("refuse", _("Refused: it is not impacted"), ("open",), "refused", P.IMPACT_MANAGE, needs_reason=True, is_warning=True),
        Transition("take_back", _("Take back"), ("open",), "taken_back", P.IMPACT_ANSWER),
    ),
)  # fmt: skip

DELAY_QUESTION = Workflow(
    name="delay_question",
    title=_("Questions about delayed assessments"),
    initial="asked",
    event_labels={"ask": _("Asked"), "answer": _("Answered by the centre")},
    states=(
        State("asked", _("Waiting for the centre"), _("The centre"), _("Say when your learners can sit, and how many"), CONTACT, "yellow"),
        State("answered", _("Answered"), _("The AO"), _("The AO publishes the new dates"), ADMIN, "blue"),
    ),
    transitions=(
        # A centre may change its answer as long as it likes: the history has each one.
        Transition("answer", _("Answer"), ("asked", "answered"), "answered", P.IMPACT_ANSWER, notifies=ADMIN),
    ),
)  # fmt: skip
