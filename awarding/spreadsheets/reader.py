"""Reading an uploaded table: find the header, match the columns, turn cells into values, say what is wrong where."""

import gc
import operator
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from awarding.spreadsheets.addresses import address, split_address
from awarding.spreadsheets.columns import Column
from awarding.spreadsheets.dates import Problem
from awarding.spreadsheets.faults import Fault, FaultList, Severity, reasons_title, shown_value
from awarding.spreadsheets.limits import Limits
from awarding.spreadsheets.names import header_names, plain_name
from awarding.spreadsheets.preflight import Preflight, Source, preflight
from awarding.spreadsheets.process import RawRow, SheetHead, read_rows, start_parser
from awarding.spreadsheets.values import convert_column

_HEADER_WITHIN = 40


class Row:
    """One row of a table: ``row["uln"]`` is the value (None where blank or faulty), `number` its row in the sheet."""

    __slots__ = ("_places", "number", "values")

    def __init__(self, number: int, values: tuple[Any, ...], places: dict[str, int]) -> None:
        self.number = number
        self.values = values
        self._places = places

    def __getitem__(self, key: str) -> Any:
        return self.values[self._places[key]]

    def as_dict(self) -> dict[str, Any]:
        """Return the row's values by column key."""
        return dict(zip(self._places, self.values, strict=True))


@dataclass(slots=True)
class Table:
    """A table that was read. `rows` holds every row that is not blank, faulty or not, in the order of the sheet.

    Nothing may be loaded while `faults.file_errors` is not empty; rows whose number is in `faults.rows_in_error`
    may not be loaded either. `good_rows()` observes both. `raw` are the rows as they came, ``[number, cell, …]``,
    the first cell being in column `first_column`; `header` is the header row's text in the same columns.
    """

    sheet: str
    columns: tuple[Column, ...]
    faults: FaultList
    header_row: int = 0
    first_column: int = 1
    header: list[str] = field(default_factory=list)
    found: dict[str, int] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    raw: list[RawRow] = field(default_factory=list)

    def cell(self, row: int, key: str) -> str:
        """Return the address, such as C17, of a column's cell in the row of that number; empty if it is not there."""
        return address(row, self.found[key]) if key in self.found else ""

    def ordered_faults(self) -> list[Fault]:
        """In the order of the sheet, errors of the whole file first."""
        return sorted(self.faults, key=lambda fault: (fault.row or 0, fault.severity != "error"))

    def raw_value(self, row: Row, key: str) -> str:
        """Return what the cell holds, as quoted in a fault."""
        place = self._raw_by_number().get(row.number)
        return shown_value(self._raw_cell(place, key)) if place is not None and key in self.found else ""

    def fault(self, row: Row, key: str, code: str, message: str, fix: str, *, severity: Severity = "error") -> Fault:
        """Add a fault found by a later check at a column's cell of a row, and return it."""
        fault = Fault(
            sheet=self.sheet,
            cell=self.cell(row.number, key),
            code=code,
            value=self.raw_value(row, key),
            message=message,
            fix=fix,
            severity=severity,
            row=row.number,
        )
        self.faults.add(fault)
        return fault

    def file_fault(self, code: str, message: str, fix: str, *, cell: str = "", severity: Severity = "error") -> Fault:
        """Add a fault that concerns the whole file, and return it."""
        fault = Fault(self.sheet, cell, code, "", message, fix, severity)
        self.faults.add(fault)
        return fault

    def good_rows(self) -> list[Row]:
        """Return the rows that may be loaded: none while the file itself has errors."""
        if self.faults.file_errors:
            return []
        wrong = self.faults.rows_in_error
        return [row for row in self.rows if row.number not in wrong]

    def _raw_by_number(self) -> dict[int, int]:
        if not self._numbers and self.raw:
            self._numbers = {raw[0]: index for index, raw in enumerate(self.raw)}
        return self._numbers

    def _raw_cell(self, place: int, key: str) -> Any:
        raw = self.raw[place]
        index = self.found[key] - self.first_column + 1
        return raw[index] if index < len(raw) else ""

    _numbers: dict[int, int] = field(default_factory=dict, repr=False)


