"""Writing tables for people to open: workbooks in constant memory, and CSV.

Whatever the data says, nothing written here is ever a live formula or link: text goes in as text. Metadata names
the document and nobody.
"""

import csv
import datetime
import functools
import io
import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final, Literal
from zoneinfo import ZoneInfo

import xlsxwriter
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

WrittenKind = Literal["text", "integer", "decimal", "date", "datetime"]

# The media type of a workbook.
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LONDON: Final = ZoneInfo("Europe/London")
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_NUMBER_FORMATS: Final[dict["WrittenKind", str]] = {
    "text": "@",
    "integer": "0",
    "decimal": "General",
    "date": "dd/mm/yyyy",
    "datetime": "dd/mm/yyyy hh:mm",
}
HEADER: Final = {"bold": True, "text_wrap": True, "valign": "top", "bottom": 1, "bg_color": "#EEEEEE"}
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
    page = book.add_worksheet(sheet_name(title), _WholeRows)
    formats = {kind: book.add_format({"num_format": code}) for kind, code in _NUMBER_FORMATS.items()}
    header = book.add_format(HEADER)
    _start_table(page, columns, header, formats)
    count = page.put_rows(columns, formats, rows)
    page.autofilter(0, 0, max(count, 1), len(columns) - 1)
    if facts:
        write_facts(book, facts, header)
    book.close()
    return count


@dataclass(frozen=True, slots=True)
class WrittenSheet:
    """One table of a small workbook: its sheet's name, its columns, its rows."""

    title: str
    columns: Sequence[WrittenColumn]
    rows: Iterable[Sequence[Any]]


def write_sheets(
    target: BinaryIO, *, title: str, sheets: Sequence[WrittenSheet], facts: Sequence[tuple[str, str]] = ()
) -> None:
    """Write a workbook of several tables that fit in memory. Values and `facts` as in `write_table`."""
    book = xlsxwriter.Workbook(target, {"in_memory": True, **interpreting_nothing()})
    set_metadata(book, title)
    header = book.add_format(HEADER)
    formats = {kind: book.add_format({"num_format": code}) for kind, code in _NUMBER_FORMATS.items()}
    for sheet in sheets:
        page = book.add_worksheet(sheet_name(sheet.title), _WholeRows)
        _start_table(page, sheet.columns, header, formats)
        count = page.put_rows(sheet.columns, formats, sheet.rows)
        page.autofilter(0, 0, max(count, 1), len(sheet.columns) - 1)
    if facts:
        write_facts(book, facts, header)
    book.close()


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
    page: Worksheet, columns: Sequence[WrittenColumn], header: Format, formats: dict[WrittenKind, Format]
) -> None:
    for place, column in enumerate(columns):
        # Cells take the format of their column.
        page.set_column(place, place, column.width, formats[column.kind])
        page.write_string(0, place, plain_text(column.title), header)
    page.freeze_panes(1, 0)


@functools.lru_cache(maxsize=1024)
def _london(value: datetime.datetime) -> datetime.datetime:
    """The clock in London at an instant. Results of a series share theirs."""
    return value.astimezone(LONDON).replace(tzinfo=None)


