"""The session ends, or the line goes, half-way through a grid: nothing that was typed is lost."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, expect

from awarding.accounts.roles import Role
from awarding.tenancy.models import AwardingOrganisation
from awarding.tenancy.scope import open_scope
from awarding.ui.grid import CellInput
from mitigations.models import Claim, ClaimCell
from mitigations.services.direct_claims import sign_record
from mitigations.services.grid import save_cells
from tests.factories import make_standing
from tests.system.conftest import Portal
from tests.system.people import Visitor

pytestmark = pytest.mark.system
CONTACT = "yusuf.demir@larkhill.example"


@pytest.fixture
def yusuf(portal: Portal, chromium: Browser) -> Iterator[Visitor]:
    visitor = Visitor(chromium, portal, CONTACT).sign_in()
    yield visitor
    visitor.context.close()


@pytest.fixture
def claim() -> Claim:
    """A graded claim that is filled in and not submitted."""
    with open_scope(AwardingOrganisation.objects.get(slug="aim")):
        return Claim.objects.get(state="drafted", qualification__qan="40015245", centre__name="Larkhill Adult Learning")


def stored(claim: Claim) -> dict[str, str]:
    with open_scope(AwardingOrganisation.objects.get(slug="aim")):
        cells = ClaimCell.objects.filter(claim=claim).select_related("learner")
        return {f"cell:{cell.learner.row_key}:{cell.unit_id}": cell.value for cell in cells}


def sign_for_centre(claim: Claim) -> None:
    """Every grade is there; the centre claims directly, so its own verifier records what they looked at (CLM-11)."""
    ao = AwardingOrganisation.objects.get(slug="aim")
    with open_scope(ao):
        mine = Claim.objects.select_related("centre").get(pk=claim.pk)
        contact = make_standing(ao, Role.QUALITY_CONTACT, mine.centre)
        # A workbook of the demonstration left two learners short of a unit.
        cells = [
            CellInput(learner.row_key, str(unit.pk), "M")
            for learner in mine.learners.all()
            for unit in mine.units.all()
        ]
        save_cells(actor=contact, claim_id=mine.pk, cells=cells)
        verifier = make_standing(ao, Role.DIRECT_CLAIMS_VERIFIER, mine.centre)
        sign_record(
            actor=verifier, claim=mine, decision="supported", standards="Each criterion", reasons="The grades stand."
        )


def change(cell: Locator) -> tuple[str, str]:
    """Another grade into the cell, which is then left; the cell's name and the grade."""
    grade = "M" if cell.input_value() != "M" else "D"
    cell.focus()
    cell.select_option(grade)
    return cell.get_attribute("name") or "", grade


def open_grid(visitor: Visitor, claim: Claim) -> Locator:
    visitor.go(f"/ao/aim/claims/{claim.pk}/grid/")
    visitor.page.locator("form[data-ready]").wait_for()
    return visitor.main('[name^="cell:"]')


def test_an_ended_session_keeps_what_was_typed_until_one_is_signed_in_again(portal, yusuf, claim):
    cells = open_grid(yusuf, claim)
    portal.end_sessions()
    typed = dict([change(cells.nth(0)), change(cells.nth(3))])
    cells.nth(5).focus()
    trouble = yusuf.page.locator("[data-grid-trouble]")
    expect(trouble).to_contain_text("signed out")
    assert not typed.items() <= stored(claim).items()
    with yusuf.context.expect_page() as opened:
        trouble.get_by_role("link").click()
    yusuf.answer_sign_in(opened.value)
    # Nothing more is done in the grid's own tab: it hears of the new session by itself.
    for name in typed:
        expect(yusuf.page.locator(f'td:has([name="{name}"])')).to_have_attribute("data-state", "saved")
    assert typed.items() <= stored(claim).items()


def test_what_is_typed_without_a_line_is_sent_when_it_is_back(yusuf, claim):
    cells = open_grid(yusuf, claim)
    yusuf.context.set_offline(True)
    typed = dict([change(cells.nth(1)), change(cells.nth(2))])
    cells.nth(6).focus()
    trouble = yusuf.page.locator("[data-grid-trouble]")
    expect(trouble).to_be_visible()
    assert not typed.items() <= stored(claim).items()
    yusuf.context.set_offline(False)
    for name in typed:
        expect(yusuf.page.locator(f'td:has([name="{name}"])')).to_have_attribute("data-state", "saved")
    assert typed.items() <= stored(claim).items()


def test_a_submit_pressed_twice_submits_once(portal, chromium, yusuf, claim):
    """Two windows, both on the last page before submitting: the second hears that it is done."""
    sign_for_centre(claim)
    pages = [yusuf.page, yusuf.context.new_page()]
    for page in pages:
        page.goto(f"/ao/aim/claims/{claim.pk}/submit/")
        page.get_by_label("The eRAC and its checklist show").check()
    for page in pages:
        page.get_by_role("button", name="Submit the claim").click()
    expect(pages[0].locator("h1")).to_have_text("Claim submitted")
    expect(pages[1].locator("main")).not_to_contain_text("Submit the claim")
    with open_scope(AwardingOrganisation.objects.get(slug="aim")):
        assert Claim.objects.get(pk=claim.pk).version == claim.version + 1
    assert yusuf.faults == []