def read_table(source: Source, *, columns: Sequence[Column], limits: Limits | None = None) -> Table:
    """Read the table in an uploaded workbook or CSV file (its bytes, or its path).

    The sheet and the header row are those that match most columns by name, in any order, within the first 40 rows;
    visible sheets before hidden ones. Raises `UnsafeFileError` for a file that may not be opened at all; everything
    else is in the table's `faults`. Codes of the file's: ``no_header``, ``missing_column``, ``duplicate_column``,
    ``no_rows``, and the warning ``unknown_column``. Codes of cells: ``formula``, ``error_value``, ``blank``,
    ``too_long``, ``control_character``, ``date_not_text``, ``not_a_date``, ``short_year``, ``us_date_order``,
    ``ambiguous_date``, ``date_out_of_range``, ``not_an_integer``, ``out_of_range``, ``not_a_choice``, those of a
    column's `parse`, and the warning ``day_month_swapped``.
    """
    limits = limits or Limits()
    with without_collecting():
        return _read_table(source, tuple(columns), limits)


@contextmanager
def without_collecting() -> Iterator[None]:
    """Hold the garbage collector off: among hundreds of thousands of new rows it finds nothing and costs a quarter."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _read_table(source: Source, columns: tuple[Column, ...], limits: Limits) -> Table:
    matcher = _Matcher(columns)
    with start_parser(limits) as parser:
        looked = preflight(source, limits=limits)
        heads, raw = read_rows(source, looked, matcher.choose, limits=limits, parser=parser, head=_HEADER_WITHIN)
    table = Table(sheet="", columns=columns, faults=FaultList(limit=limits.faults))
    if matcher.best is None:
        table.sheet = heads[0].name if heads else ""
        _report_no_header(table)
        return table
    head = heads[matcher.best.sheet]
    table.sheet, table.first_column = head.name, head.column
    table.header_row = matcher.best.row[0]
    table.header = [shown_value(cell) for cell in matcher.best.row[1:]]
    table.raw = [row for row in raw if row[0] > table.header_row]
    _match_header(table, matcher)
    if table.faults.file_errors:
        return table
    _convert(table)
    _report_formulas(table, looked)
    if not table.rows:
        table.file_fault(
            "no_rows",
            _("There are no rows below the header."),
            _("Fill in at least one row and upload the file again."),
        )
    return table


@dataclass(frozen=True, slots=True)
class _Header:
    score: int
    sheet: int
    row: RawRow


class _Matcher:
    """Finds the header: which sheet, which row, which column is which."""

    def __init__(self, columns: tuple[Column, ...]) -> None:
        self.columns = columns
        self.best: _Header | None = None
        self.keys: dict[str, str] = {}
        for column in columns:
            for name in (str(column.title), *column.synonyms, column.key):
                self.keys.setdefault(plain_name(name), column.key)

    def key_of(self, cell: Any) -> str | None:
        """Return the key of the column that a header cell names."""
        if not isinstance(cell, str):
            return None
        return next((self.keys[name] for name in header_names(cell) if name in self.keys), None)

    def choose(self, heads: list[SheetHead]) -> int | None:
        """Return the index of the sheet that holds the table, and remember its header."""
        required = sum(column.required for column in self.columns)
        least = max(1, min(2, len(self.columns)), required // 2)
        for index, head in sorted(enumerate(heads), key=lambda item: item[1].hidden):
            for row in head.head:
                score = len({key for cell in row[1:] if (key := self.key_of(cell))})
                if score >= least and (self.best is None or score > self.best.score):
                    self.best = _Header(score, index, row)
        return None if self.best is None else self.best.sheet


def _report_no_header(table: Table) -> None:
    titles = ", ".join(str(column.title) for column in table.columns if column.required)
    table.file_fault(
        "no_header",
        _("No row in the first %(count)s names the columns that are needed.") % {"count": _HEADER_WITHIN},
        _("Put the column names in one row above the data: %(columns)s. The template has them.") % {"columns": titles},
    )


def _match_header(table: Table, matcher: _Matcher) -> None:
    for offset, text in enumerate(table.header):
        place = table.first_column + offset
        here = address(table.header_row, place)
        key = matcher.key_of(text)
        if key is None:
            if text.strip() and plain_name(text) != plain_name(reasons_title()):
                table.faults.add(
                    Fault(
                        table.sheet,
                        here,
                        "unknown_column",
                        shown_value(text),
                        _("The column “%(column)s” is not known and is not read.") % {"column": shown_value(text)},
                        _("Rename it if it was meant to be one of the template's columns; otherwise leave it."),
                        "warning",
                    )
                )
        elif key in table.found:
            table.file_fault(
                "duplicate_column",
                _("Two columns are named “%(column)s”: %(first)s and %(second)s.")
                % {"column": text, "first": table.cell(table.header_row, key), "second": here},
                _("Delete or rename one of them."),
                cell=here,
            )
        else:
            table.found[key] = place
    for column in table.columns:
        if column.required and column.key not in table.found:
            table.file_fault(
                "missing_column",
                _("The column “%(column)s” is missing.") % {"column": column.title},
                _("Add it to the header in row %(row)s, or copy your rows into a fresh template.")
                % {"row": table.header_row},
            )


def _convert(table: Table) -> None:
    """Fill `rows`, a column at a time: most of the cost of a large file is here."""
    raw = table.raw
    used = [table.found[column.key] - table.first_column + 1 for column in table.columns if column.key in table.found]
    width = max(used) + 1
    for index, cells in enumerate(raw):
        if len(cells) < width:  # a CSV line that stops early
            raw[index] = cells + [""] * (width - len(cells))
    there = {index: list(map(operator.itemgetter(index), raw)) for index in used}
    if all("" in cells for cells in there.values()):
        # A row that has something only in columns that are not read counts as blank.
        raw = table.raw = [cells for cells in raw if any(cells[index] != "" for index in used)]
        there = {index: list(map(operator.itemgetter(index), raw)) for index in used}
    by_column = []
    for column in table.columns:
        place = table.found.get(column.key)
        if place is None:
            by_column.append([None] * len(raw))
            continue
        cells = there[place - table.first_column + 1]
        by_column.append(convert_column(column, cells, _Reporter(table, place, cells)))
    places = {column.key: index for index, column in enumerate(table.columns)}
    numbers = [row[0] for row in raw]
    table.rows = [
        Row(number, values, places) for number, values in zip(numbers, zip(*by_column, strict=True), strict=True)
    ]


class _Reporter:
    """Turns a problem at the n-th cell of a column into a fault with its address."""

    def __init__(self, table: Table, place: int, cells: list[Any]) -> None:
        self.table, self.place, self.cells = table, place, cells

    def __call__(self, index: int, problem: Problem, severity: Severity) -> None:
        code, message, fix = problem
        number = self.table.raw[index][0]
        where = address(number, self.place)
        shown = shown_value(self.cells[index])
        self.table.faults.add(Fault(self.table.sheet, where, code, shown, message, fix, severity, number))


def _report_formulas(table: Table, looked: Preflight) -> None:
    sheet = looked.sheet(table.sheet)
    if sheet is None or not (sheet.formulas or sheet.errors):
        return
    titles = {place: next(c.title for c in table.columns if c.key == key) for key, place in table.found.items()}
    rows = {row.number: row for row in table.rows}
    keys = {place: key for key, place in table.found.items()}
    for where, is_formula in _places(sheet.formulas, sheet.errors):
        number, place = split_address(where)
        if place not in titles or number not in rows:
            continue
        if is_formula:
            table.fault(
                rows[number],
                keys[place],
                "formula",
                _("The cell holds a formula; formulas are not calculated here."),
                _("Copy the column and paste it back as values only, then save and upload again."),
            )
        else:
            table.fault(
                rows[number],
                keys[place],
                "error_value",
                _("The cell holds an error such as #N/A or #REF!."),
                _("Type the value itself."),
            )


def _places(formulas: Sequence[str], errors: Sequence[str]) -> Iterator[tuple[str, bool]]:
    for where in formulas:
        yield where, True
    seen = set(formulas)
    for where in errors:
        if where not in seen:
            yield where, False
