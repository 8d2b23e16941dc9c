"""Which address shows a page with something on it, in the demonstration's data, and who can open it.

Each area has a file of its own beside this one, `<area>_addresses.py`, which is found by its name. It says with
`things(route)` what the route's parameters are, likely ones of the demonstration; with `choices(route)`, if it must, several to
be tried; with SEEN_BY who has the form on a page; with QUERIES what a page wants to be told after the question mark.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from django.test import Client
from django.urls import reverse

from awarding.accounts.models import Membership, User
from awarding.accounts.roles import PERMISSIONS, Role
from awarding.tenancy.models import AwardingOrganisation
from awarding.tenancy.scope import open_scope
from demonstration.people import PEOPLE
from tests.factories.sign_in import sign_in
from tests.matrix.routes import Route, all_routes

AO = "aim"
# Tried in this order: whoever is first to see the page shows it.
WITNESSES = (
    "helen.marsh@aim.example",
    "sam.okafor@northfield.example",
    "adaeze.obi@aim.example",
    "eleri.vaughan@aim.example",
    "tomasz.wisniewski@verifiers.example",
    "megan.rhys@brynglas.example",
    "naomi.clarke@harbourside.example",
    "ruth.ellery@northfield.example",
    "colin.fry@northfield.example",
    "yusuf.demir@larkhill.example",
    "bill.hardcastle@oakmead.example",
    "ines.carvalho@larkhill.example",
    "dawud.rahman@northfield.example",
    "grace.lindqvist@northfield.example",
)
AREAS = [import_module(f"tests.system.{file.stem}") for file in sorted(Path(__file__).parent.glob("*_addresses.py"))]
# Pages on which somebody else than the AO's admin has the form.
SEEN_BY = {route: email for area in AREAS for route, email in getattr(area, "SEEN_BY", {}).items()}
QUERIES = {route: query for area in AREAS for route, query in getattr(area, "QUERIES", {}).items()}


@dataclass(frozen=True)
class Stop:
    """One page to be looked at: the route's name, its address, and as whom."""

    name: str
    url: str
    person: User


def role_holder(role: Role) -> User:
    """The demonstration person who shows what a role sees at the AO."""
    email = next(person.email for person in PEOPLE if any(s == AO and r == role for s, r, _key in person.roles))
    return User.objects.get(email=email)


def page_routes() -> list[Route]:
    """The portal's own routes. What they answer to GET is found by asking; programs' addresses have no pages."""
    own = [route for route in all_routes() if not route.is_library and "token" not in route.parameters]
    return [route for route in own if not route.name.startswith("api:")]


def find_parameters(route: Route) -> Iterator[dict[str, Any]]:
    """Values for the route's parameters that are there in the demonstration, the likeliest first. Needs the AO's scope."""
    found: dict[str, Any] = {"ao": AO}
    tried: list[dict[str, Any]] | None = None
    for area in AREAS:
        found |= area.things(route)
        offered = area.choices(route) if hasattr(area, "choices") else None
        tried = tried if offered is None else offered
    yield from ([found | choice for choice in tried] if tried is not None else [found])


def find_stops() -> tuple[list[Stop], list[str]]:
    """A stop for each route that answers a GET with a page; and the routes that nobody could open at all.

    A route that redirects, hands out a file or takes posts only is neither: it has no page to be looked at.
    """
    ao = AwardingOrganisation.objects.get(slug=AO)
    witnesses = [_Witness(ao, email) for email in WITNESSES]
    stops, closed = [], []
    for route in page_routes():
        with open_scope(ao):
            urls = [url for parameters in find_parameters(route) if (url := _address(route, parameters))]
        found = _ask(route, urls, witnesses)
        if isinstance(found, Stop):
            stops.append(found)
        elif not found:
            closed.append(route.name)
    return stops, closed


class _Witness:
    """Somebody who is signed in, and what they may do at the AO."""

    def __init__(self, ao: AwardingOrganisation, email: str) -> None:
        self.person = User.objects.get(email=email)
        self.client = Client()
        sign_in(self.client, self.person)
        with open_scope(ao):
            roles = Membership.objects.filter(person=self.person, ended_at=None).values_list("role", flat=True)
            self.permissions = {permission for role in roles for permission in PERMISSIONS[Role(role)]}

    def may(self, route: Route) -> bool:
        wanted = route.audience.permissions if route.audience else ()
        return not wanted or any(permission in self.permissions for permission in wanted)


def _address(route: Route, parameters: dict[str, Any]) -> str:
    if any(not parameters.get(name) for name in route.parameters):
        return ""
    url = reverse(route.name, kwargs={name: parameters[name] for name in route.parameters})
    return url + QUERIES.get(route.name, "").format(**parameters)


def _ask(route: Route, urls: list[str], witnesses: list[_Witness]) -> Stop | bool:
    """The stop; or whether anybody was answered otherwise than that there is nothing for them."""
    first, answered = SEEN_BY.get(route.name, ""), False
    asked = sorted((w for w in witnesses if w.may(route)), key=lambda w: w.person.email != first)
    for url in urls:
        for witness in asked:
            response = witness.client.get(url)
            is_page = response.headers.get("Content-Type", "").startswith("text/html")
            if response.status_code == 200 and is_page and "Content-Disposition" not in response.headers:
                return Stop(route.name, url, witness.person)
            if response.status_code not in (403, 404):
                answered = True
                break
    return answered
