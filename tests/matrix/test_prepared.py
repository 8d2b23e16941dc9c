"""Every prepared read that a page makes answers what the ORM answers, whatever the reach, by turns in two organisations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import models, transaction
from django.test import Client

from awarding.accounts.roles import Role
from awarding.tenancy.prepared import Prepared
from tests.factories.sign_in import sign_in
from tests.matrix.test_routes import ROUTES, ask, is_held, url_of, walkable
from tests.matrix.world import FOREIGN, Tenant, build_tenant

# The whole AO, a whole centre, cohorts of one's own, what is allocated.
REACHES = [Role.AO_ADMIN, Role.QUALITY_CONTACT, Role.TEACHER, Role.EXTERNAL_VERIFIER]
Compared = list[tuple[str, Any, Any]]


@pytest.fixture(scope="module")
def compared(django_db_setup, django_db_blocker) -> Iterator[Compared]:
    """(which read, its answer, the queryset's) for each read of every page, where the rows could be compared."""
    found: Compared = []
    patch = pytest.MonkeyPatch()
    rows, count = Prepared.rows, Prepared.count

    def rows_and_plain(
        self: Prepared[Any], form: Any, values: Any, more: str = "", extra: Any = (), **also: Any
    ) -> Any:
        answer = rows(self, form, values, more, extra, **also)
        plain = self.plain(*form, **values)
        if more:
            most, start = (*extra, 0)[:2]
            plain = plain[start : start + most]
        found.append((self.build.__qualname__, told(answer), told(plain)))
        return answer

    def count_and_plain(self: Prepared[Any], *form: Any, **values: Any) -> int:
        answer = count(self, *form, **values)
        found.append((self.build.__qualname__, answer, self.plain(*form, **values).count()))
        return answer

    patch.setattr(Prepared, "rows", rows_and_plain)
    patch.setattr(Prepared, "count", count_and_plain)
    with django_db_blocker.unblock(), transaction.atomic():
        tenants = build_tenant("home", "Zzhome"), build_tenant("abroad", FOREIGN)
        for role in REACHES:
            walk(role, *tenants)
        yield found
        transaction.set_rollback(True)
    patch.undo()


def told(rows: Any) -> list[Any]:
    """Rows as they can be compared: of a model everything that was loaded, also of what hangs on it."""
    return [fields_of(row) if isinstance(row, models.Model) else row for row in rows]


def fields_of(row: models.Model) -> dict[str, Any]:
    shown = {name: value for name, value in vars(row).items() if name != "_state"}
    hanging = row._state.fields_cache.items()
    return shown | {f"{name}.": fields_of(value) for name, value in hanging if isinstance(value, models.Model)}


def walk(role: Role, *tenants: Tenant) -> None:
    clients = []
    for tenant in tenants:
        clients.append(Client())
        sign_in(clients[-1], tenant.people[role])
    # What refuses the role reads what every page reads of who asks, and nothing of its own.
    for route in [route for route in walkable(tenants[0]) if is_held(route, role)]:
        for client, tenant in zip(clients, tenants, strict=True):
            ask(client, "GET", url_of(route, tenant))


def test_every_prepared_read_answers_what_the_queryset_answers(compared):
    assert [(name, mine, plain) for name, mine, plain in compared if mine != plain] == []


def test_the_reads_compared_are_many_and_found_something(compared):
    assert len({name for name, _mine, _plain in compared}) > 10
    assert len([name for name, mine, _plain in compared if mine]) > len(ROUTES)
