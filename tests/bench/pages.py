"""The five busiest pages beside the bare one: processor time of the web process for each request."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.test import Client, override_settings
from django.urls import clear_url_caches, reverse

from awarding.accounts.models import User
from tests.bench import bare
from tests.bench.measure import Row, compare
from tests.bench.world import CLAIM_LEARNERS, CLAIM_UNITS, CLAIMS, LEARNERS, QUALIFICATIONS, World, build
from tests.factories.sign_in import sign_in

NAMES = {"page_my_work", "page_claims_list", "page_claim", "page_catalogue_search", "page_registrations"}
REQUESTS = 20
BESIDE = "bare Django view"


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


def bare_site() -> Any:
    return override_settings(MIDDLEWARE=bare.MIDDLEWARE, TEMPLATES=bare.TEMPLATES, ROOT_URLCONF="tests.bench.bare")


class BareServer:
    """The floor, with settings of its own for as long as it is asked."""

    def __init__(self, cookie: str) -> None:
        self.cookie = cookie
        with bare_site():
            clear_url_caches()
            self.server = Server()
            self.server.get("/things/", cookie)

    def batch(self) -> Callable[[], float]:
        """Asks `REQUESTS` times; answers the processor time, without that of changing the settings."""

        def ask() -> float:
            with bare_site():
                clear_url_caches()
                self.server.get("/things/", self.cookie)
                started = time.process_time()
                for _ in range(REQUESTS):
                    self.server.get("/things/", self.cookie)
                spent = time.process_time() - started
            clear_url_caches()
            return spent

        return ask


def rows(wanted: set[str], sizes: tuple[int, ...]) -> Iterator[Row]:
    """Each wanted page at the usual size and at twice that."""
    for size in sizes:
        world = build(size)
        floor = BareServer(cookie_of(world.admin)).batch()
        clear_url_caches()
        server = Server()
        for name, (person, address, what) in addresses(world).items():
            if name not in wanted:
                continue
            yield _page(name, server, cookie_of(person), address, floor, what)


def _page(name: str, server: Server, cookie: str, address: str, floor: Callable[[], float], size: str) -> Row:
    meter = Meter()

    def ours() -> None:
        server.get(address, cookie)
        started = time.process_time()
        for _ in range(REQUESTS):
            server.get(address, cookie)
        meter.add(time.process_time() - started)

    return compare(
        name,
        ours,
        lambda: meter.add(floor()),
        beside=BESIDE,
        size=size,
        unit="ms",
        each=REQUESTS,
        clock=meter.read,
        runs=7,
    )


class Meter:
    """A clock that moves only by what is added to it: what lies around the requests is not counted."""

    def __init__(self) -> None:
        self.total = 0.0

    def add(self, seconds: float) -> None:
        self.total += seconds

    def read(self) -> float:
        return self.total
