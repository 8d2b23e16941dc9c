"""Every component on one page: no axe violation, no scrolling sideways at 320 px, nothing against the page's policy."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.ui.stand_in import StandIn

pytestmark = pytest.mark.system


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
@pytest.mark.parametrize("width", [1280, 320])
def test_the_gallery_is_accessible_and_reflows(chromium: Browser, server: StandIn, width: int, scripts: bool) -> None:
    # axe itself needs scripts, so "without" blocks the portal's own.
    context = chromium.new_context(viewport={"width": width, "height": 900})
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda problem: complaints.append(str(problem)))
    if not scripts:
        page.route("**/static/**/*.js", lambda route: route.abort())
    page.goto(server.url + "/gallery")
    if scripts:
        page.locator("form[data-ready]").wait_for()
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    if scripts:
        assert complaints == []
    context.close()


def test_the_error_summary_takes_the_focus_and_leads_to_its_fields(screen: Page, server: StandIn) -> None:
    screen.goto(server.url + "/gallery")
    summary = screen.locator(".govuk-error-summary")
    expect(summary).to_be_visible()
    summary.get_by_role("link", name="Taught until must include a month and a year").click()
    expect(screen.locator("#id_taught_until-day")).to_be_focused()
    summary.get_by_role("link", name="Choose an answer for “Decision”").click()
    expect(screen.locator("#id_outcome_0")).to_be_focused()


def test_the_account_menu_opens_and_closes_by_keyboard(screen: Page, server: StandIn) -> None:
    screen.goto(server.url + "/grid")
    screen.locator("form[data-ready]").wait_for()
    summary = screen.locator(".portal-menu--user summary")
    summary.focus()
    screen.keyboard.press("Enter")
    expect(screen.get_by_role("button", name="Sign out")).to_be_visible()
    screen.keyboard.press("Escape")
    expect(screen.get_by_role("button", name="Sign out")).to_be_hidden()
    expect(summary).to_be_focused()


def test_what_has_the_focus_is_not_hidden_by_the_bar(screen: Page, server: StandIn) -> None:
    screen.set_viewport_size({"width": 1000, "height": 420})
    screen.goto(server.url + "/grid")
    screen.locator("form[data-ready]").wait_for()
    screen.locator('[name="cell:1:u1"]').focus()
    for _ in range(5):
        screen.keyboard.press("ArrowDown")
    covered = screen.evaluate(
        """() => {
            const box = document.activeElement.getBoundingClientRect();
            const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
            return top !== document.activeElement;
        }"""
    )
    assert covered is False


def test_a_printed_page_leaves_out_what_only_a_screen_needs(screen: Page, server: StandIn) -> None:
    screen.goto(server.url + "/gallery")
    screen.emulate_media(media="print")
    expect(screen.locator(".portal-nav")).to_be_hidden()
    expect(screen.locator(".portal-demo")).to_be_hidden()
    expect(screen.get_by_role("heading", name="Claim ERAC-00012")).to_be_visible()


def test_the_caption_of_a_table_wider_than_the_window_is_read_whole(screen: Page, server: StandIn) -> None:
    """On a telephone, wherever the table is scrolled to: it says what the cells are."""
    screen.set_viewport_size({"width": 320, "height": 700})
    screen.goto(server.url + "/gallery")
    box = screen.evaluate(
        """() => {
            const region = document.createElement("div");
            region.className = "portal-scroll";
            document.querySelector("main").append(region);
            region.innerHTML = '<table class="govuk-table portal-table"><caption class="govuk-table__caption">'
                + "By level, in London's time; until then nobody sees a grade</caption><tr>"
                + `<td>${"Unbroken".repeat(6)}</td>`.repeat(3) + "</tr></table>";
            region.scrollLeft = 400;
            const caption = region.querySelector("caption").getBoundingClientRect();
            return {scrolled: region.scrollLeft, left: caption.left, right: caption.right};
        }"""
    )
    assert box["scrolled"] > 300 and box["left"] >= 0 and box["right"] <= 320
