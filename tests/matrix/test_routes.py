"""Every route, asked as every role of its own AO, as the same role of another AO, and by nobody."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from awarding.accounts.roles import AO_ROLES, PERMISSIONS, Role
from tests.factories.sign_in import sign_in
from tests.matrix.objects import OWN_MEANING
from tests.matrix.routes import Route, all_routes
from tests.matrix.world import FOREIGN, OTHER_CENTRE, Tenant, build_tenant

ROUTES = [route for route in all_routes() if not route.is_library]
REACHED: set[str] = set()


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker) -> Iterator[tuple[Tenant, Tenant]]:
    """Built once, in a transaction that is rolled back at the end."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield build_tenant("home", "Zzhome"), build_tenant("abroad", FOREIGN)
        transaction.set_rollback(True)


def meanings(route: Route) -> dict[str, str]:
    """By the route's parameter, the key of the thing it names in `Tenant.parameters`."""
    return {name: OWN_MEANING.get(route.name, {}).get(name, name) for name in route.parameters}


def url_of(route: Route, tenant: Tenant, ao: str = "") -> str:
    """The route's address for the tenant's own things; with `ao`, under another AO's slug."""
    missing = [key for key in meanings(route).values() if key not in tenant.parameters]
    assert not missing, f"{route.name}: say in a file tests/matrix/..._objects.py what {missing} names"
    kwargs = {name: tenant.parameters[key] for name, key in meanings(route).items()}
    return reverse(route.name, kwargs=kwargs | ({"ao": ao} if ao else {}))


def ask(client: Client, method: str, url: str, keep: bool = True) -> tuple[int, str]:
    """Status and text; a fault of the view counts as 500. What was written is kept or undone."""
    try:
        with transaction.atomic():
            response = client.generic(method, url)
            body = b"".join(response.streaming_content) if response.streaming else response.content
            if not keep:
                transaction.set_rollback(True)
    except Exception as error:  # noqa: BLE001 - the client raises what a visitor would meet as a 500
        return 500, repr(error)
    return response.status_code, body.decode(errors="replace")


def addressable(route: Route, tenant: Tenant) -> bool:
    return all(key in tenant.parameters for key in meanings(route).values())


@pytest.mark.parametrize("route", ROUTES, ids=lambda r: r.name)
def test_every_parameter_is_known_here(route, world):
    if "token" not in route.parameters:
        url_of(route, world[0])


def walkable(tenant: Tenant) -> list[Route]:
    return [route for route in ROUTES if addressable(route, tenant)]


def is_held(route: Route, role: Role) -> bool:
    """Whether the role may open the route at all; otherwise it is refused (403), whatever the route is for."""
    wanted = route.audience.permissions
    return not wanted or any(permission in PERMISSIONS[role] for permission in wanted)


@pytest.mark.parametrize("role", list(Role), ids=lambda r: r.value)
def test_a_person_gets_what_their_role_allows_and_nothing_else_and_no_get_writes(role, world):
    home, _abroad = world
    client = Client()
    sign_in(client, home.people[role])
    before = fingerprint(world)
    faults = []
    for route in walkable(home):
        status, body = ask(client, "GET", url_of(route, home))
        held = is_held(route, role)
        if held and status != 404:
            REACHED.add(route.name)
        if not held and status != 403:
            faults.append(f"{route.name}: {status}, not 403")
        if held and status not in (200, 204, 302, 404, 405, 409):
            faults.append(f"{route.name}: {status} {body[:300]}")
        if FOREIGN in body:
            faults.append(f"{route.name}: shows a learner of another AO")
        if role not in AO_ROLES and OTHER_CENTRE in body:
            faults.append(f"{route.name}: shows another centre of the AO")
    after = fingerprint(world)
    faults += [f"{name} was written by a GET" for name in before if before[name] != after[name]]
    assert faults == []


@pytest.mark.parametrize("role", list(Role), ids=lambda r: r.value)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_people_of_one_ao_find_nothing_in_another(role, method, world):
    home, abroad = world
    client = Client()
    sign_in(client, abroad.people[role])
    faults = []
    for route in walkable(home):
        if route.in_ao and route.audience.kind != "public":
            status, body = ask(client, method, url_of(route, home))
            if status != 404 or "Zzhome" in body:
                faults.append(f"{route.name}: {status}")
    assert faults == []


@pytest.mark.parametrize("role", list(Role), ids=lambda r: r.value)
def test_things_of_another_ao_are_not_found_under_ones_own_address(role, world):
    """The slug of one's own AO with the id of a foreign thing: as if it did not exist."""
    home, abroad = world
    client = Client()
    sign_in(client, home.people[role])
    faults = []
    for route in walkable(home):
        ids = [key for key in meanings(route).values() if key.endswith("_id") and key != "rule_id"]
        if not route.in_ao or not ids:
            continue
        status, body = ask(client, "GET", url_of(route, abroad, ao=home.parameters["ao"]))
        if status == 200 or status >= 500 or FOREIGN in body:
            faults.append(f"{route.name}: {status}")
    assert faults == []


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_nobody_signed_in_gets_to_the_sign_in_page(method, world):
    home, _abroad = world
    faults = []
    for route in walkable(home):
        if route.audience.kind == "public":
            continue
        status, body = ask(Client(), method, url_of(route, home))
        if status not in (302, 401) or "Zzhome" in body:
            faults.append(f"{route.name}: {status}")
    assert faults == []


@pytest.mark.parametrize("role", list(Role), ids=lambda r: r.value)
def test_an_empty_post_is_refused_or_answered_and_never_a_fault(role, world):
    home, _abroad = world
    client = Client()
    sign_in(client, home.people[role])
    faults = []
    for route in walkable(home):
        held = is_held(route, role)
        status, body = ask(client, "POST", url_of(route, home), keep=False)
        if status >= 500 or (not held and status not in (403, 405)):
            faults.append(f"{route.name}: {status} {body[:300]}")
    assert faults == []


def fingerprint(tenants: tuple[Tenant, ...]) -> dict[str, str]:
    """One digest per table, of every row as each scope sees it."""
    from awarding.tenancy.scope import open_scope

    digests: dict[str, str] = {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'django_session'")
        tables = [name for (name,) in cursor.fetchall()]
        of_all = " UNION ALL ".join(
            f"SELECT '{table}', md5(coalesce(string_agg(t::text, chr(10) ORDER BY t::text), '')) FROM \"{table}\" t"
            for table in tables
        )
        for tenant in tenants:
            with open_scope(tenant.ao):
                cursor.execute(of_all)
                digests |= {f"{tenant.ao.slug}:{table}": digest for table, digest in cursor.fetchall()}
    return digests


def test_every_page_is_reached_by_somebody():
    """A matrix in which a page answers 404 to everybody proves nothing about it. Runs after the roles."""
    if not REACHED:
        pytest.skip("the roles' tests did not run in this process")
    unreached = {r.name for r in walkable_names()} - REACHED
    assert unreached == NEVER_HERE


def walkable_names() -> list[Route]:
    return [route for route in ROUTES if "token" not in route.parameters]


# The one-click sign-in exists only where the demonstration is switched on; the page of a claim's results only once it is
# verified, which the claim of this world is not (tests/results walk it).
NEVER_HERE = {"demo_sign_in", "results:claim"}