class _WholeRows(Worksheet):
    """A sheet that writes the rows under its header itself: XlsxWriter takes each cell up twice, at three times the cost.

    Names, shared text, formats and all other parts of the workbook stay XlsxWriter's, and so does the header.
    """

    def __init__(self) -> None:
        super().__init__()
        self.body: list[str] = []

    def put_rows(
        self, columns: Sequence[WrittenColumn], formats: dict[WrittenKind, Format], rows: Iterable[Sequence[Any]]
    ) -> int:
        """Takes the rows under the header; answers how many. ValueError for a row of another length."""
        # In constant memory text stands in its cell and each row goes to the file at once; otherwise text is shared.
        inline = bool(self.constant_memory)
        if inline:
            self._write_single_row(1)  # the header
        text_of = _inline_text if inline else self._shared_text
        before_text, after_text = _INLINE if inline else _SHARED
        # What stands before the row's number, between it and the value, and after the value.
        cells: list[tuple[str, str, Callable[[Any], str], str]] = []
        for place, column in enumerate(columns):
            start, style = f'<c r="{xl_col_to_name(place)}', f'" s="{formats[column.kind]._get_xf_index()}"'
            if column.kind == "text":
                cells.append((start, style + before_text, text_of, after_text))
            else:
                cells.append((start, style + "><v>", _NUMBERS[column.kind], "</v></c>"))
        put: Callable[[str], Any] = self.fh.write if inline else self.body.append
        count = 0
        for count, row in enumerate(rows, start=1):
            number = count + 1
            put(
                f'<row r="{number}">'
                + "".join(
                    [
                        f"{start}{number}{style}{written(value)}{end}"
                        for (start, style, written, end), value in zip(cells, row, strict=True)
                        if value is not None and value != ""
                    ]
                )
                + "</row>"
            )
        if count and self._check_dimensions(count, len(columns) - 1):
            raise ValueError("More rows or columns than a sheet holds.")
        return count

    def _shared_text(self, value: Any) -> str:
        return str(self.str_table._get_shared_string_index(_cell_text(value)))

    def _write_rows(self) -> None:
        super()._write_rows()
        self.fh.write("".join(self.body))


def _cell_text(value: Any) -> str:
    """Text as a cell takes it: at most 32,767 UTF-16 units."""
    text = value if type(value) is str and value[:1] != "<" else plain_text(value)
    if len(text) > _LONGEST_TEXT // 2 and len(text.encode("utf-16-le")) > 2 * _LONGEST_TEXT:
        text = text.encode("utf-16-le")[: 2 * _LONGEST_TEXT].decode("utf-16-le", errors="ignore")
    return text


def _inline_text(value: Any) -> str:
    """Text as it stands in its cell: nothing in it is markup, and its spaces are kept."""
    text = _cell_text(value)
    if _SPECIAL.search(text) is None and text == text.strip():
        return f"<t>{text}"
    text = _ESCAPE.sub(r"_x005F\1", text)
    text = _UNPRINTABLE.sub(lambda found: f"_x{ord(found[0]):04X}_", text)
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f'<t xml:space="preserve">{text}'


def _number(value: float) -> str:
    if not math.isfinite(value):
        raise ValueError(f"{value!r} is no number that a cell can hold.")
    return f"{value:.16G}"


@functools.lru_cache(maxsize=4096)
def _serial(value: datetime.date) -> str:
    """A date, or a date and time without a zone, as a spreadsheet counts it: days since the end of 1899."""
    if isinstance(value, datetime.datetime):
        days = (value - datetime.datetime(1899, 12, 31)) / datetime.timedelta(days=1)
    else:
        days = (value - datetime.date(1899, 12, 31)).days
    # Spreadsheets have a 29 February 1900.
    return _number(days + 1 if days > 59 else days)


def _moment(value: datetime.datetime) -> str:
    return _serial(value if value.tzinfo is None else _london(value))


# What stands round a text: in the table of shared ones, by its number there, or in the cell.
_SHARED: Final = (' t="s"><v>', "</v></c>")
_INLINE: Final = (' t="inlineStr"><is>', "</t></is></c>")
# What may not stand in a cell as it is, and the beginning of what reads like an escape.
_SPECIAL: Final = re.compile("[&<>_\x00-\x1f\ufffe\uffff]")
# A cell writes what it cannot hold as _x0001_, and so what reads like that as _x005F_x0001_.
_ESCAPE: Final = re.compile(r"(_x[0-9a-fA-F]{4}_)")
_UNPRINTABLE: Final = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]")
_LONGEST_TEXT: Final = 32_767
_NUMBERS: Final[dict[WrittenKind, Callable[[Any], str]]] = {
    "integer": _number,
    "decimal": _number,
    "date": _serial,
    "datetime": _moment,
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
