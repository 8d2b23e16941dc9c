"""The whole job in a real browser: with scripts on a wide screen, without them on a telephone's."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.system import walk
from tests.system.conftest import Portal
from tests.system.people import Visitor

pytestmark = pytest.mark.system


@pytest.mark.parametrize(
    ("scripts", "width", "contact", "first_uln"),
    [(True, 1280, "sam.okafor@northfield.example", 11_000), (False, 320, "megan.rhys@brynglas.example", 21_000)],
    ids=["with scripts", "without scripts at 320 pixels"],
)
def test_a_claim_goes_from_a_spreadsheet_to_a_certificate(
    portal: Portal, chromium: Browser, tmp_path: Path, scripts: bool, width: int, contact: str, first_uln: int
) -> None:
    visitors: dict[str, Visitor] = {}

    def visit(email: str) -> Visitor:
        if email not in visitors:
            visitors[email] = Visitor(chromium, portal, email, scripts=scripts, width=width)
            if email:
                visitors[email].sign_in()
        return visitors[email]

    steps = walk.Walk(visit, tmp_path, f"Walk {first_uln}", first_uln, contact, scripts)
    try:
        walk.whole(steps)
    finally:
        faults = [fault for visitor in visitors.values() for fault in visitor.faults]
        for visitor in visitors.values():
            visitor.context.close()
    assert faults == []
