"""Writing tables for people to open: workbooks in constant memory, and CSV.

Whatever the data says, nothing written here is ever a live formula or link: text goes in as text. Metadata names
the document and nobody.
"""

import csv
import datetime
import inspect
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final, Literal
from zoneinfo import ZoneInfo

import xlsxwriter
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

WrittenKind = Literal["text", "integer", "decimal", "date", "datetime"]

LONDON: Final = ZoneInfo("Europe/London")
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_NUMBER_FORMATS: Final = {
    "text": "@",
    "integer": "0",
    "decimal": "General",
    "date": "dd/mm/yyyy",
    "datetime": "dd/mm/yyyy hh:mm",
}
_BAD_SHEET_CHARACTERS: Final = str.maketrans("[]:*?/\\", "       ")


@dataclass(frozen=True, slots=True)
class WrittenColumn:
    """A column of an export: its header, the kind of its values, its width in characters."""

    title: str | Promise
    kind: WrittenKind = "text"
    width: int = 16


def write_table(
    target: Path | str | BinaryIO,
    *,
    title: str,
    columns: Sequence[WrittenColumn],
    rows: Iterable[Sequence[Any]],
    facts: Sequence[tuple[str, str]] = (),
) -> int:
    """Write a workbook of one table and return the number of rows written.

    `rows` are sequences of values in the order of `columns`: text for text (identifiers too: they stay text), int or
    float for numbers, date, datetime (an aware one is shown in London's time), None for a blank cell. They are taken
    one at a time and not kept. `facts` (label, value) go on a second sheet. Text beyond 32,767 characters is cut.
    """
    book = xlsxwriter.Workbook(target, workbook_options())
    set_metadata(book, title)
    page = book.add_worksheet(sheet_name(title))
    header = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1, "bg_color": "#EEEEEE"})
    writers = _start_table(book, page, columns, header)
    count = 0
    for row in rows:
        count += 1
        for place, write, value in zip(range(len(columns)), writers, row, strict=True):
            if value is not None and value != "":
                write(page, count, place, value)
    page.autofilter(0, 0, max(count, 1), len(columns) - 1)
    if facts:
        write_facts(book, facts, header)
    book.close()
    return count


def write_csv(
    target: BinaryIO, *, columns: Sequence[WrittenColumn], rows: Iterable[Sequence[Any]], delimiter: str = ","
) -> int:
    """Write a CSV file (UTF-8 with a mark, so that Excel reads it) and return the number of rows written.

    Text that a spreadsheet would run as a formula gets an apostrophe in front. Values as in `write_table`.
    """
    text = io.TextIOWrapper(target, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerow([harmless(str(column.title)) for column in columns])
    count = 0
    for row in rows:
        count += 1
        writer.writerow([_csv_value(value) for value in row])
    text.detach()  # the target is the caller's to close
    return count


def harmless(text: str) -> str:
    """Return text that no spreadsheet program takes for a formula when it opens a CSV file."""
    return (
        "'" + text if text.lstrip(" \u00a0").startswith(_FORMULA_STARTS) or text.startswith(_FORMULA_STARTS) else text
    )


def sheet_name(title: str) -> str:
    """Return a title as a sheet's name: at most 31 characters, none that are not allowed there."""
    name = " ".join(title.translate(_BAD_SHEET_CHARACTERS).split())[:31].strip("' ")
    return name if name and name.casefold() != "history" else "Sheet1"


def workbook_options() -> dict[str, Any]:
    """The options of every workbook written row by row: constant memory, nothing guessed from text."""
    return {"constant_memory": True, **interpreting_nothing()}


def interpreting_nothing() -> dict[str, Any]:
    """The options that keep text as text."""
    return {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


def set_metadata(book: Workbook, title: str) -> None:
    """Name the document and no person, program or machine."""
    book.set_properties({"title": title[:255], "author": "", "company": "", "manager": "", "comments": ""})


def write_facts(book: Workbook, facts: Sequence[tuple[str, str]], label_format: Format) -> None:
    """Write (label, value) pairs on a sheet of their own."""
    page = book.add_worksheet(sheet_name(_("About this file")))
    page.set_column(0, 0, 28)
    page.set_column(1, 1, 70)
    for number, (label, value) in enumerate(facts):
        page.write_string(number, 0, plain_text(label), label_format)
        page.write_string(number, 1, plain_text(value))


def write_typed(page: Worksheet, row: int, column: int, value: Any, formats: dict[str, Format]) -> None:
    """Write one value by its Python type: text as text, numbers, truth values, dates; `formats` by kind."""
    if value is None or value == "":
        page.write_blank(row, column, None, formats["text"])
    elif isinstance(value, bool):
        page.write_boolean(row, column, value, formats["text"])
    elif isinstance(value, (int, float)):
        page.write_number(row, column, value, formats["number"])
    elif isinstance(value, (datetime.date, datetime.datetime)):
        page.write_datetime(row, column, value, formats["date"])
    else:
        page.write_string(row, column, plain_text(value), formats["text"])


def plain_text(value: Any) -> str:
    """Return a value as text to be written to a cell.

    XlsxWriter passes a string from ``<r>`` to ``</r>`` through as ready-made XML, so one typed by a person could
    smuggle in cells of its own; a space at its end makes it ordinary text.
    """
    text = value if type(value) is str else str(value)
    return text + " " if text[:3] == "<r>" else text


def _start_table(
    book: Workbook, page: Worksheet, columns: Sequence[WrittenColumn], header: Format
) -> list[Callable[..., Any]]:
    formats = {kind: book.add_format({"num_format": code}) for kind, code in _NUMBER_FORMATS.items()}
    for place, column in enumerate(columns):
        # Cells take the format of their column.
        page.set_column(place, place, column.width, formats[column.kind])
        page.write_string(0, place, plain_text(column.title), header)
    page.freeze_panes(1, 0)
    return [_WRITERS[column.kind] for column in columns]


# Without the wrappers that would look for addresses such as "A1" in every single call.
_write_string = inspect.unwrap(Worksheet.write_string)
_write_number = inspect.unwrap(Worksheet.write_number)
_write_datetime = inspect.unwrap(Worksheet.write_datetime)


def _write_text(page: Worksheet, row: int, column: int, value: Any) -> None:
    _write_string(page, row, column, plain_text(value))


def _write_moment(page: Worksheet, row: int, column: int, value: datetime.datetime) -> None:
    if value.tzinfo is not None:
        value = value.astimezone(LONDON).replace(tzinfo=None)
    _write_datetime(page, row, column, value)


_WRITERS: Final[dict[WrittenKind, Callable[..., Any]]] = {
    "text": _write_text,
    "integer": _write_number,
    "decimal": _write_number,
    "date": _write_datetime,
    "datetime": _write_moment,
}


def _csv_value(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, datetime.datetime):
        if value.tzinfo is not None:
            value = value.astimezone(LONDON)
        return value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, (int, float, datetime.date)):
        return value
    return harmless(str(value))
