"""The whole job, from a learners' workbook to a certificate, each step done by the person whose turn it is."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.styles import numbers
from playwright.sync_api import expect

from centres.workbooks import COLUMNS
from tests.factories.awards import make_uln
from tests.factories.worker import wait_for
from tests.system.people import Visitor

AO = "/ao/aim"
QAN = "400/1524/5"  # five units graded P, M, D
NAMES = [("Wanda", "Lake"), ("Zoë", "O’Hara"), ("Ólafur", "Þór"), ("Ana María", "Vega")]
GRADES = [("P", "P", "M", "M", "D"), ("M", "M", "M", "M", "M"), ("D", "D", "D", "D", "D"), ("P", "P", "P", "P", "P")]
PDF = b"%PDF-1.4\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n"


@dataclass
class Walk:
    """What the people of one walk know: who they are, the cohort, and the claim's number once it has one."""

    visit: Callable[..., Visitor]
    folder: Path
    cohort: str
    first_uln: int
    contact: str
    scripts: bool = True
    number: str = ""
    claim_id: int = 0
    ulns: list[str] = field(default_factory=list)

    def learners_are_uploaded(self) -> None:
        """From the portal's own template, with one row that is wrong: the good ones are loaded, that one comes back."""
        sam = self.visit(self.contact)
        sam.go(f"{AO}/uploads/")
        sam.follow("Upload registrations")
        template = sam.download(
            sam.main(
                "a",
            ).filter(has_text="Download the workbook"),
            self.folder,
        )
        filled = self._fill_template(template)
        sam.page.get_by_label("Workbook or CSV file").set_input_files(filled)
        sam.press("Upload and check")
        sam.sees("What was found")
        sam.sees("its last digit does not fit")
        mended = sam.download(sam.main("a").filter(has_text="Download the refused rows"), self.folder)
        assert any("its last digit" in str(cell.value) for row in openpyxl.load_workbook(mended).active for cell in row)
        sam.press("Load the 4 good rows")
        sam.sees("What was done")

    def _fill_template(self, template: Path) -> Path:
        book = openpyxl.load_workbook(template)
        sheet = book.active
        header, places = _header(sheet)
        self.ulns = [make_uln(self.first_uln + n) for n in range(len(NAMES))]
        rows = [(uln, *name) for uln, name in zip(self.ulns, NAMES, strict=True)]
        rows.append((self.ulns[0][:-1] + str((int(self.ulns[0][-1]) + 1) % 10), "Wrong", "Digit"))
        # The example rows of the template are typed over.
        for number, (uln, given, family) in enumerate(rows, start=header + 1):
            values: dict[str, Any] = {
                "uln": uln, "given_names": given, "family_name": family, "date_of_birth": dt.date(2002, 3, 14),
                "reference": "", "qan": QAN, "cohort": self.cohort, "registered_on": dt.date(2019, 10, 1),
                "starts_on": dt.date(2019, 9, 9), "ends_on": dt.date(2020, 6, 30),
            }  # fmt: skip
            for key, place in places.items():
                cell = sheet.cell(number, place, values[key])
                if isinstance(values[key], dt.date):
                    cell.number_format = numbers.FORMAT_DATE_DDMMYY
        filled = self.folder / "learners.xlsx"
        book.save(filled)
        return filled

    def erac_is_generated(self) -> None:
        sam = self.visit(self.contact)
        sam.go(f"{AO}/claims/")
        sam.follow("Generate an eRAC")
        sam.follow(self.cohort)
        sam.press("Generate the eRAC")
        expect(sam.page.locator("h1")).to_contain_text(re.compile(r"AIM-\d{4}-\d{6}"))
        self.number = re.search(r"AIM-\d{4}-\d{6}", sam.page.locator("h1").inner_text())[0]
        self.claim_id = int(re.search(r"/claims/(\d+)/", sam.page.url)[1])
        sam.sees("Drafted")

    def grid_is_filled(self) -> None:
        """With scripts the first cells by keyboard and the rest by pasting; without, by choosing and one button."""
        sam = self.visit(self.contact)
        sam.go(f"{AO}/claims/{self.claim_id}/grid/")
        cells = sam.main('[name^="cell:"]')
        width = len(GRADES[0])
        order = self._grades_by_row(sam)
        if not self.scripts:
            for number in range(cells.count()):
                cells.nth(number).select_option(order[number // width][number % width])
            sam.press("Save this page")
        else:
            sam.page.locator("form[data-ready]").wait_for()
            cells.nth(0).focus()
            for grade in order[0]:
                sam.page.keyboard.type(grade.lower())
                sam.page.keyboard.press("ArrowRight")
            paste(sam, cells.nth(width), "\n".join("\t".join(row) for row in order[1:]))
            expect(sam.main('td[data-state="saved"]')).to_have_count(cells.count())
        sam.go(f"{AO}/claims/{self.claim_id}/grid/")
        held = [sam.main('[name^="cell:"]').nth(n).input_value() for n in range(cells.count())]
        assert held == [grade for row in order for grade in row]

    def _grades_by_row(self, sam: Visitor) -> list[tuple[str, ...]]:
        """The grades in the order in which the page lists the learners."""
        names = sam.main("form[data-grid] tbody th").all_inner_texts()
        by_family = {family: grades for (_given, family), grades in zip(NAMES, GRADES, strict=True)}
        return [next(grades for family, grades in by_family.items() if family in name) for name in names]

    def checklist_is_filled(self) -> None:
        sam = self.visit(self.contact)
        sam.go(f"{AO}/claims/{self.claim_id}/checklist/")
        for box in sam.main('input[name="complete"][type="checkbox"]').all():
            box.check()
        sam.press("Mark the rest complete")
        sam.sees("20 lines saved")

    def claim_is_submitted(self) -> None:
        sam = self.visit(self.contact)
        sam.go(f"{AO}/claims/{self.claim_id}/")
        sam.follow("Check and submit")
        sam.sees("20 of 20")
        sam.press("Submit the claim")  # without the statement: it says what is missing and keeps the page
        expect(sam.page.locator(".govuk-error-summary")).to_be_visible()
        sam.page.get_by_label("The eRAC and its checklist show").check()
        sam.press("Submit the claim")
        expect(sam.page.locator("h1")).to_have_text("Claim submitted")
        sam.sees(self.number)

    def panel_decides(self) -> None:
        """Out of turn, since others arrived earlier: with a reason."""
        adaeze = self.visit("adaeze.obi@aim.example")
        adaeze.go(f"{AO}/panel/")
        adaeze.follow(self.number)
        adaeze.page.get_by_label("Why this claim is taken first").fill("Its learners enrol tomorrow.")
        adaeze.press("Open this case")
        adaeze.page.get_by_label("Sufficient", exact=True).check()
        adaeze.page.get_by_label("Reasons").fill("Every unit is evidenced.")
        adaeze.press("Record the decision")
        adaeze.go(f"{AO}/claims/{self.claim_id}/").sees("Waiting for an external verifier")

    def claim_is_allocated(self) -> None:
        helen = self.visit("helen.marsh@aim.example")
        helen.go(f"{AO}/verification/allocate/")
        helen.follow(f"Allocate {self.number}")
        tomasz = helen.main("option").filter(has_text="Tomasz Wiśniewski").get_attribute("value")
        helen.page.get_by_label("External verifier").select_option(tomasz)
        helen.press("Allocate")
        helen.go(f"{AO}/claims/{self.claim_id}/").sees("With the external verifier")

    def sample_is_picked(self) -> None:
        tomasz = self.visit("tomasz.wisniewski@verifiers.example")
        tomasz.go(f"{AO}/verification/")
        tomasz.follow(self.number)
        boxes = tomasz.main('input[name="piece"]')
        boxes.nth(0).check()
        boxes.nth(6).check()
        tomasz.page.get_by_label("Why these").fill("Drawn at random")
        tomasz.press("Add to the sample")
        due = dt.date.today() + dt.timedelta(days=9)
        for part, value in (("Day", due.day), ("Month", due.month), ("Year", due.year)):
            tomasz.page.get_by_label(part, exact=True).first.fill(str(value))
        tomasz.press("Ask the centre for 2 pieces")
        tomasz.sees("asked for by")

    def evidence_is_sent(self) -> None:
        """The contact finds the page from the inbox; a file that is no picture after all is refused in words."""
        sam = self.visit(self.contact)
        sam.go(f"{AO}/claims/{self.claim_id}/evidence/")
        expect(sam.main("section.portal-card")).to_have_count(2)
        card = sam.main("section.portal-card").nth(0)
        card.locator('input[type="file"]').set_input_files({"name": "work.png", "mimeType": "image/png", "buffer": PDF})
        card.get_by_role("button", name="Send").click()
        expect(sam.page.locator(".govuk-error-summary")).to_be_visible()
        for number in range(2):
            card = sam.main("section.portal-card").nth(number)
            file = {"name": f"work-{number}.pdf", "mimeType": "application/pdf", "buffer": PDF + b"%" * number}
            card.locator('input[type="file"]').set_input_files(file)
            card.get_by_role("button", name="Send").click()
            sam.sees(f"work-{number}.pdf")

    def sample_is_decided(self) -> None:
        """One piece accepted, one returned with its reason; the rest goes on."""
        tomasz = self.visit("tomasz.wisniewski@verifiers.example")
        for number in range(2):
            tomasz.go(f"{AO}/verification/{self.claim_id}/")
            tomasz.main("table").first.locator("tbody a").nth(number).click()
            tomasz.download(tomasz.main("a").filter(has_text=f"work-{number}.pdf"), self.folder)
            tomasz.page.get_by_label("Return to the centre" if number else "Accept", exact=True).check()
            if number:
                tomasz.page.get_by_label("Reason").fill("The second page is missing.")
            tomasz.press("Note the decision")
        tomasz.go(f"{AO}/verification/{self.claim_id}/")
        tomasz.press("Finish verification")
        sam = self.visit(self.contact)
        sam.go(f"{AO}/claims/{self.claim_id}/").sees("Verified")
        sam.go(f"{AO}/claims/").sees("Drafted")

    def claim_is_processed(self) -> None:
        """A real worker does it; the page shows when it is done."""
        helen = self.visit("helen.marsh@aim.example")
        helen.go(f"{AO}/results/to-process/")
        helen.follow(self.number)
        helen.press("Process this claim")

        def done() -> bool:
            helen.go(f"{AO}/results/claims/{self.claim_id}/")
            return helen.main("a").filter(has_text="(PDF)").count() == 3

        wait_for(done, 60, "three certificates")

    def certificate_is_checked(self) -> str:
        """The text of the first certificate, after its public page has been looked at by a stranger."""
        from pypdf import PdfReader

        helen = self.visit("helen.marsh@aim.example")
        helen.go(f"{AO}/results/claims/{self.claim_id}/")
        link = helen.main("a").filter(has_text="(PDF)").first
        number = re.search(r"AIM-C-\d{4}-\d{7}", link.inner_text())[0]
        file = helen.fetch(link, self.folder, "certificate.pdf")
        text = PdfReader(file).pages[0].extract_text()
        assert number in text
        code = re.search(r"\b[A-HJKMNP-Z2-9]{10}\b", text.replace(number, ""))[0]
        stranger = self.visit("")
        stranger.go("/check/")
        stranger.page.get_by_label("Awarding organisation").select_option("aim")
        stranger.page.get_by_label("Certificate number").fill(number)
        stranger.page.get_by_label("Check code").fill(code.lower())
        stranger.press("Check")
        stranger.sees("Genuine and in force")
        stranger.go(f"/check/aim/{number}/{'A' * 10}/").sees("Not known")
        return text

    def results_are_exported(self) -> None:
        """One workbook; the learner numbers in it are text."""
        helen = self.visit("helen.marsh@aim.example")
        helen.go(f"{AO}/results/")
        helen.press("Export all results")
        ready = helen.main("a").filter(has_text=".xlsx")

        def done() -> bool:
            if not ready.count():
                helen.page.wait_for_timeout(300)
                helen.page.reload()
            return ready.count() > 0

        wait_for(done, 60, "the workbook")
        book = openpyxl.load_workbook(helen.download(ready, self.folder))
        cells = {cell.value for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "s"}
        assert len(cells & set(self.ulns)) == 3  # the fourth learner's returned unit keeps them from a result
        assert not [c for sheet in book for row in sheet.iter_rows() for c in row if c.data_type == "f"]


def _header(sheet: Any) -> tuple[int, dict[str, int]]:
    titles = {str(column.title): column.key for column in COLUMNS}
    for row in sheet.iter_rows(max_row=40):
        found = {titles[c.value]: c.column for c in row if c.value in titles}
        if len(found) == len(COLUMNS):
            return row[0].row, found
    raise AssertionError("the template has no header")


def paste(visitor: Visitor, cell: Any, text: str) -> None:
    cell.focus()
    visitor.page.evaluate(
        """text => {
            const data = new DataTransfer();
            data.setData("text/plain", text);
            document.activeElement.dispatchEvent(
                new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
        }""",
        text,
    )


def whole(walk: Walk) -> None:
    """Every step in its order."""
    walk.learners_are_uploaded()
    walk.erac_is_generated()
    walk.grid_is_filled()
    walk.checklist_is_filled()
    walk.claim_is_submitted()
    walk.panel_decides()
    walk.claim_is_allocated()
    walk.sample_is_picked()
    walk.evidence_is_sent()
    walk.sample_is_decided()
    walk.claim_is_processed()
    walk.certificate_is_checked()
    walk.results_are_exported()
