"""The grid in a real browser: saved as left, by keyboard, by pasting; nothing lost when the line or the session ends."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect

from tests.ui.gallery import Person
from tests.ui.stand_in import StandIn

pytestmark = pytest.mark.system


def cell(page: Page, row: int, column: str) -> Locator:
    return page.locator(f'[name="cell:{row}:{column}"]')


def choose(page: Page, row: int, column: str, value: str) -> None:
    """As a person does: into the cell, then the choice; it is not left yet."""
    cell(page, row, column).focus()
    cell(page, row, column).select_option(value)


def open_grid(page: Page, server: StandIn) -> None:
    page.goto(server.url + "/grid")
    page.locator("form[data-ready]").wait_for()


def state(page: Page, row: int, column: str, expected: str) -> None:
    expect(page.locator(f'td:has([name="cell:{row}:{column}"])')).to_have_attribute("data-state", expected)


def paste(page: Page, row: int, column: str, text: str) -> None:
    cell(page, row, column).focus()
    page.evaluate(
        """text => {
            const data = new DataTransfer();
            data.setData("text/plain", text);
            document.activeElement.dispatchEvent(
                new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
        }""",
        text,
    )


def test_a_cell_is_saved_when_it_is_left_and_not_before(screen: Page, server: StandIn) -> None:
    open_grid(screen, server)
    choose(screen, 1, "u2", "M")
    assert server.posts == []
    cell(screen, 2, "u1").focus()
    state(screen, 1, "u2", "saved")
    assert server.cells["1", "u2"] == ("M", 2)
    assert {name: server.posts[0][name] for name in ("row", "column", "value", "version")} == {
        "row": "1", "column": "u2", "value": "M", "version": "1",
    }  # fmt: skip
    assert server.posts[0]["key"]
    expect(screen.locator("[data-grid-status]")).to_contain_text("Saved: Learner 1, Unit 2: Practice")


def test_a_cell_filled_from_outside_is_saved_at_once(screen: Page, server: StandIn) -> None:
    open_grid(screen, server)
    cell(screen, 1, "u2").select_option("M")  # never has the focus
    state(screen, 1, "u2", "saved")


def test_leaving_an_unchanged_cell_sends_nothing(screen: Page, server: StandIn) -> None:
    open_grid(screen, server)
    cell(screen, 1, "mark").focus()
    cell(screen, 1, "u1").focus()
    choose(screen, 1, "u2", "M")
    cell(screen, 1, "mark").focus()
    state(screen, 1, "u2", "saved")
    assert len(server.posts) == 1


def test_the_same_cell_can_be_saved_twice(screen: Page, server: StandIn) -> None:
    open_grid(screen, server)
    for grade, version in (("M", 2), ("D", 3)):
        choose(screen, 1, "u2", grade)
        cell(screen, 1, "u1").focus()
        state(screen, 1, "u2", "saved")
        expect(cell(screen, 1, "u2")).to_have_attribute("data-version", str(version))
    assert server.cells["1", "u2"] == ("D", 3)


def test_arrow_keys_and_enter_move_without_changing_a_choice(screen: Page, server: StandIn) -> None:
    open_grid(screen, server)
    cell(screen, 1, "u1").focus()
    screen.keyboard.press("ArrowDown")
    expect(cell(screen, 2, "u1")).to_be_focused()
    screen.keyboard.press("ArrowRight")  # over the locked cell
    expect(cell(screen, 2, "mark")).to_be_focused()
    screen.keyboard.press("Enter")
    expect(cell(screen, 3, "mark")).to_be_focused()
    screen.keyboard.press("Shift+Enter")
    expect(cell(screen, 2, "mark")).to_be_focused()
    screen.keyboard.type("12")
    screen.keyboard.press("ArrowLeft")  # inside the text first
    expect(cell(screen, 2, "mark")).to_be_focused()
    screen.keyboard.press("Home")
    screen.keyboard.press("ArrowLeft")
    expect(cell(screen, 2, "u1")).to_be_focused()
    state(screen, 2, "mark", "saved")
    assert server.cells["2", "mark"] == ("12", 2)
    assert not {row for row, column in server.cells if column == "u1"}


def test_typing_the_first_letter_chooses(screen: Page, server: StandIn) -> None:
    open_grid(screen, server)
    cell(screen, 1, "u2").focus()
    screen.keyboard.type("d")
    screen.keyboard.press("Enter")
    state(screen, 1, "u2", "saved")
    assert server.cells["1", "u2"][0] == "D"


def test_escape_takes_back_what_was_typed(screen: Page, server: StandIn) -> None:
    open_grid(screen, server)
    cell(screen, 1, "mark").fill("99")
    screen.keyboard.press("Escape")
    expect(cell(screen, 1, "mark")).to_have_value("")
    cell(screen, 1, "u1").focus()
    assert server.posts == []


def test_a_pasted_block_fills_and_saves_in_one_post(screen: Page, server: StandIn) -> None:
    open_grid(screen, server)
    paste(screen, 4, "u1", "Merit\tdistinction\t7\r\nP\tNonsense\t8\r\n")
    state(screen, 5, "mark", "saved")
    assert len(server.posts) == 1 and "cells" in server.posts[0]
    assert {key: value for key, (value, _) in server.cells.items()} == {
        ("4", "u1"): "M", ("4", "u2"): "D", ("4", "mark"): "7", ("5", "mark"): "8",
    }  # fmt: skip
    report = screen.locator("[data-grid-report]")
    expect(report).to_contain_text("Cells filled: 4.")
    expect(report).to_contain_text("“Nonsense”")
    assert ("5", "u2") not in server.cells


def test_an_empty_place_of_a_pasted_block_empties_the_cell_and_says_so(screen: Page, server: StandIn) -> None:
    """As in a spreadsheet; but nobody loses an entry without being told."""
    open_grid(screen, server)
    paste(screen, 4, "mark", "7\n8")
    state(screen, 5, "mark", "saved")
    paste(screen, 4, "mark", "9\n\n")
    report = screen.locator("[data-grid-report]")
    expect(report).to_contain_text("Cells filled: 1. Cells emptied, since the block held nothing for them: 1.")
    state(screen, 5, "mark", "saved")
    assert server.cells["5", "mark"][0] == ""


def test_a_pasted_block_leaves_locked_cells_and_the_edge_alone(screen: Page, server: StandIn) -> None:
    open_grid(screen, server)
    paste(screen, 1, "u2", "P\t1\nP\t2")
    report = screen.locator("[data-grid-report]")
    expect(report).to_contain_text("Locked cells, left as they are: 1.")
    paste(screen, 6, "u2", "P\t1\t5\nP\t2\t5")
    expect(report).to_contain_text("lay outside the table: 4.")
    state(screen, 6, "mark", "saved")
    assert ("2", "u2") not in server.cells


def test_quoted_spreadsheet_cells_keep_their_tabs_and_lines(screen: Page, server: StandIn) -> None:
    open_grid(screen, server)
    paste(screen, 4, "mark", '"1\n2"\n"say ""3"""')
    state(screen, 5, "mark", "refused")
    values = [server.posts[0]["cells"]]
    assert "1\\n2" in values[0] or "1 2" in values[0] or "12" in values[0]
    assert 'say \\"3\\"' in values[0]


def test_a_refused_cell_says_why_and_keeps_what_was_typed(screen: Page, server: StandIn) -> None:
    open_grid(screen, server)
    cell(screen, 1, "mark").fill("abc")
    cell(screen, 2, "mark").focus()
    state(screen, 1, "mark", "refused")
    expect(cell(screen, 1, "mark")).to_have_value("abc")
    expect(cell(screen, 1, "mark")).to_have_attribute("aria-invalid", "true")
    expect(cell(screen, 1, "mark")).to_have_accessible_description("Not saved: “abc” is not a number")
    cell(screen, 1, "mark").fill("12")
    cell(screen, 2, "mark").focus()
    state(screen, 1, "mark", "saved")
    expect(cell(screen, 1, "mark")).not_to_have_attribute("aria-invalid", "true")


@pytest.mark.parametrize(("button", "kept"), [("Take theirs", "D"), ("Keep mine", "M")])
def test_two_people_in_one_cell_lose_neither_entry(screen: Page, server: StandIn, button: str, kept: str) -> None:
    open_grid(screen, server)
    server.cells["1", "u2"] = ("D", 9)
    choose(screen, 1, "u2", "M")
    cell(screen, 1, "u1").focus()
    state(screen, 1, "u2", "conflict")
    assert server.cells["1", "u2"] == ("D", 9)
    expect(screen.locator(".portal-grid__said")).to_contain_text("Distinction")
    screen.get_by_role("button", name=button).click()
    expect(cell(screen, 1, "u2")).to_have_value(kept)
    cell(screen, 1, "u1").focus()
    state(screen, 1, "u2", "saved")
    assert server.cells["1", "u2"][0] == kept


def test_what_is_typed_while_the_portal_is_down_is_sent_when_it_is_back(screen: Page, server: StandIn) -> None:
    open_grid(screen, server)
    server.mode = "down"
    choose(screen, 1, "u2", "M")
    cell(screen, 1, "mark").fill("5")
    cell(screen, 1, "u1").focus()
    trouble = screen.locator("[data-grid-trouble]")
    expect(trouble).to_contain_text("cannot be reached")
    state(screen, 1, "u2", "waiting")
    server.mode = "up"
    trouble.get_by_role("button", name="Send now").click()
    state(screen, 1, "u2", "saved")
    state(screen, 1, "mark", "saved")
    expect(trouble).to_be_hidden()
    assert server.cells == {("1", "u2"): ("M", 2), ("1", "mark"): ("5", 2)}


def test_an_answer_lost_on_the_way_is_no_conflict(screen: Page, server: StandIn) -> None:
    open_grid(screen, server)
    server.lose_next_answer = True
    choose(screen, 1, "u2", "M")
    cell(screen, 1, "u1").focus()
    expect(screen.locator("[data-grid-trouble]")).to_be_visible()
    server.answered.clear()  # even a server that does not know the key
    screen.get_by_role("button", name="Send now").click()
    state(screen, 1, "u2", "saved")
    assert [post["key"] for post in server.posts] == [server.posts[0]["key"]] * 2


def test_an_ended_session_loses_nothing(screen: Page, server: StandIn) -> None:
    open_grid(screen, server)
    server.mode = "signed out"
    choose(screen, 1, "u2", "M")
    cell(screen, 1, "u1").focus()
    trouble = screen.locator("[data-grid-trouble]")
    expect(trouble).to_contain_text("signed out")
    expect(trouble.get_by_role("link", name="Sign in (opens a new tab)")).to_have_attribute(
        "href", server.url + "/grid"
    )
    assert server.cells == {}
    server.mode = "up"
    screen.evaluate("window.dispatchEvent(new Event('focus'))")  # back from the other tab
    state(screen, 1, "u2", "saved")
    assert server.cells["1", "u2"] == ("M", 2)


def test_entries_are_never_sent_as_somebody_else(screen: Page, server: StandIn) -> None:
    open_grid(screen, server)
    server.mode = "signed out"
    choose(screen, 1, "u2", "M")
    cell(screen, 1, "u1").focus()
    trouble = screen.locator("[data-grid-trouble]")
    expect(trouble).to_contain_text("signed out")
    server.mode, server.user = "up", Person(pk=8, name="Somebody Else")
    trouble.get_by_role("button", name="Send now").click()
    expect(trouble).to_contain_text("Somebody else is signed in")
    screen.reload()
    screen.locator("form[data-ready]").wait_for()
    expect(screen.locator("[data-grid-kept]")).to_be_hidden()
    assert server.cells == {} and server.posts == []


def test_unsent_entries_are_offered_after_a_reload(screen: Page, server: StandIn) -> None:
    open_grid(screen, server)
    server.mode = "signed out"
    choose(screen, 1, "u2", "M")
    cell(screen, 1, "mark").focus()
    screen.keyboard.type("7")  # not even left yet
    expect(screen.locator("[data-grid-trouble]")).to_be_visible()
    server.mode = "up"
    open_grid(screen, server)
    kept = screen.locator("[data-grid-kept]")
    expect(kept).to_contain_text("never saved: 2.")
    assert server.cells == {}
    kept.get_by_role("button", name="Send them now").click()
    state(screen, 1, "mark", "saved")
    expect(cell(screen, 1, "u2")).to_have_value("M")
    assert server.cells == {("1", "u2"): ("M", 2), ("1", "mark"): ("7", 2)}
    open_grid(screen, server)
    expect(kept).to_be_hidden()


def test_unsent_entries_can_be_thrown_away(screen: Page, server: StandIn) -> None:
    open_grid(screen, server)
    server.mode = "signed out"
    choose(screen, 1, "u2", "M")
    cell(screen, 1, "u1").focus()
    expect(screen.locator("[data-grid-trouble]")).to_be_visible()
    server.mode = "up"
    open_grid(screen, server)
    screen.get_by_role("button", name="Throw them away").click()
    open_grid(screen, server)
    expect(screen.locator("[data-grid-kept]")).to_be_hidden()
    assert screen.evaluate("Object.keys(localStorage).filter((name) => name.startsWith('portal-grid'))") == []
    assert server.cells == {}


def test_the_cell_being_typed_in_is_sent_when_the_page_is_left(screen: Page, server: StandIn) -> None:
    open_grid(screen, server)
    cell(screen, 1, "mark").focus()
    screen.keyboard.type("7")
    screen.goto(server.url + "/gallery")
    screen.wait_for_timeout(300)
    assert server.cells["1", "mark"][0] == "7"


def test_without_javascript_one_button_saves_what_was_changed(chromium: Browser, server: StandIn) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(server.url + "/grid")
    cell(page, 1, "u2").select_option("M")
    page.get_by_role("button", name="Save this page").click()
    expect(cell(page, 1, "u2")).to_have_value("M")
    assert set(server.cells) == {("1", "u2"), ("3", "mark")}  # the refused entry differs from what is stored
    context.close()


@pytest.mark.parametrize("width", [1280, 320])
def test_a_grid_full_of_trouble_is_accessible(screen: Page, server: StandIn, width: int) -> None:
    screen.set_viewport_size({"width": width, "height": 900})
    open_grid(screen, server)
    choose(screen, 1, "u2", "M")
    cell(screen, 1, "mark").fill("abc")
    server.cells["4", "u2"] = ("D", 9)
    choose(screen, 4, "u2", "M")
    cell(screen, 4, "u1").focus()
    state(screen, 4, "u2", "conflict")
    server.mode = "signed out"
    choose(screen, 5, "u2", "M")
    cell(screen, 6, "u1").focus()
    state(screen, 5, "u2", "waiting")
    results = Axe().run(screen)
    assert results.violations_count == 0, results.generate_report()
    assert screen.evaluate("document.documentElement.scrollWidth") <= width
