"""Every page, looked at by axe and measured for reflow: wide with scripts, at 320 pixels without; and each role's start."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page

from awarding.accounts.models import User
from awarding.accounts.roles import Role
from tests.system.addresses import Stop, find_stops, role_holder
from tests.system.conftest import Portal

pytestmark = pytest.mark.system

# A part of a page that the page itself fetches, never shown alone.
FRAGMENTS = {"jobs:progress"}
# The demonstration has no earlier results yet, and no group of it is judged to the last learner (SNS-01).
NOT_MADE_YET = {"qtag:sense_submission"}
# What strangers see, and the sign-in.
OPEN_TO_ALL = (
    "/accounts/login/",
    "/accounts/password/reset/",
    "/accounts/signup/",
    "/check/",
    "/qualifications/",
    "/qualifications/?q=counselling",
    "/qualifications/60339858/",
    "/help/",
    "/accessibility/",
    "/rules/",
    "/nothing-here/",
)


@pytest.fixture(scope="module")
def stops(portal: Portal) -> tuple[list[Stop], list[str]]:
    return find_stops()


# Only what is wrong, and its markup: to name every sound node as well takes axe half as long again.
LOOK = "axe.run(document, {resultTypes: ['violations'], preload: false, selectors: false}).then(r => r.violations)"


class Eyes:
    """A browser window of one width, with the portal's scripts or without, as anybody or nobody.

    Without means that no script file arrives: where the browser runs no script at all, axe does not run either.
    """

    def __init__(self, chromium: Browser, portal: Portal, width: int, scripts: bool = True) -> None:
        self.chromium, self.portal, self.width, self.scripts = chromium, portal, width, scripts
        self.pages: dict[int, Page] = {}

    def page(self, person: User | None) -> Page:
        key = person.pk if person else 0
        if key not in self.pages:
            context = self.chromium.new_context(viewport={"width": self.width, "height": 900}, base_url=self.portal.url)
            if person:
                context.add_cookies([self.portal.cookie(person)])
            # Handed over once: the browser keeps it compiled, and has it on every page it opens.
            context.add_init_script(AXE_SCRIPT)
            self.pages[key] = page = context.new_page()
            if not self.scripts:
                session = context.new_cdp_session(page)
                session.send("Network.enable")
                session.send("Network.setBlockedURLs", {"urls": ["*.js"]})
        return self.pages[key]

    def faults(self, url: str, person: User | None = None) -> list[str]:
        """What axe finds, and whether the page is wider than its window."""
        page = self.page(person)
        response = page.goto(url)
        found = [] if response and response.status < 500 else [f"{url}: {response.status if response else 'no answer'}"]
        for violation in page.evaluate(LOOK):
            where = "; ".join(node["html"][:120] for node in violation["nodes"][:3])
            found.append(f"{url} at {self.width}: {violation['id']}: {where}")
        wide = page.evaluate("document.scrollingElement.scrollWidth")
        if wide > self.width:
            found.append(f"{url}: {wide} pixels wide in a window of {self.width}")
        return found


@pytest.fixture(params=[(1280, True), (320, False)], ids=["wide with scripts", "320 pixels without scripts"])
def eyes(request: pytest.FixtureRequest, chromium: Browser, portal: Portal) -> Iterator[Eyes]:
    opened = Eyes(chromium, portal, *request.param)
    yield opened
    for page in opened.pages.values():
        page.context.close()


def test_every_route_can_be_opened_by_somebody(stops):
    pages, closed = stops
    assert set(closed) == NOT_MADE_YET
    assert len(pages) > 70


def test_every_page_is_accessible_and_reflows(stops, eyes):
    faults = []
    for stop in stops[0]:
        if stop.name not in FRAGMENTS:
            faults += eyes.faults(stop.url, stop.person)
    assert faults == []


def test_pages_for_everybody_are_accessible_and_reflow(eyes):
    assert [fault for url in OPEN_TO_ALL for fault in eyes.faults(url)] == []


def test_the_start_pages_of_every_role_are_accessible_and_their_links_lead_somewhere(portal, chromium):
    eyes, faults = Eyes(chromium, portal, 1280), []
    for role in Role:
        person = role_holder(role)
        for url in ("/", "/ao/aim/"):
            faults += eyes.faults(url, person)
        page = eyes.page(person)
        for address in {link.get_attribute("href") for link in page.locator("header nav a, main a").all()}:
            if address and address.startswith("/"):
                status = page.request.get(address).status
                if status != 200:
                    faults.append(f"{role.label}: {address} answers {status}")
    for page in eyes.pages.values():
        page.context.close()
    assert faults == []


def test_a_wide_page_and_an_unlabelled_box_would_be_noticed(chromium, portal):
    """The eyes of these tests see: a page with two faults shows both."""
    eyes = Eyes(chromium, portal, 320)
    page = eyes.page(None)
    page.route("**/faulty/", lambda route: route.fulfill(
        content_type="text/html",
        body="<!doctype html><html lang=en><title>x</title><main><h1>x</h1><input><div style='width:900px'>x</div></main>",
    ))  # fmt: skip
    faults = " ".join(eyes.faults("/faulty/"))
    page.context.close()
    assert "label" in faults and "pixels wide" in faults


def test_what_is_said_to_be_without_scripts_is(eyes):
    page = eyes.page(None)
    page.goto("/help/")
    page.wait_for_load_state("networkidle")
    assert page.evaluate("document.body.classList.contains('js-enabled')") is eyes.scripts
