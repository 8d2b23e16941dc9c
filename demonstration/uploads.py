"""A file of registrations that waits to be loaded: most rows are good, some say plainly what is wrong with them."""

from __future__ import annotations

import datetime as dt
import io

import xlsxwriter

from awarding.accounts.standing import Standing
from awarding.catalogue.models import Qualification
from centres.models import Centre, RegistrationUpload
from centres.services.uploads import receive_upload
from centres.workbooks import COLUMNS
from demonstration.awards import BODIES
from demonstration.learners import CohortPlan, LearnerSource

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
