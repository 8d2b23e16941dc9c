"""The whole portal for a browser: demonstration data, a web server, a real worker, Chromium."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg2
import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connections
from django.test import Client, override_settings
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

from awarding.accounts.models import User
from demonstration import seeding
from tests.databases import truncate
from tests.factories.sign_in import sign_in, totp_code
from tests.factories.worker import RealWorker

# Playwright's synchronous interface runs a loop of its own, in which Django would refuse the test's own reads.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
CHROMIUM = os.environ.get("PORTAL_CHROMIUM", "/usr/bin/chromium")
# A machine under load answers late; a person would wait as long.
expect.set_options(timeout=20_000)
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip


@dataclass
class Portal:
    """The running portal: its address, and how its people get in."""

    url: str

    def person(self, email: str) -> User:
        return User.objects.get(email=email)

    def code(self, email: str, steps: int = 0) -> str:
        return totp_code(self.person(email), steps)

    def has_second_factor(self, email: str) -> bool:
        return Authenticator.objects.filter(user__email=email, type=Authenticator.Type.TOTP).exists()

    def end_sessions(self) -> None:
        """As when everybody's session has run out."""
        Session.objects.all().delete()

    def cookie(self, person: User) -> dict[str, str]:
        """The cookie of somebody who is signed in already."""
        client = Client()
        sign_in(client, person)
        return {"name": settings.SESSION_COOKIE_NAME, "value": client.cookies["sessionid"].value, "url": self.url}


@pytest.fixture(scope="package")
def portal(django_db_setup, django_db_blocker) -> Iterator[Portal]:
    """Seeded, committed, served; emptied again when the last test of this folder is done."""
    with django_db_blocker.unblock():
        seeding.seed()
        with override_settings(DEMO=True):
            server = LiveServer("127.0.0.1")
            given = {name: os.environ.get(name) for name in ("PORTAL_DEMO", "PUBLIC_URL")}
            os.environ |= {"PORTAL_DEMO": "1", "PUBLIC_URL": server.url}
            worker = RealWorker()
            try:
                with override_settings(PUBLIC_URL=server.url):
                    worker.start()
                    yield Portal(server.url)
            finally:
                worker.stop()
                server.stop()
                for name, value in given.items():
                    os.environ.pop(name) if value is None else os.environ.__setitem__(name, value)
                connections.close_all()
                with psycopg2.connect(os.environ["DATABASE_OWNER_URL"]) as connection, connection.cursor() as cursor:
                    truncate(cursor)


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def contexts(chromium: Browser) -> Iterator[list[BrowserContext]]:
    """Browser contexts opened by a test; closed at its end."""
    opened: list[BrowserContext] = []
    yield opened
    for context in opened:
        context.close()
