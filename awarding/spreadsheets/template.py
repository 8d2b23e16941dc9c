"""The file handed out to be filled in, made from the same columns by which it will be read."""

import io
from collections.abc import Sequence
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from awarding.spreadsheets.addresses import column_letters
from awarding.spreadsheets.columns import Column
from awarding.spreadsheets.writer import interpreting_nothing, plain_text, set_metadata, sheet_name

# Rows that get drop-downs and hints; more may be filled in.
_PREPARED_ROWS = 5000
# Longer lists of choices than this cannot stand in the drop-down itself.
_LONGEST_INLINE_LIST = 250
_FORMATS = {"text": "@", "choice": "@", "date": "dd/mm/yyyy", "integer": "0"}


def upload_template(
    columns: Sequence[Column],
    *,
    title: str,
    sheet: str,
    example_rows: Sequence[Sequence[str]] = (),
    notes: Sequence[str] = (),
) -> bytes:
    """Return a workbook to fill in: a sheet named `sheet` with the header, one with an example, one that explains.

    Text columns are formatted as text, so that no digit is lost; choices are drop-downs of their labels.
    `example_rows` default to one row of the columns' examples; `notes` are paragraphs for the last sheet.
    """
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, **interpreting_nothing()})
    set_metadata(book, title)
    _write_header(book, book.add_worksheet(sheet_name(sheet)), columns, prepared=True)
    example = book.add_worksheet(sheet_name(_("Example")))
    _write_header(book, example, columns, prepared=False)
    text = book.add_format({"num_format": "@", "italic": True})
    for number, row in enumerate(example_rows or [[str(column.example) for column in columns]], start=1):
        for place, cell in enumerate(row):
            example.write_string(number, place, plain_text(cell), text)
    _write_explanation(book, columns, title, notes)
    book.close()
    return buffer.getvalue()


def _write_header(book: Workbook, page: Worksheet, columns: Sequence[Column], *, prepared: bool) -> None:
    must = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 2, "bg_color": "#EEEEEE"})
    may = book.add_format({"italic": True, "text_wrap": True, "valign": "top", "bottom": 1, "bg_color": "#EEEEEE"})
    for place, column in enumerate(columns):
        cells = book.add_format({"num_format": _FORMATS[column.kind]})
        page.set_column(place, place, column.width, cells)
        page.write_string(0, place, plain_text(column.title), may if column.blank or not column.required else must)
        if prepared:
            page.data_validation(1, place, _PREPARED_ROWS, place, _validation(book, column))
    page.freeze_panes(1, 0)


def _validation(book: Workbook, column: Column) -> dict[str, Any]:
    rule: dict[str, Any] = {"validate": "any"}
    if column.kind == "choice":
        labels = [str(label) for _value, label in column.choices]
        inline = len(",".join(labels)) <= _LONGEST_INLINE_LIST and not any("," in label for label in labels)
        rule = {"validate": "list", "source": labels if inline else _listed_apart(book, labels)}
        rule["error_title"] = _("Not one of the values allowed")
        rule["error_message"] = _("Choose a value from the list.")
    if column.help:
        rule["input_title"] = str(column.title)[:32]
        rule["input_message"] = str(column.help)[:255]
    return rule


def _listed_apart(book: Workbook, labels: list[str]) -> str:
    """Write a long list of choices in a column of a hidden sheet and return the reference to it."""
    page = book.get_worksheet_by_name("Choices")
    if page is None:
        page = book.add_worksheet("Choices")
        page.hide()
    place = 0 if page.dim_colmax is None else page.dim_colmax + 1
    for number, label in enumerate(labels):
        page.write_string(number, place, plain_text(label))
    letters = column_letters(place + 1)
    return f"=Choices!${letters}$1:${letters}${len(labels)}"


def _write_explanation(book: Workbook, columns: Sequence[Column], title: str, notes: Sequence[str]) -> None:
    page = book.add_worksheet(sheet_name(_("How to fill this in")))
    bold = book.add_format({"bold": True, "valign": "top"})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    page.set_column(0, 0, 28)
    page.set_column(1, 1, 100)
    lines: list[tuple[str, str]] = [(title, "")]
    lines += [("", str(note)) for note in notes]
    for column in columns:
        needed = _("May be left empty.") if column.blank or not column.required else _("Must be filled in.")
        lines.append((str(column.title), " ".join(filter(None, (str(column.help), needed, _allowed(column))))))
    for number, (label, text) in enumerate(lines):
        page.write_string(number, 0, plain_text(label), bold)
        page.write_string(number, 1, plain_text(text), wrapped)


def _allowed(column: Column) -> str:
    if column.kind == "date":
        return _("Day, month, year, for example 31/01/2003.")
    if column.kind == "choice":
        return _("One of: %(choices)s.") % {"choices": ", ".join(str(label) for _value, label in column.choices)}
    return _("For example: %(example)s.") % {"example": column.example} if column.example else ""
