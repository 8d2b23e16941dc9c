"""The one way into the audit trail."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import models

from awarding.accounts.models import User
from awarding.accounts.standing import Process, Standing
from awarding.audit.models import AuditRecord
from awarding.tenancy.prepared_writes import Write, inserting, write


class AnonymousActorError(ValueError):
    """An event was to be recorded with nobody answerable for it."""


def record(
    event: str,
    *,
    actor: Standing | Process | User,
    target: models.Model | None = None,
    data: dict[str, Any] | None = None,
) -> None:
    """Adds one event, in the transaction of what it tells of: both happen or neither.

    `event` is noun.verb in the past ("claim.submitted"); `data` is JSON with what a reader needs to understand it.
    Raises AnonymousActorError without a person or a named process.
    """
    write(recording(event, actor=actor, target=target, data=data))


def recording(
    event: str,
    *,
    actor: Standing | Process | User,
    target: models.Model | None = None,
    data: dict[str, Any] | None = None,
) -> Write:
    """`record` as a statement, for a service that sends it along with what it tells of."""
    person, process = _answerable(event, actor)
    return inserting(
        AuditRecord,
        event=event,
        actor_id=person.pk if person is not None else None,
        process=process,
        target_type=target._meta.label_lower if target is not None else "",
        target_id=target.pk if target is not None else None,
        data=data or {},
    )


def record_alike(
    event: str, *, actor: Standing | Process | User, targets: Iterable[models.Model], data: dict[str, Any]
) -> None:
    """`record` for many rows of one kind to which the same happened: one event each, one statement for all."""
    person, process = _answerable(event, actor)
    AuditRecord.objects.bulk_create(
        AuditRecord(
            event=event, actor=person, process=process, target_type=target._meta.label_lower, target_id=target.pk,
            data=data,
        )
        for target in targets
    )  # fmt: skip


def _answerable(event: str, actor: Standing | Process | User) -> tuple[User | None, str]:
    """The person, or the name of the process; AnonymousActorError where there is neither."""
    person = actor if isinstance(actor, User) else getattr(actor, "person", None)
    process = actor.name if isinstance(actor, Process) else ""
    if person is None and not process:
        raise AnonymousActorError(f"Who did {event!r}? Pass the person or a named Process.")
    return person, process
