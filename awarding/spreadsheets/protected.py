"""Workbooks in which only certain cells may be typed in, and which know themselves when they come back.

A hidden first column holds each row's key and a hidden row holds each column's, so that rows may be sorted, columns
moved or added and the sheet renamed, and every cell is still known for what it is. The version stands twice, at
the top and beside the column keys. `awarding.spreadsheets.grid_reader` is the counterpart.

Written with XlsxWriter and read with calamine: a third of the time of openpyxl for either, and nothing of what
came back is ever built into a document.
"""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import xlsxwriter
from django.utils.translation import gettext as _
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from awarding.spreadsheets.addresses import column_letters
from awarding.spreadsheets.writer import interpreting_nothing, plain_text, set_metadata, sheet_name

# What the hidden cells begin with.
VERSION_MARK: Final = "#version:"
ROW_MARK: Final = "#row:"
COLUMN_MARK: Final = "#column:"
HEAD_MARK: Final = "#head:"
# Rows that the portal wrote and that hold no values.
OTHER_MARK: Final = "#"
_LONGEST_INLINE_LIST = 250
_LISTS = "Values"


@dataclass(frozen=True, slots=True)
class GridColumn:
    """A column to be filled in: its key, the title shown, the values allowed (none: any text), a hint."""

    key: str
    title: str
    allowed: tuple[str, ...] = ()
    hint: str = ""
    width: int = 12


@dataclass(frozen=True, slots=True)
class GridRow:
    """A row: its key, what identifies it to a reader, what its cells hold, and which may not be changed."""

    key: str
    heads: tuple[str, ...]
    values: Mapping[str, str] = field(default_factory=dict)
    locked: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class GridSpec:
    """A protected grid.

    `version` is whatever tells this edition from every other (CLM-02) and comes back unchanged. `heads` are
    (title, width) of the columns that identify a row, such as the learner's name and ULN. `facts` are (label, value)
    above the grid, `notes` paragraphs for a second sheet. Keys and version may
    hold any text that neither begins nor ends with a space.
    """

    title: str
    version: str
    heads: tuple[tuple[str, int], ...]
    columns: tuple[GridColumn, ...]
    rows: Sequence[GridRow]
    facts: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    sheet: str = "eRAC"
    # Whether the headings offer filters; in a long sheet one unit is then looked at by itself.
    is_filtered: bool = False

    @property
    def first_value_column(self) -> int:
        """The place, counted from 0, of the first column to be filled in."""
        return 1 + len(self.heads)

    @property
    def key_row(self) -> int:
        """The row, counted from 0, of the column keys: below the title and the facts."""
        return 2 + len(self.facts)


def grid_workbook(spec: GridSpec) -> bytes:
    """Return the protected workbook: drop-downs of the allowed values, all else locked, keys and version hidden.

    The protection has no password: it keeps honest people from slips; what comes back is checked all the same.
    """
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, **interpreting_nothing()})
    set_metadata(book, spec.title)
    page = book.add_worksheet(sheet_name(spec.sheet))
    formats = _formats(book)
    _write_top(page, spec, formats)
    _write_rows(page, spec, formats)
    _add_lists(book, page, spec)
    page.freeze_panes(spec.key_row + 2, spec.first_value_column)
    if spec.is_filtered and spec.rows:
        last_column = spec.first_value_column + len(spec.columns) - 1
        page.autofilter(spec.key_row + 1, 1, spec.key_row + 1 + len(spec.rows), last_column)
    page.protect("", {"format_columns": True, "format_rows": True, "sort": True, "autofilter": True})
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.repeat_rows(spec.key_row + 1)
    if spec.notes:
        _write_notes(book, spec, formats)
    book.close()
    return buffer.getvalue()


def _formats(book: Workbook) -> dict[str, Format]:
    box: dict[str, Any] = {"num_format": "@", "border": 1, "border_color": "#B1B4B6", "valign": "top"}
    return {
        "title": book.add_format({"bold": True, "font_size": 14}),
        "label": book.add_format({"bold": True}),
        "text": book.add_format({"num_format": "@"}),
        "header": book.add_format({**box, "bold": True, "text_wrap": True, "bg_color": "#EEEEEE"}),
        "head": book.add_format({**box, "bg_color": "#F3F2F1"}),
        "open": book.add_format({**box, "locked": False}),
        "locked": book.add_format({**box, "bg_color": "#DADADA"}),
        "wrapped": book.add_format({"text_wrap": True, "valign": "top"}),
    }


