"""Opening and closing an AO's scope: the manager's scope and the database's row-level setting, together.

The setting is local to a transaction, so a pooled connection cannot carry it into somebody else's request.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django_scopes import get_scope, scope

if TYPE_CHECKING:
    from awarding.tenancy.models import AwardingOrganisation

AO_SETTING = "app.ao"
PERSON_SETTING = "app.person"


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


def _set_local(name: str, value: str) -> str:
    """Sets a transaction-local database setting and answers what it was before ('' when unset)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT before, set_config(%s, %s, true) FROM (SELECT coalesce(current_setting(%s, true), '') AS before) s",
            [name, value, name],
        )
        return cursor.fetchone()[0]


@contextmanager
def _local_setting(name: str, value: str) -> Iterator[None]:
    nested = connection.in_atomic_block
    with transaction.atomic():
        before = _set_local(name, value)
        yield
        # At the end of the outermost transaction the setting ends by itself; inside one it must be put back.
        # (After an error the rollback to the savepoint puts it back.)
        if nested:
            _set_local(name, before)


@contextmanager
def open_scope(ao: AwardingOrganisation) -> Iterator[None]:
    """One transaction in which the rows of `ao`, and of no other AO, can be seen and written."""
    with _local_setting(AO_SETTING, str(ao.pk)), scope(ao=ao):
        yield


@contextmanager
def as_person(person_id: int) -> Iterator[None]:
    """One transaction in which a person's own memberships can be read across AOs (and nothing else)."""
    with _local_setting(PERSON_SETTING, str(person_id)):
        yield


def forbid_writes() -> None:
    """Makes the open transaction read-only: a GET that writes is an error of ours and fails loudly."""
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION READ ONLY")
