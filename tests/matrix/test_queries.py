"""Every page costs the same number of queries for one row and for three."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from awarding.accounts.roles import Role
from tests.factories.sign_in import sign_in
from tests.matrix.objects import grow
from tests.matrix.routes import Route
from tests.matrix.test_routes import is_held, url_of, walkable
from tests.matrix.world import Tenant, build_tenant

LOOKED_AT_BY = [
    Role.AO_ADMIN,
    Role.PANEL_MEMBER,
    Role.PANEL_CHAIR,
    Role.EXTERNAL_VERIFIER,
    Role.RESPONSIBLE_OFFICER,
    Role.QUALITY_CONTACT,
    Role.TEACHER,
]


@pytest.fixture(scope="module")
def counts(django_db_setup, django_db_blocker) -> Iterator[dict[Role, dict[str, tuple[int, int]]]]:
    """Queries of every page that answers 200, before and after two more of everything are there.

    A page that refuses the role has no rows to count, and shows no other number the second time (test_routes).
    """
    with django_db_blocker.unblock(), transaction.atomic():
        tenant = build_tenant("home", "Zzhome")
        held = {role: [route for route in walkable(tenant) if is_held(route, role)] for role in LOOKED_AT_BY}
        before = {role: queries_as(role, tenant, held[role]) for role in LOOKED_AT_BY}
        grow(tenant)
        shown = {role: [route for route in held[role] if route.name in before[role]] for role in LOOKED_AT_BY}
        after = {role: queries_as(role, tenant, shown[role]) for role in LOOKED_AT_BY}
        yield {
            role: {name: (n, after[role][name]) for name, n in before[role].items() if name in after[role]}
            for role in LOOKED_AT_BY
        }
        transaction.set_rollback(True)


def queries_as(role: Role, tenant: Tenant, routes: list[Route]) -> dict[str, int]:
    client = Client()
    sign_in(client, tenant.people[role])
    client.get("/")  # what is kept in the session is there from now on
    found = {}
    for route in routes:
        url = url_of(route, tenant)
        with CaptureQueriesContext(connection) as captured:
            response = client.get(url)
        if response.status_code == 200:
            found[route.name] = len(captured)
    return found


@pytest.mark.parametrize("role", LOOKED_AT_BY, ids=lambda r: r.value)
def test_three_rows_cost_no_more_queries_than_one(role, counts):
    dearer = {name: pair for name, pair in counts[role].items() if pair[1] > pair[0]}
    assert dearer == {}


def test_the_pages_looked_at_are_many(counts):
    assert sum(len(pages) for pages in counts.values()) > 60
