"""Without a mouse: the skip link, the order of the tab key, the visible focus, the error summary."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from awarding.tenancy.models import AwardingOrganisation
from awarding.tenancy.scope import open_scope
from qtag.models import EvidenceRecord, Judgement
from tests.system.conftest import Portal
from tests.system.people import Visitor

pytestmark = pytest.mark.system

FOCUS = """() => {
    const e = document.activeElement, s = getComputedStyle(e), box = e.getBoundingClientRect();
    const shown = s.outlineStyle !== "none" || s.boxShadow !== "none" || s.backgroundColor === "rgb(255, 221, 0)";
    return {text: (e.innerText || e.value || e.name || "").trim(), tag: e.tagName, shown,
            height: box.height, inside: box.bottom > 0 && box.top < innerHeight};
}"""
MAIN_ACTIONS = [
    ("sam.okafor@northfield.example", "/ao/aim/claims/", "Generate an eRAC"),
    ("sam.okafor@northfield.example", "/ao/aim/uploads/", "Upload registrations"),
    ("helen.marsh@aim.example", "/ao/aim/results/to-process/", "Process the ticked claims"),
    ("adaeze.obi@aim.example", "/ao/aim/panel/", "Take the next case"),
]


@pytest.fixture
def seat(portal: Portal, chromium: Browser) -> Iterator[Callable[[str], Page]]:
    """A page in front of somebody who is signed in already."""
    opened: list[Visitor] = []

    def sit(email: str) -> Page:
        visitor = Visitor(chromium, portal, email)
        if email:
            visitor.context.add_cookies([portal.cookie(portal.person(email))])
        opened.append(visitor)
        return visitor.page

    yield sit
    for visitor in opened:
        visitor.context.close()


def tab_until(page: Page, text: str, most: int = 80) -> int:
    """How many times the tab key is pressed until what has the focus says `text`; every stop on the way is visible."""
    for count in range(1, most + 1):
        page.keyboard.press("Tab")
        focus = page.evaluate(FOCUS)
        assert focus["shown"], f"no visible focus on {focus}"
        assert focus["inside"], f"the focus is out of sight on {focus}"
        if text in focus["text"]:
            return count
    raise AssertionError(f"the tab key never came to {text!r}")


@pytest.mark.parametrize(("email", "url", "action"), MAIN_ACTIONS, ids=lambda value: str(value)[:30])
def test_the_tab_key_reaches_the_main_action(seat, email, url, action):
    page = seat(email)
    page.goto(url)
    tab_until(page, action)


def test_the_skip_link_comes_first_and_leads_past_the_menu(seat):
    page = seat("helen.marsh@aim.example")
    page.goto("/ao/aim/")
    assert tab_until(page, "Skip to main content") == 1
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


@pytest.mark.parametrize("width", [1280, 320])
def test_everything_in_the_menu_is_reached_by_keyboard(seat, width):
    page = seat("helen.marsh@aim.example")
    page.set_viewport_size({"width": width, "height": 900})
    page.goto("/ao/aim/claims/")
    tab_until(page, "More")
    page.keyboard.press("Enter")
    tab_until(page, "Frameworks", most=4)
    page.keyboard.press("Escape")
    assert "More" in page.evaluate(FOCUS)["text"] and not page.get_by_role("link", name="Frameworks").is_visible()
    page.keyboard.press("Space")
    tab_until(page, "Frameworks", most=4)
    page.keyboard.press("Enter")
    page.wait_for_url("**/ao/aim/frameworks/")
    assert page.evaluate("document.scrollingElement.scrollWidth") <= width


def test_errors_take_the_focus_and_lead_to_their_box(seat):
    page = seat("sam.okafor@northfield.example")
    page.goto("/ao/aim/centres/")
    page.goto("/ao/aim/uploads/")
    tab_until(page, "Upload registrations")
    page.keyboard.press("Enter")
    page.wait_for_url("**/uploads/new/")
    tab_until(page, "Upload and check")
    page.keyboard.press("Enter")
    summary = page.locator(".govuk-error-summary")
    expect(summary).to_be_focused()
    assert page.title().startswith("Error:")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator('input[type="file"]')).to_be_focused()


def tab_to_name(page: Page, name: str, most: int = 40) -> str:
    """Presses the tab key until a field whose name begins so has the focus, in sight. Answers the field's whole name."""
    for _count in range(most):
        page.keyboard.press("Tab")
        focus = page.evaluate(FOCUS)
        assert focus["inside"], f"the focus is out of sight on {focus}"
        found: str = page.evaluate("document.activeElement.name || ''")
        if found.startswith(name):
            return found
    raise AssertionError(f"the tab key never came to {name!r}")


def test_a_piece_of_work_of_many_is_recorded_by_keyboard_without_scripts_on_a_telephone(portal, chromium):
    """QTG-07: fields in their order, each in sight when it has the focus; the learner by space, the grade by an arrow."""
    ao = AwardingOrganisation.objects.get(slug="aim")
    with open_scope(ao):
        rows = Judgement.objects.filter(centre__name__startswith="Northfield", state="open", grade=None)
        submission_id = rows.order_by("pk").values_list("submission_id", flat=True)[0]
    teacher = Visitor(chromium, portal, "ruth.ellery@northfield.example", scripts=False, width=320)
    teacher.context.add_cookies([portal.cookie(portal.person(teacher.email))])
    page = teacher.page
    page.goto(f"/ao/aim/qtags/{submission_id}/evidence/")
    tab_to_name(page, "type")
    page.keyboard.type("Cl")
    for name, typed in (
        ("covers", "By keyboard alone"),
        ("control", " "),
        ("dated_on-day", "3"),
        ("dated_on-month", "2"),
    ):
        tab_to_name(page, name)
        page.keyboard.type(typed)
    tab_to_name(page, "dated_on-year")
    page.keyboard.type("2021")
    tab_to_name(page, "learner")
    page.keyboard.press("Space")
    judgement_id = int(tab_to_name(page, "shows-").removeprefix("shows-"))
    page.keyboard.press("ArrowDown")
    tab_until(page, "Record the piece", most=120)
    page.keyboard.press("Enter")
    expect(page.locator("body")).to_contain_text("Recorded for 1 learner.")
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 320
    with open_scope(ao):
        piece = EvidenceRecord.objects.get(covers="By keyboard alone")
        assert piece.judgement_id == judgement_id and piece.type == "classwork" and piece.shows_grade is not None
    teacher.context.close()


def test_the_sign_in_is_done_by_keyboard(seat):
    page = seat("")
    page.goto("/accounts/login/")
    page.get_by_label("E-mail address").focus()
    page.keyboard.type("gareth.bowen@brynglas.example")
    page.keyboard.press("Tab")
    page.keyboard.type("demonstration-only")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("My work")
