"""Files that wait for somebody: registrations of which some rows are wrong, and an eRAC workbook that contradicts the portal."""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import replace

import xlsxwriter

from awarding.accounts.standing import Standing
from awarding.catalogue.models import Qualification
from awarding.spreadsheets.protected import GridRow, grid_workbook
from awarding.ui.grid import CellInput
from centres.models import Centre, RegistrationUpload
from centres.services.uploads import receive_upload
from centres.workbooks import COLUMNS
from demonstration.awards import BODIES
from demonstration.learners import CohortPlan, LearnerSource
from mitigations.models import Claim, EracDocument, EracUpload
from mitigations.services.documents import issue_document
from mitigations.services.grid import save_cells
from mitigations.services.uploads import receive_upload as receive_workbook
from mitigations.workbooks import erac_spec, workbook_name

GOOD_ROWS = 14
DATE = "dd/mm/yyyy"


def seed_upload(
    contact: Standing, centre: Centre, qualification: Qualification, source: LearnerSource
) -> RegistrationUpload:
    """Checked and not loaded, so that the preview can be looked at."""
    places = {column.key: number for number, column in enumerate(COLUMNS)}
    plan = CohortPlan("2020-21 A (synthetic)", qualification, GOOD_ROWS + 4, is_plain=True)
    rows = [list(row) for row in source.rows([plan])]
    for number, row in enumerate(rows, start=1):
        row[places["reference"]] = f"NEW{number:04d}"
    swapped, foreign, reversed_dates, formula = rows[3], rows[6], rows[9], rows[12]
    swapped[places["uln"]] = _with_wrong_digit(str(swapped[places["uln"]]))
    foreign[places["qan"]] = next(body.awards[0].qan for body in BODIES if body.slug != contact.ao.slug)
    reversed_dates[places["ends_on"]] = dt.date(2018, 6, 30)
    formula[places["given_names"]] = "=HYPERLINK(A1)"
    return receive_upload(
        actor=contact, centre=centre, name="new-learners-synthetic.xlsx", content=_workbook(rows)
    )  # fmt: skip


def seed_returned_workbook(contact: Standing, colleague: Standing, claim: Claim) -> EracUpload:
    """A workbook that came back while a colleague typed into the portal: two plain changes, two to be decided."""
    document = issue_document(actor=contact, claim_id=claim.pk)
    spec = erac_spec(EracDocument.objects.select_related("claim__centre", "claim__qualification").get(pk=document.pk))
    column = spec.columns[0]

    def other(row: GridRow, step: int) -> str:
        """A grade that the cell did not hold."""
        held = row.values.get(column.key, "")
        left = [code for code in (*column.allowed, "") if code != held]
        return left[step % len(left)]

    typed = [CellInput(row.key, column.key, other(row, 0)) for row in spec.rows[:2]]
    rows = [
        replace(row, values={**row.values, column.key: other(row, 1) if number < 2 else other(row, 0)})
        if number < 4
        else row
        for number, row in enumerate(spec.rows)
    ]
    save_cells(actor=colleague, claim_id=claim.pk, cells=typed)
    return receive_workbook(
        actor=contact, claim_id=claim.pk, name=workbook_name(document), content=grid_workbook(replace(spec, rows=rows))
    )


def _with_wrong_digit(uln: str) -> str:
    return uln[:-1] + str((int(uln[-1]) + 1) % 10)


def _workbook(rows: list[list[object]]) -> bytes:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet, day = book.add_worksheet("Learners"), book.add_format({"num_format": DATE})
    for place, column in enumerate(COLUMNS):
        sheet.write_string(0, place, str(column.title))
    for number, row in enumerate(rows, start=1):
        for place, value in enumerate(row):
            if isinstance(value, dt.date):
                sheet.write_datetime(number, place, dt.datetime.combine(value, dt.time()), day)
            else:
                sheet.write_string(number, place, str(value))
    book.close()
    return buffer.getvalue()
