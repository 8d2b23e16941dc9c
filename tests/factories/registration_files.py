"""Files of learners and registrations as centres send them."""

from __future__ import annotations

import csv
import datetime as dt
import io
from typing import Any

import xlsxwriter

from centres.workbooks import COLUMNS
from tests.factories.awards import make_uln

HEADER = [str(column.title) for column in COLUMNS]


def make_row(n: int, qan: str, **changes: Any) -> dict[str, Any]:
    """The n-th learner's row, by column key."""
    row: dict[str, Any] = {
        "uln": make_uln(n), "given_names": f"Given{chr(97 + n % 26)}", "family_name": f"Family{chr(97 + n // 26 % 26)}",
        "date_of_birth": dt.date(2002, 1 + n % 12, 1 + n % 28), "reference": "", "qan": qan, "cohort": "2019-20",
        "registered_on": dt.date(2019, 10, 1), "starts_on": dt.date(2019, 9, 9), "ends_on": dt.date(2020, 6, 30),
    }  # fmt: skip
    return row | changes


def make_workbook(
    rows: list[dict[str, Any]], *, header: list[str] | None = None, keys: list[str] | None = None
) -> bytes:
    """A workbook with the template's header (or another), values by their Python type."""
    keys = keys or [column.key for column in COLUMNS]
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    page = book.add_worksheet("Learners")
    date = book.add_format({"num_format": "dd/mm/yyyy"})
    for place, title in enumerate(header or HEADER):
        page.write_string(0, place, title)
    for number, row in enumerate(rows, start=1):
        for place, key in enumerate(keys):
            value = row[key]
            if isinstance(value, dt.date):
                page.write_datetime(number, place, value, date)
            elif isinstance(value, tuple):
                page.write_formula(number, place, value[0], None, value[1])
            elif isinstance(value, int | float):
                page.write_number(number, place, value)
            elif value != "":
                page.write_string(number, place, value)
    book.close()
    return buffer.getvalue()


def make_csv(rows: list[dict[str, Any]], *, delimiter: str = ",", encoding: str = "utf-8") -> bytes:
    """The same as CSV, dates as day/month/year."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=delimiter)
    writer.writerow(HEADER)
    for row in rows:
        writer.writerow([f"{v:%d/%m/%Y}" if isinstance(v, dt.date) else v for v in row.values()])
    return buffer.getvalue().encode(encoding)
