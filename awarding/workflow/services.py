"""The one function that moves a stateful row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from awarding.accounts.standing import Actor, PermissionMissingError, Process
from awarding.audit.services import record, record_alike
from awarding.findings.finding import Finding, blocking
from awarding.workflow.models import Stateful, StatusEvent
from awarding.workflow.table import Transition, Workflow

Subject = TypeVar("Subject", bound=Stateful)


class TransitionError(Exception):
    """A move that was refused. `str()` is fit for the page."""


class StalePageError(TransitionError):
    """Somebody else moved the thing since the page was made."""


class ReasonMissingError(TransitionError):
    """The move asks for a reason and got none."""


class GuardedError(TransitionError):
    """A check blocks the move; `findings` say which, where and how to mend it."""

    def __init__(self, findings: list[Finding]) -> None:
        self.findings = findings
        super().__init__(" ".join(f"{f.what} {f.fix}" for f in findings))


def apply_transition(
    workflow: Workflow,
    subject: Subject,
    name: str,
    *,
    actor: Actor,
    reason: str = "",
    expected_version: int | None = None,
    data: dict[str, Any] | None = None,
    changes: dict[str, Any] | None = None,
) -> Subject:
    """Moves `subject` along the transition `name` in one transaction and answers the fresh, locked row.

    Locks the row; then asks, in this order: has it moved since `expected_version` (StalePageError), does its state allow
    the move (StalePageError), may the actor (PermissionMissingError), is a reason given (ReasonMissingError), do the guards
    agree (GuardedError). Then writes the state with `changes` (other fields of the row), a StatusEvent with `data`, and
    the audit record. Nothing of it remains when anything of it fails.
    """
    move = workflow.transition(name)
    with transaction.atomic():
        locked: Subject = type(subject).objects.select_for_update(of=("self",)).get(pk=subject.pk)
        _refuse_stale(workflow, move, locked, expected_version)
        _refuse_stranger(move, locked, actor)
        if move.needs_reason and not reason.strip():
            raise ReasonMissingError(_("Give a reason: the people concerned will read it."))
        found = [f for guard in move.guards for f in guard(locked)]
        found += [f for guard in move.actor_guards for f in guard(locked, actor)]
        stopping = blocking(found)
        if stopping:
            raise GuardedError(stopping)
        source = locked.state
        for attribute, value in (changes or {}).items():
            setattr(locked, attribute, value)
        locked.state = move.target
        locked.state_since = timezone.now()
        locked.version += 1
        locked.save()
        write_event(locked, move.name, source, actor=actor, reason=reason, data=data)
    return locked


def write_event(
    subject: Stateful,
    transition: str,
    source: str,
    *,
    actor: Actor,
    reason: str = "",
    data: dict[str, Any] | None = None,
) -> StatusEvent:
    """The history row and the audit record of one move (or of the row's beginning, with an empty `source`)."""
    event = StatusEvent.objects.create(
        target_type=subject._meta.label_lower,
        target_id=subject.pk,
        transition=transition,
        source=source,
        target=subject.state,
        actor=actor.person,
        process=actor.name if isinstance(actor, Process) else "",
        reason=reason.strip(),
        data=data or {},
    )
    facts = {"from": source, "to": subject.state, "reason": reason.strip()}
    record(f"{subject._meta.model_name}.{transition}", actor=actor, target=subject, data=facts)
    return event


def write_beginnings(subjects: Sequence[Stateful], name: str, *, actor: Actor, data: dict[str, Any]) -> None:
    """The history rows and audit records of many new rows of one kind that begin in the same state."""
    if not subjects:
        return
    first = subjects[0]
    StatusEvent.objects.bulk_create(
        StatusEvent(
            target_type=row._meta.label_lower, target_id=row.pk, transition=name, target=row.state, actor=actor.person,
            process=actor.name if isinstance(actor, Process) else "", data=data,
        )
        for row in subjects
    )  # fmt: skip
    facts = {"from": "", "to": first.state, "reason": ""} | data
    record_alike(f"{first._meta.model_name}.{name}", actor=actor, targets=subjects, data=facts)


def _refuse_stale(workflow: Workflow, move: Transition, locked: Stateful, expected_version: int | None) -> None:
    moved_on = expected_version is not None and locked.version != expected_version
    if moved_on or locked.state not in move.sources:
        raise StalePageError(
            _(
                "Someone else decided first: this is now “%(state)s”. Nothing of yours was saved. Look at it again below."
            )
            % {"state": workflow.state(locked.state).label}
        )


def _refuse_stranger(move: Transition, locked: Stateful, actor: Actor) -> None:
    if move.permission is None:
        if not isinstance(actor, Process):
            raise PermissionMissingError(_("Only the portal itself makes this move."))
        return
    if isinstance(actor, Process) or not actor.can(move.permission, getattr(locked, "centre_id", None)):
        raise PermissionMissingError(_("You may not do this: %(what)s") % {"what": move.permission.label})
