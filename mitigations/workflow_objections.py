"""How a disputed outcome and an appeal against a decision move.

Part of `mitigations.workflow`, which names them for the portal.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from awarding.accounts.roles import Permission as P
from awarding.accounts.roles import Role
from awarding.findings.finding import Finding, Severity
from awarding.workflow.table import State, Transition, Workflow

CENTRE_VOICES = frozenset({Role.QUALITY_CONTACT, Role.HEAD_OF_CENTRE})
ADMIN = frozenset({Role.AO_ADMIN})
DECIDERS = frozenset({Role.AO_ADMIN, Role.RESPONSIBLE_OFFICER, Role.PANEL_MEMBER, Role.PANEL_CHAIR})

OUTCOME_DISPUTE = Workflow(
    name="outcome_dispute",
    title=_("Disputed outcomes"),
    initial="raised",
    event_labels={
        "raise": _("Raised"),
        "keep": _("The outcome was kept"),
        "change": _("The outcome was changed"),
        "withdraw": _("Withdrawn by the centre"),
    },
    states=(
        State("raised", _("Raised"), _("The AO"), _("The AO keeps or changes the outcome, with its reason"), ADMIN, "blue"),
        State("kept", _("Outcome kept"), _("Nobody"), _("The outcome stands as it was"), colour="grey", is_final=True),
        State("changed", _("Outcome changed"), _("Nobody"), _("The new outcome is in force, and every centre it touches was told"), colour="green", is_final=True),
        State("withdrawn", _("Withdrawn"), _("Nobody"), _("The outcome stands as it was"), colour="grey", is_final=True),
    ),
    transitions=(
        Transition("keep", _("Keep the outcome"), ("raised",), "kept", P.OUTCOMES_SET, needs_reason=True, notifies=CENTRE_VOICES),
        Transition("change", _("Change the outcome"), ("raised",), "changed", P.OUTCOMES_SET, needs_reason=True, notifies=CENTRE_VOICES),
        Transition("withdraw", _("Withdraw"), ("raised",), "withdrawn", P.OUTCOMES_DISPUTE, needs_reason=True, notifies=ADMIN, is_warning=True),
    ),
)  # fmt: skip


def took_part(appeal: Any, person_id: int) -> bool:
    """Whether a person decided what is appealed against, or answered the appeal at an earlier stage."""
    decision = appeal.decision
    if decision.decided_by_id == person_id or appeal.rounds.filter(decided_by_id=person_id).exists():
        return True
    return decision.case_id is not None and decision.case.opinions.filter(given_by_id=person_id).exists()


def refuse_who_took_part(appeal: Any, actor: Any) -> list[Finding]:
    """An appeal is answered by somebody who took no part in the decision nor in an earlier answer (CLM-15)."""
    if not took_part(appeal, actor.person.pk):
        return []
    return [
        Finding(
            "CLM-15", Severity.BLOCKS, _("You"), _("You decided this claim, or answered the appeal at an earlier stage."),
            _("Leave the answer to somebody who took no part in it."), "took_part",
        )
    ]  # fmt: skip


def refuse_interest_in_appeal(appeal: Any, actor: Any) -> list[Finding]:
    """Nor by somebody with an interest in the centre, declared or by working there (CLM-08)."""
    declared = appeal.centre.interests.filter(person_id=actor.person.pk, ended_at=None).exists()
    if not declared and appeal.centre_id not in actor.centre_ids:
        return []
    return [
        Finding(
            "CLM-08", Severity.BLOCKS, _("You"), _("You declared an interest in this centre, or work there."),
            _("Leave the answer to somebody else."), "declared_interest",
        )
    ]  # fmt: skip


NO_PART = (refuse_who_took_part, refuse_interest_in_appeal)
ANSWERED = ("not_upheld", "partly_upheld")

APPEAL = Workflow(
    name="appeal",
    title=_("Appeals"),
    initial="lodged",
    event_labels={
        "lodge": _("Lodged"),
        "uphold": _("Upheld"),
        "uphold_in_part": _("Upheld in part"),
        "not_uphold": _("Not upheld"),
        "go_on": _("Taken to the next stage"),
        "accept": _("The answer was accepted"),
        "end": _("Ended"),
        "withdraw": _("Withdrawn by the centre"),
    },
    states=(
        State("lodged", _("Lodged"), _("The AO"), _("Somebody who took no part in the decision answers"), DECIDERS, "blue"),
        State("upheld", _("Upheld"), _("Nobody"), _("The claim is with the panel again"), colour="green", is_final=True),
        State("partly_upheld", _("Upheld in part"), _("The centre"), _("Accept the answer, or go to the next stage in time"), CENTRE_VOICES, "yellow"),
        State("not_upheld", _("Not upheld"), _("The centre"), _("Accept the answer, or go to the next stage in time"), CENTRE_VOICES, "orange"),
        State("closed", _("Ended"), _("Nobody"), _("The last answer stands; what it upheld is decided again"), colour="grey", is_final=True),
        State("withdrawn", _("Withdrawn"), _("Nobody"), _("The decision stands"), colour="grey", is_final=True),
    ),
    transitions=(
        Transition("uphold", _("Uphold"), ("lodged",), "upheld", P.APPEALS_DECIDE, needs_reason=True, notifies=CENTRE_VOICES, actor_guards=NO_PART),
        Transition("uphold_in_part", _("Uphold in part"), ("lodged",), "partly_upheld", P.APPEALS_DECIDE, needs_reason=True, notifies=CENTRE_VOICES, actor_guards=NO_PART),
        Transition("not_uphold", _("Do not uphold"), ("lodged",), "not_upheld", P.APPEALS_DECIDE, needs_reason=True, notifies=CENTRE_VOICES, actor_guards=NO_PART),
        Transition("go_on", _("Go to the next stage"), ANSWERED, "lodged", P.APPEALS_LODGE, needs_reason=True, notifies=ADMIN),
        Transition("accept", _("Accept the answer"), ANSWERED, "closed", P.APPEALS_LODGE, notifies=ADMIN),
        # There is no further stage, or its time went by.
        Transition("end", _("End"), ANSWERED, "closed", by_process=True),
        Transition("withdraw", _("Withdraw"), ("lodged",), "withdrawn", P.APPEALS_LODGE, needs_reason=True, notifies=ADMIN, is_warning=True),
    ),
)  # fmt: skip
