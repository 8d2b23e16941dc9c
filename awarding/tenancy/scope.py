"""Opening and closing an AO's scope: the manager's scope and the database's row-level setting, together.

The setting is local to a transaction, so a pooled connection cannot carry it into somebody else's request.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django_scopes import get_scope, scope

if TYPE_CHECKING:
    from awarding.tenancy.models import AwardingOrganisation

AO_SETTING = "app.ao"
PERSON_SETTING = "app.person"
READ_ONLY_SETTING = "transaction_read_only"


class NoScopeError(RuntimeError):
    """A tenant row was to be made while no AO's scope was open."""


def current_ao() -> AwardingOrganisation:
    """The AO whose scope is open; NoScopeError when none is."""
    ao = get_scope().get("ao")
    if ao is None:
        raise NoScopeError("No awarding organisation's scope is open: wrap this in tenancy.scope.open_scope(ao).")
    return ao


def current_ao_id() -> int:
    """Default of every tenant row's `ao`."""
    return current_ao().pk


# Whose own rows the open transaction shows besides (app.person), so that asking again costs nothing.
_open_person: ContextVar[int | None] = ContextVar("open_person", default=None)


def _begin_local(values: dict[str, str]) -> None:
    """Sets settings that last as long as the transaction, which has just begun: nothing has to be put back."""
    with connection.cursor() as cursor:
        pairs = [part for pair in values.items() for part in pair]
        cursor.execute("SELECT " + ", ".join(["set_config(%s, %s, true)"] * len(values)), pairs)


def _set_local(values: dict[str, str]) -> dict[str, str]:
    """Sets transaction-local database settings, in one statement, and answers what they were ('' when unset)."""
    names = list(values)
    before = ", ".join("coalesce(current_setting(%s, true), '')" for _name in names)
    after = ", ".join("set_config(%s, %s, true)" for _name in names)
    pairs = [part for name in names for part in (name, values[name])]
    with connection.cursor() as cursor:
        # The inner SELECT is worked out first: OFFSET 0 keeps it apart.
        aliases = ", ".join(f"b{number}" for number in range(len(names)))
        cursor.execute(f"SELECT s.*, {after} FROM (SELECT {before} OFFSET 0) s({aliases})", [*pairs, *names])  # noqa: S608
        return dict(zip(names, cursor.fetchone(), strict=False))


@contextmanager
def _local_settings(values: dict[str, str]) -> Iterator[None]:
    nested = connection.in_atomic_block
    with transaction.atomic():
        if not nested:
            # At the end of the outermost transaction the settings end by themselves.
            _begin_local(values)
            yield
            return
        before = _set_local(values)
        yield
        # Inside one they must be put back. (After an error the rollback to the savepoint puts them back.)
        _set_local({name: value for name, value in before.items() if name != READ_ONLY_SETTING})


@contextmanager
def open_scope(ao: AwardingOrganisation, *, person_id: int | None = None, read_only: bool = False) -> Iterator[None]:
    """One transaction in which the rows of `ao`, and of no other AO, can be seen and written.

    With `person_id` that person's own memberships and notices can be read across AOs besides, as in `as_person`. With
    `read_only` the database refuses every write until the transaction ends. Both cost no statement of their own.
    """
    values = {AO_SETTING: str(ao.pk)}
    if person_id is not None:
        values[PERSON_SETTING] = str(person_id)
    if read_only:
        values[READ_ONLY_SETTING] = "on"
    token = _open_person.set(person_id)
    try:
        with _local_settings(values), scope(ao=ao):
            yield
    finally:
        _open_person.reset(token)


@contextmanager
def as_person(person_id: int) -> Iterator[None]:
    """One transaction in which a person's own memberships can be read across AOs (and nothing else)."""
    if connection.in_atomic_block and _open_person.get() == person_id:
        yield
        return
    token = _open_person.set(person_id)
    try:
        with _local_settings({PERSON_SETTING: str(person_id)}):
            yield
    finally:
        _open_person.reset(token)