def _write_top(page: Worksheet, spec: GridSpec, formats: dict[str, Format]) -> None:
    version = VERSION_MARK + spec.version
    page.set_column(0, 0, 8, None, {"hidden": True})
    page.write_string(0, 0, version)
    page.write_string(0, 1, plain_text(spec.title), formats["title"])
    for number, (label, value) in enumerate(spec.facts, start=1):
        page.write_string(number, 0, OTHER_MARK)
        page.write_string(number, 1, plain_text(label), formats["label"])
        page.write_string(number, 2, plain_text(value), formats["text"])
    keys, header = spec.key_row, spec.key_row + 1
    page.set_row(keys, None, None, {"hidden": True})
    page.write_string(keys, 0, version)
    page.write_string(header, 0, OTHER_MARK)
    for number, (title, width) in enumerate(spec.heads):
        page.set_column(1 + number, 1 + number, width)
        page.write_string(keys, 1 + number, f"{HEAD_MARK}{number}")
        page.write_string(header, 1 + number, plain_text(title), formats["header"])
    for place, column in enumerate(spec.columns, start=spec.first_value_column):
        page.set_column(place, place, column.width)
        page.write_string(keys, place, COLUMN_MARK + column.key)
        page.write_string(header, place, plain_text(column.title), formats["header"])


def _write_rows(page: Worksheet, spec: GridSpec, formats: dict[str, Format]) -> None:
    for number, row in enumerate(spec.rows, start=spec.key_row + 2):
        page.write_string(number, 0, ROW_MARK + row.key)
        for place, text in enumerate(row.heads, start=1):
            page.write_string(number, place, plain_text(text), formats["head"])
        for place, column in enumerate(spec.columns, start=spec.first_value_column):
            cell_format = formats["locked" if column.key in row.locked else "open"]
            if value := row.values.get(column.key, ""):
                page.write_string(number, place, plain_text(value), cell_format)
            else:
                page.write_blank(number, place, None, cell_format)


def _add_lists(book: Workbook, page: Worksheet, spec: GridSpec) -> None:
    first = spec.key_row + 2
    last = first + max(len(spec.rows), 1) - 1
    apart: dict[tuple[str, ...], str] = {}
    for place, column in enumerate(spec.columns, start=spec.first_value_column):
        rule: dict[str, Any] = {"validate": "any"}
        if column.allowed:
            inline = len(",".join(column.allowed)) <= _LONGEST_INLINE_LIST and "," not in "".join(column.allowed)
            if not inline and column.allowed not in apart:
                apart[column.allowed] = _listed_apart(book, column.allowed, len(apart))
            rule = {
                "validate": "list",
                "source": list(column.allowed) if inline else apart[column.allowed],
                "error_title": _("Not one of the values allowed"),
                "error_message": _("Choose a value from the list, or leave the cell empty."),
            }
        if column.hint:
            rule |= {"input_title": column.title[:32], "input_message": column.hint[:255]}
        if len(rule) > 1:
            page.data_validation(first, place, last, place, rule)


def _listed_apart(book: Workbook, allowed: tuple[str, ...], place: int) -> str:
    """Write a long list in a column of a hidden sheet and return the reference to it."""
    page = book.get_worksheet_by_name(_LISTS)
    if page is None:
        page = book.add_worksheet(_LISTS)
        page.hide()
        page.protect()
    for number, value in enumerate(allowed):
        page.write_string(number, place, plain_text(value))
    letters = column_letters(place + 1)
    return f"={_LISTS}!${letters}$1:${letters}${len(allowed)}"


def _write_notes(book: Workbook, spec: GridSpec, formats: dict[str, Format]) -> None:
    page = book.add_worksheet(sheet_name(_("How to fill this in")))
    page.set_column(0, 0, 110)
    for number, note in enumerate(spec.notes):
        page.write_string(number, 0, plain_text(note), formats["wrapped"])
    page.protect()
