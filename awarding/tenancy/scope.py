"""Opening and closing an AO's scope: the manager's scope and the database's row-level setting, together.

The setting is local to a transaction, so a pooled connection cannot carry it into somebody else's request.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

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


Statement = tuple[str, Sequence[Any]]


_OF_SLUG = "coalesce((SELECT id::text FROM tenancy_awardingorganisation WHERE slug = %s), '')"


def _setting(values: Mapping[str, str], *, slug: str | None = None) -> Statement:
    """The statement that sets database settings to the end of the transaction.

    With `slug` the AO's, too, by its short name: to nothing, which shows no row, where no AO is called so.
    """
    parts = ["set_config(%s, %s, true)"] * len(values)
    pairs = [part for pair in values.items() for part in pair]
    if slug is not None:
        parts, pairs = [*parts, f"set_config(%s, {_OF_SLUG}, true)"], [*pairs, AO_SETTING, slug]
    return "SELECT " + ", ".join(parts), pairs


def _run(statement: Statement) -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(*statement)
        row: tuple[Any, ...] = cursor.fetchone()
        return row


def _set_to(values: Mapping[str, str]) -> Callable[[], object]:
    return lambda: _run(_setting(values))


@contextmanager
def _local_settings(names: Iterable[str], begin: Callable[[], object]) -> Iterator[None]:
    """One transaction in which `begin` sets the settings of these names, which end with it."""
    nested = connection.in_atomic_block
    with transaction.atomic():
        if not nested:
            # At the end of the outermost transaction the settings end by themselves.
            begin()
            yield
            return
        kept = [name for name in names if name != READ_ONLY_SETTING]
        before = _run(("SELECT " + ", ".join(["coalesce(current_setting(%s, true), '')"] * len(kept)), kept))
        begin()
        yield
        # Inside one they must be put back. (After an error the rollback to the savepoint puts them back.)
        _run(_setting(dict(zip(kept, before, strict=True))))


@contextmanager
def open_scope(ao: AwardingOrganisation, *, person_id: int | None = None, read_only: bool = False) -> Iterator[None]:
    """One transaction in which the rows of `ao`, and of no other AO, can be seen and written.

    With `person_id` that person's own memberships and notices can be read across AOs besides, as in `as_person`. With
    `read_only` the database refuses every write until the transaction ends. Both cost no statement of their own.
    """
    values = {AO_SETTING: str(ao.pk), **_besides(person_id, read_only)}
    with _of_person(person_id), _local_settings(values, _set_to(values)), scope(ao=ao):
        yield


@contextmanager
def open_scope_called(
    slug: str,
    read: Callable[[Statement], AwardingOrganisation | None],
    *,
    person_id: int | None = None,
    read_only: bool = False,
) -> Iterator[AwardingOrganisation | None]:
    """As `open_scope`, of the AO with this short name, opened in one exchange with what is asked first.

    `read` gets the statement that opens the scope, runs it in front of its own, and answers the AO; None where there is
    none: then no scope is open, and no tenant row is shown.
    """
    besides = _besides(person_id, read_only)
    found: list[AwardingOrganisation | None] = []

    def begin() -> None:
        found.append(read(_setting(besides, slug=slug)))

    with _of_person(person_id), _local_settings((AO_SETTING, *besides), begin):
        (ao,) = found
        with nullcontext() if ao is None else scope(ao=ao):
            yield ao


@contextmanager
def as_person(person_id: int) -> Iterator[None]:
    """One transaction in which a person's own memberships can be read across AOs (and nothing else)."""
    if connection.in_atomic_block and _open_person.get() == person_id:
        yield
        return
    values = _besides(person_id, False)
    with _of_person(person_id), _local_settings(values, _set_to(values)):
        yield


def _besides(person_id: int | None, read_only: bool) -> dict[str, str]:
    values = {} if person_id is None else {PERSON_SETTING: str(person_id)}
    return values | {READ_ONLY_SETTING: "on"} if read_only else values


@contextmanager
def _of_person(person_id: int | None) -> Iterator[None]:
    token = _open_person.set(person_id)
    try:
        yield
    finally:
        _open_person.reset(token)
