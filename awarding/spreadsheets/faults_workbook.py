"""Faulty rows back as a workbook: mend them there and upload that file."""

import datetime
import io
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook

from awarding.spreadsheets.addresses import split_address
from awarding.spreadsheets.faults import Fault, reasons_title
from awarding.spreadsheets.reader import Table
from awarding.spreadsheets.writer import interpreting_nothing, plain_text, set_metadata, sheet_name, write_typed

_LONGEST_REASON = 2000


def faults_workbook(table: Table, faults: Iterable[Fault] | None = None) -> bytes:
    """Return a workbook of the table's rows that have errors, the faulty cells coloured, the reasons in a last column.

    The first sheet has the upload's own header, so that the mended file can be uploaded as it is. A second sheet
    lists every fault by sheet, cell, value, what is wrong and how to mend it. `faults` defaults to the table's.
    """
    listed = list(table.faults if faults is None else faults)
    by_row: dict[int, list[Fault]] = defaultdict(list)
    for fault in listed:
        if fault.row is not None:
            by_row[fault.row].append(fault)
    wrong = table.faults.rows_in_error | {f.row for f in listed if f.severity == "error" and f.row is not None}
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, **interpreting_nothing()})
    set_metadata(book, _("Rows to mend"))
    formats = _formats(book)
    _write_rows(book, table, by_row, wrong, formats)
    _write_list(book, listed, table.faults.dropped, formats)
    book.close()
    return buffer.getvalue()


def _formats(book: Workbook) -> dict[str, dict[str, Format]]:
    def kinds(**more: Any) -> dict[str, Format]:
        return {
            "text": book.add_format({"num_format": "@", **more}),
            "number": book.add_format(more),
            "date": book.add_format({"num_format": "dd/mm/yyyy", **more}),
        }

    return {
        "plain": kinds(valign="top"),
        # Told apart by border as well as colour.
        "error": kinds(valign="top", bg_color="#F9D7D7", border=2, border_color="#B10E1E"),
        "warning": kinds(valign="top", bg_color="#FFF4CC", border=4, border_color="#7A5C00"),
        "header": {"text": book.add_format({"bold": True, "text_wrap": True, "bottom": 1, "bg_color": "#EEEEEE"})},
        "reason": {"text": book.add_format({"text_wrap": True, "valign": "top"})},
    }


def _write_rows(
    book: Workbook,
    table: Table,
    by_row: dict[int, list[Fault]],
    wrong: set[int],
    formats: dict[str, dict[str, Format]],
) -> None:
    page = book.add_worksheet(sheet_name(_("Rows to mend")))
    # A reasons column from last time is left out: it would be a second one.
    kept = [n for n, text in enumerate(table.header) if text != reasons_title()]
    for place, index in enumerate(kept):
        page.set_column(place, place, 18, formats["plain"]["text"])
        page.write_string(0, place, plain_text(table.header[index]), formats["header"]["text"])
    page.set_column(len(kept), len(kept), 90)
    page.write_string(0, len(kept), reasons_title(), formats["header"]["text"])
    page.freeze_panes(1, 0)
    titles = {place: table.header[place - table.first_column] for place in table.found.values()}
    for number, raw in enumerate((raw for raw in table.raw if raw[0] in wrong), start=1):
        marks: dict[int, str] = {}
        reasons = []
        for fault in by_row.get(raw[0], ()):
            place = split_address(fault.cell)[1] if fault.cell else 0
            if marks.get(place) != "error":
                marks[place] = fault.severity
            label = f"{titles[place]}: " if place in titles else ""
            reasons.append(f"{label}{fault.message} {fault.fix}")
        for place, index in enumerate(kept):
            kind = marks.get(index + table.first_column, "plain")
            cell = raw[index + 1] if index + 1 < len(raw) else ""
            write_typed(page, number, place, _python_value(cell), formats[kind])
        text = "\n".join(reasons) or _("This row has faults beyond the number that is listed.")
        page.write_string(number, len(kept), plain_text(text[:_LONGEST_REASON]), formats["reason"]["text"])


def _write_list(book: Workbook, faults: list[Fault], dropped: int, formats: dict[str, dict[str, Format]]) -> None:
    page = book.add_worksheet(sheet_name(_("Every fault")))
    header = [_("Where"), _("Address"), _("It says"), _("What to look at"), _("How to mend it"), _("Weight")]
    for place, (text, width) in enumerate(zip(header, (16, 10, 24, 60, 60, 10), strict=True)):
        page.set_column(place, place, width)
        page.write_string(0, place, text, formats["header"]["text"])
    page.freeze_panes(1, 0)
    weights = {"error": _("error"), "warning": _("warning")}
    for number, fault in enumerate(faults, start=1):
        cells = (fault.sheet, fault.cell, fault.value, fault.message, fault.fix, weights[fault.severity])
        for place, text in enumerate(cells):
            page.write_string(number, place, plain_text(text), formats["reason"]["text"])
    if dropped:
        more = _("%(count)s more faults are not listed.") % {"count": dropped}
        page.write_string(len(faults) + 1, 3, more, formats["reason"]["text"])


def _python_value(cell: Any) -> Any:
    """Return a cell of the child's as Python has it, dates as dates."""
    if not isinstance(cell, list):
        return cell
    if cell[0] == "h":
        return cell[1]
    value: datetime.date = datetime.datetime.fromisoformat(cell[1])
    return value if value.year >= 1900 else cell[1]
