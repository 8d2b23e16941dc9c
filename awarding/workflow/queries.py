"""Reads of workflow: history, what an actor may do now, whose turn it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from awarding.accounts.standing import Standing
from awarding.tenancy.prepared import prepared
from awarding.workflow.models import Stateful, StatusEvent
from awarding.workflow.table import Text, Transition, Workflow


@dataclass(frozen=True)
class Turn:
    """Where a thing is: for the panel at the top of its page (template components/turn.html)."""

    state: Text
    colour: str
    holder: Text
    since: datetime
    next: Text
    due: datetime | None = None
    is_yours: bool = False


def history(subject: Stateful) -> list[StatusEvent]:
    """Every move of the row, oldest first, with its actor. One query."""
    return _events(target_type=subject._meta.label_lower, target_id=subject.pk)


@prepared
def _events(*, target_type: str, target_id: int) -> QuerySet[StatusEvent]:
    return StatusEvent.objects.filter(target_type=target_type, target_id=target_id).select_related("actor")


def moves_open_to(workflow: Workflow, subject: Stateful, standing: Standing) -> list[Transition]:
    """The transitions that this person may try now (guards are asked when they do)."""
    centre_id = getattr(subject, "centre_id", None)
    return [
        move
        for move in workflow.from_state(subject.state)
        if move.permission is not None and standing.can(move.permission, centre_id)
    ]


def turn(workflow: Workflow, subject: Stateful, standing: Standing | None = None) -> Turn:
    state = workflow.state(subject.state)
    centre_id = getattr(subject, "centre_id", None)
    yours = standing is not None and any(standing.has_role(role, centre_id) for role in state.roles)
    return Turn(state.label, state.colour, state.holder, subject.state_since, state.next, is_yours=yours)
