"""The five busiest pages beside the bare one: processor time of the web process for each request."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.test import Client
from django.urls import clear_url_caches, reverse

from awarding.accounts.models import User
from tests.bench import bare
from tests.bench.measure import Row, compare
from tests.bench.world import CLAIM_LEARNERS, CLAIM_UNITS, CLAIMS, LEARNERS, QUALIFICATIONS, World, build
from tests.factories.sign_in import sign_in

NAMES = {"page_my_work", "page_claims_list", "page_claim", "page_catalogue_search", "page_registrations"}
REQUESTS = 20


class Server:
    """Django behind WSGI, asked in this process: the same for page and floor."""

    def __init__(self) -> None:
        self.handler = WSGIHandler()

    def get(self, address: str, cookie: str) -> bytes:
        path, _mark, query = address.partition("?")
        environ: dict[str, Any] = {
            "REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": query, "SERVER_NAME": "testserver",
            "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "HTTP_HOST": "testserver", "HTTP_COOKIE": cookie,
            "HTTP_ACCEPT_LANGUAGE": "en-GB", "REMOTE_ADDR": "127.0.0.1", "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(), "wsgi.errors": io.StringIO(), "wsgi.version": (1, 0), "wsgi.multithread": False,
            "wsgi.multiprocess": False, "wsgi.run_once": False,
        }  # fmt: skip
        answer: list[str] = []
        body = self.handler(environ, lambda status, headers, *rest: answer.append(status))
        content = b"".join(body)
        if hasattr(body, "close"):
            body.close()
        if not answer[0].startswith("200"):
            raise RuntimeError(f"{address} answered {answer[0]}: {content[:300]!r}")
        return content


def cookie_of(person: User) -> str:
    client = Client()
    sign_in(client, person)
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


def addresses(world: World) -> dict[str, tuple[User, str, str]]:
    """Row name to (who looks, address, size)."""
    ao = {"ao": world.ao.slug}
    n = world.size
    return {
        "page_my_work": (world.contact, reverse("my_work"), f"{CLAIMS * n} claims"),
        "page_claims_list": (world.admin, reverse("mitigations:claims", kwargs=ao), f"{CLAIMS * n} claims"),
        "page_claim": (
            world.contact,
            reverse("mitigations:claim", kwargs=ao | {"claim_id": world.claim_id}),
            f"{CLAIM_LEARNERS * n} learners x {CLAIM_UNITS * n} units",
        ),
        "page_catalogue_search": (
            world.admin,
            reverse("catalogue:list", kwargs=ao) + "?q=practice",
            f"{QUALIFICATIONS * n} qualifications",
        ),
        "page_registrations": (
            world.contact,
            reverse("centres:registrations", kwargs=ao),
            f"{LEARNERS * n} learners",
        ),
    }


class Floor:
    """The bare view, on the portal's server or (plain) in a project of its own."""

    def __init__(self, cookie: str, plain: bool) -> None:
        self.cookie = cookie
        self.settings = bare.plain_project if plain else bare.same_server
        with self.settings():
            clear_url_caches()
            self.server = Server()

    def batch(self) -> float:
        """Asks `REQUESTS` times; answers the processor time, without that of changing the settings."""
        with self.settings():
            clear_url_caches()
            spent = asked(self.server, "/bench/", self.cookie)
        clear_url_caches()
        return spent


def asked(server: Server, address: str, cookie: str) -> float:
    """Processor time of `REQUESTS` requests after one that fills the caches of templates and addresses."""
    server.get(address, cookie)
    started = time.process_time()
    for _ in range(REQUESTS):
        server.get(address, cookie)
    return time.process_time() - started


def rows(wanted: set[str], sizes: tuple[int, ...], plain: bool = False) -> Iterator[Row]:
    """Each wanted page at the usual size and at twice that."""
    for size in sizes:
        world = build(size)
        floor = Floor(cookie_of(world.admin), plain)
        clear_url_caches()
        server = Server()
        for name, (person, address, what) in addresses(world).items():
            if name in wanted:
                yield _page(name, server, cookie_of(person), address, floor, what)


def _page(name: str, server: Server, cookie: str, address: str, floor: Floor, size: str) -> Row:
    meter = Meter()
    return compare(
        name,
        lambda: meter.add(asked(server, address, cookie)),
        lambda: meter.add(floor.batch()),
        beside="plain Django project"
        if floor.settings is bare.plain_project
        else "bare view, same server and database",
        size=size,
        unit="ms",
        each=REQUESTS,
        clock=meter.read,
    )


class Meter:
    """A clock that moves only by what is added to it: what lies around the requests is not counted."""

    def __init__(self) -> None:
        self.total = 0.0

    def add(self, seconds: float) -> None:
        self.total += seconds

    def read(self) -> float:
        return self.total
