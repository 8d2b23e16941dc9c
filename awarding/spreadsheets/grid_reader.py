"""Reading a protected workbook that comes back, wherever its rows and columns have gone meanwhile."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from awarding.spreadsheets.addresses import address, column_letters
from awarding.spreadsheets.faults import Fault, FaultList, shown_value, whole_value
from awarding.spreadsheets.limits import Limits
from awarding.spreadsheets.names import clean_text
from awarding.spreadsheets.preflight import Preflight, Source, preflight
from awarding.spreadsheets.process import RawRow, SheetHead, read_rows, start_parser
from awarding.spreadsheets.protected import COLUMN_MARK, HEAD_MARK, OTHER_MARK, ROW_MARK, VERSION_MARK, GridSpec

# The keys stand near the top unless somebody sorted the whole sheet.
_LOOKED_AT = 200
# Missing rows or columns that a warning names; it counts the others.
_NAMED = 5


class GridCell(NamedTuple):
    """What a cell holds as text ("" if nothing), and where it stands now, such as F12."""

    value: str
    cell: str


@dataclass(slots=True)
class Grid:
    """A protected grid as it came back. `cells` has every cell whose row and column are known, except
    those that hold a formula, an error or a date: these are in `faults` only.

    `rows` gives the present row number by row key, `columns` the present column number by column key, `heads` the
    identifying texts by (row key, number of the head). Nothing may be used while `faults.file_errors` is not empty.
    """

    sheet: str
    faults: FaultList
    version: str = ""
    cells: dict[tuple[str, str], GridCell] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    columns: dict[str, int] = field(default_factory=dict)
    heads: dict[tuple[str, int], GridCell] = field(default_factory=dict)

    def fault(self, row_key: str, column_key: str, code: str, message: str, fix: str) -> Fault:
        """Add an error found by a later check at a cell, and return it."""
        cell = self.cells.get((row_key, column_key), GridCell("", ""))
        fault = Fault(
            self.sheet, cell.cell, code, shown_value(cell.value), message, fix, "error", self.rows.get(row_key)
        )
        self.faults.add(fault)
        return fault


def read_grid(source: Source, *, limits: Limits | None = None) -> Grid:
    """Read a workbook that `grid_workbook` made, or a CSV saved from it.

    Rows may have been sorted, columns moved or added, the sheet renamed, the file saved by another program. Raises
    `UnsafeFileError` for a file that may not be opened; the rest is in `faults`. Codes of the file's: ``not_a_grid``,
    ``version_gone``, ``two_versions``, ``row_keys_gone``, ``column_keys_gone``, ``duplicate_row``,
    ``duplicate_column``. Codes of cells: ``row_without_key``, ``formula``, ``error_value``, ``date_not_text``.
    """
    limits = limits or Limits()
    chooser = _Chooser()
    with start_parser(limits) as parser:
        looked = preflight(source, limits=limits)
        heads, raw = read_rows(source, looked, chooser.choose, limits=limits, parser=parser, head=_LOOKED_AT)
    grid = Grid(sheet=heads[chooser.chosen].name if heads else "", faults=FaultList(limit=limits.faults))
    layout = _find_keys(raw, heads[chooser.chosen].column if heads else 1)
    _report_layout(grid, layout)
    if not grid.faults.file_errors:
        _read_cells(grid, layout, raw, looked)
    return grid


def check_grid(grid: Grid, spec: GridSpec, *, partial: bool = False) -> dict[tuple[str, str], str]:
    """Compare what came back with what was given out; return the values that may be stored, as spelt in `allowed`.

    Adds errors to the grid: ``unknown_row``, ``unknown_column``, ``row_missing``, ``column_missing``,
    ``not_allowed``, ``locked_changed``; and the warning ``head_changed``. With `partial` a part may come back alone: what is
    missing is a warning, ``rows_left_out`` or ``columns_left_out``. Only cells that may be changed are returned.
    Whether the version is the current one is the caller's to say (CLM-02).
    """
    columns = {column.key: column for column in spec.columns}
    rows = {row.key: row for row in spec.rows}
    _compare_keys(grid, set(rows), set(columns))
    (_warn_of_parts if partial else _report_missing)(grid, *_missing(grid, spec))
    spellings = {column.key: {_plain(value): value for value in column.allowed} for column in spec.columns}
    values: dict[tuple[str, str], str] = {}
    for (row_key, column_key), cell in grid.cells.items():
        row, column = rows.get(row_key), columns.get(column_key)
        if row is None or column is None:
            continue
        if column_key in row.locked:
            was = clean_text(row.values.get(column_key, ""))
            if cell.value != was:
                message = _("This cell may not be changed; it said “%(value)s”.") % {"value": was}
                grid.fault(row_key, column_key, "locked_changed", message, _("Put the former content back."))
            continue
        if not cell.value or not column.allowed or cell.value in column.allowed:
            values[row_key, column_key] = cell.value
        elif (spelt := spellings[column_key].get(_plain(cell.value))) is not None:
            values[row_key, column_key] = spelt
        else:
            message = _("“%(value)s” is not allowed for %(column)s.") % {
                "value": shown_value(cell.value),
                "column": column.title,
            }
            fix = _("Use one of: %(values)s; or leave the cell empty.") % {"values": ", ".join(column.allowed)}
            grid.fault(row_key, column_key, "not_allowed", message, fix)
    _compare_heads(grid, spec)
    return values


@dataclass(slots=True)
class _Layout:
    """Where the keys were found; places count from 1 as addresses do, `offset` turns them into indexes of a row."""

    offset: int
    versions: dict[str, str] = field(default_factory=dict)
    rows: list[tuple[str, int]] = field(default_factory=list)
    key_places: set[int] = field(default_factory=set)
    columns: list[tuple[str, int]] = field(default_factory=list)
    heads: dict[int, int] = field(default_factory=dict)
    marked_rows: set[int] = field(default_factory=set)


class _Chooser:
    """Takes the sheet with the most keys; the first where none has any, to be looked at to its end."""

    def __init__(self) -> None:
        self.chosen = 0

    def choose(self, heads: list[SheetHead]) -> int | None:
        counts = [sum(1 for row in head.head for cell in row[1:] if _is_mark(cell)) for head in heads]
        if not counts:
            return None
        self.chosen = counts.index(max(counts))
        return self.chosen


def _is_mark(cell: Any) -> bool:
    return type(cell) is str and cell.startswith((ROW_MARK, COLUMN_MARK, VERSION_MARK))


def _find_keys(raw: list[RawRow], first_column: int) -> _Layout:
    layout = _Layout(offset=1 - first_column)
    for cells in raw:
        number = cells[0]
        for place, cell in enumerate(cells[1:], start=first_column):
            if type(cell) is not str or not cell.startswith(OTHER_MARK):
                continue
            text = cell.strip()
            if text.startswith(ROW_MARK):
                layout.rows.append((text.removeprefix(ROW_MARK), number))
                layout.key_places.add(place)
            elif text.startswith(COLUMN_MARK):
                layout.columns.append((text.removeprefix(COLUMN_MARK), place))
            elif text.startswith(VERSION_MARK):
                layout.versions.setdefault(text.removeprefix(VERSION_MARK), address(number, place))
            elif text.startswith(HEAD_MARK) and text.removeprefix(HEAD_MARK).isdecimal():
                layout.heads[int(text.removeprefix(HEAD_MARK))] = place
            elif text != OTHER_MARK:
                continue  # something a person typed
            layout.marked_rows.add(number)
    return layout


def _report_layout(grid: Grid, layout: _Layout) -> None:
    again = _("Download the workbook again and copy your entries into it, pasting values only.")
    if not (layout.versions or layout.rows or layout.columns):
        message = _("This is not a workbook that the portal gave out, or its hidden row and column were deleted.")
        _file_fault(grid, "not_a_grid", message, again)
        return
    if not layout.versions:
        message = _("The hidden cells that say which version this is are gone.")
        _file_fault(grid, "version_gone", message, again)
    elif len(layout.versions) > 1:
        message = _("Parts of two different workbooks have been put together: %(first)s and %(second)s differ.") % dict(
            zip(("first", "second"), layout.versions.values(), strict=False)
        )
        _file_fault(grid, "two_versions", message, again)
    if not layout.rows:
        message = _("The hidden column that says which learner each row is for is gone.")
        _file_fault(grid, "row_keys_gone", message, again)
    if not layout.columns:
        message = _("The hidden row that says which unit each column is for is gone.")
        _file_fault(grid, "column_keys_gone", message, again)
    for key, number in layout.rows:
        if key in grid.rows:
            message = _("Rows %(first)s and %(second)s are for the same learner.") % {
                "first": grid.rows[key],
                "second": number,
            }
            _file_fault(grid, "duplicate_row", message, _("Delete the row that is not wanted."), address(number, 1))
        grid.rows.setdefault(key, number)
    for key, place in layout.columns:
        if key in grid.columns:
            message = _("Columns %(first)s and %(second)s are for the same unit.") % {
                "first": column_letters(grid.columns[key]),
                "second": column_letters(place),
            }
            _file_fault(
                grid, "duplicate_column", message, _("Delete the column that is not wanted."), address(1, place)
            )
        grid.columns.setdefault(key, place)
    grid.version = next(iter(layout.versions), "")


def _file_fault(grid: Grid, code: str, message: str, fix: str, cell: str = "") -> None:
    grid.faults.add(Fault(grid.sheet, cell, code, "", message, fix))


def _read_cells(grid: Grid, layout: _Layout, raw: list[RawRow], looked: Preflight) -> None:
    sheet = looked.sheet(grid.sheet)
    formulas = set(sheet.formulas) if sheet else set()
    errors = set(sheet.errors) - formulas if sheet else set()
    by_number = {cells[0]: cells for cells in raw}
    for row_key, number in grid.rows.items():
        cells = by_number[number]
        for column_key, place in grid.columns.items():
            where = address(number, place)
            raw_cell = _at(cells, place + layout.offset)
            grid.cells[row_key, column_key] = GridCell(clean_text(whole_value(raw_cell)), where)
            if where in formulas or where in errors or type(raw_cell) is list:
                _report_cell(grid, row_key, column_key, where in formulas, where in errors)
        for head, place in layout.heads.items():
            text = clean_text(shown_value(_at(cells, place + layout.offset)))
            grid.heads[row_key, head] = GridCell(text, address(number, place))
    _report_added_columns(grid, layout, raw)
    for number, place, value in _unkeyed(layout, grid, raw):
        message = _("Row %(row)s has entries but is for no learner of this workbook.") % {"row": number}
        fix = _("Delete the row. A learner is added by generating the workbook again.")
        grid.faults.add(
            Fault(
                grid.sheet, address(number, place), "row_without_key", shown_value(value), message, fix, "error", number
            )
        )


def _report_added_columns(grid: Grid, layout: _Layout, raw: list[RawRow]) -> None:
    """Warns of every column that somebody added and filled: what stands in it is not read."""
    known = {*grid.columns.values(), *layout.heads.values(), *layout.key_places}
    numbers = set(grid.rows.values())
    seen: set[int] = set()
    for cells in raw:
        if cells[0] not in numbers:
            continue
        for index, value in enumerate(cells[1:], start=1):
            place = index - layout.offset
            if value == "" or place in known or place in seen:
                continue
            seen.add(place)
            message = _("Column %(column)s is for no unit of this workbook, so what stands in it was not read.") % {
                "column": column_letters(place)
            }
            fix = _(
                "Delete the column, or leave it as your own note. A unit of another qualification cannot be claimed here."
            )
            where = address(cells[0], place)
            grid.faults.add(
                Fault(grid.sheet, where, "column_without_key", shown_value(value), message, fix, "warning", cells[0])
            )


def _report_cell(grid: Grid, row_key: str, column_key: str, formula: bool, error: bool) -> None:
    cell = grid.cells[row_key, column_key]
    if formula:
        message = _("The cell holds a formula; formulas are not calculated here.")
        grid.fault(row_key, column_key, "formula", message, _("Type the value itself."))
    elif error:
        message = _("The cell holds an error such as #N/A or #REF!.")
        grid.fault(row_key, column_key, "error_value", message, _("Type the value itself."))
    else:
        message = _("The spreadsheet has turned this cell into a date or time (%(value)s).") % {"value": cell.value}
        grid.fault(
            row_key, column_key, "date_not_text", message, _("Format the cell as text and type the value again.")
        )
    del grid.cells[row_key, column_key]


def _unkeyed(layout: _Layout, grid: Grid, raw: list[RawRow]) -> Iterator[tuple[int, int, Any]]:
    """Yield the first filled cell of every row that has values but no mark."""
    for cells in raw:
        if cells[0] in layout.marked_rows:
            continue
        for place in grid.columns.values():
            if (value := _at(cells, place + layout.offset)) != "":
                yield cells[0], place, value
                break


def _at(cells: RawRow, index: int) -> Any:
    return cells[index] if 0 < index < len(cells) else ""


def _plain(value: str) -> str:
    return clean_text(value).casefold()


def _compare_keys(grid: Grid, rows: set[str], columns: set[str]) -> None:
    for key, number in grid.rows.items():
        if key not in rows:
            message = _("Row %(row)s belongs to another workbook.") % {"row": number}
            _file_fault(grid, "unknown_row", message, _("Delete the row."), address(number, 1))
    for key, place in grid.columns.items():
        if key not in columns:
            message = _("Column %(column)s belongs to another workbook.") % {"column": column_letters(place)}
            _file_fault(grid, "unknown_column", message, _("Delete the column."), address(1, place))


def _missing(grid: Grid, spec: GridSpec) -> tuple[list[str], list[str]]:
    """Who and which columns were given out and are not in what came back, as a reader knows them."""
    rows = [" ".join(filter(None, row.heads)) or row.key for row in spec.rows if grid.rows and row.key not in grid.rows]
    return rows, [column.title for column in spec.columns if grid.columns and column.key not in grid.columns]


def _report_missing(grid: Grid, rows: list[str], columns: list[str]) -> None:
    again = _("Download the workbook again and copy your entries into it, pasting values only.")
    for who in rows:
        _file_fault(grid, "row_missing", _("The row of %(who)s is missing.") % {"who": who}, again)
    for title in columns:
        _file_fault(grid, "column_missing", _("The column “%(column)s” is missing.") % {"column": title}, again)


def _warn_of_parts(grid: Grid, rows: list[str], columns: list[str]) -> None:
    fix = _("Nothing to do if only a part was sent back: the cells that are not in it stay as they are.")
    if rows:
        message = ngettext(
            "%(count)s row is not in this workbook: %(named)s.", "%(count)s rows are not in this workbook: %(named)s.", len(rows)
        ) % {"count": len(rows), "named": _first(rows)}  # fmt: skip
        grid.faults.add(Fault(grid.sheet, "", "rows_left_out", "", message, fix, "warning"))
    if columns:
        message = ngettext(
            "%(count)s column is not in this workbook: %(named)s.", "%(count)s columns are not in this workbook: %(named)s.",
            len(columns),
        ) % {"count": len(columns), "named": _first(columns)}  # fmt: skip
        grid.faults.add(Fault(grid.sheet, "", "columns_left_out", "", message, fix, "warning"))


def _first(named: list[str]) -> str:
    return "; ".join(named[:_NAMED]) + ("; …" if len(named) > _NAMED else "")


def _compare_heads(grid: Grid, spec: GridSpec) -> None:
    rows = {row.key: row for row in spec.rows}
    for (row_key, number), cell in grid.heads.items():
        row = rows.get(row_key)
        if row is None or number >= len(row.heads) or clean_text(row.heads[number]) == cell.value:
            continue
        message = _("This was changed from “%(value)s”; the change is not read.") % {"value": row.heads[number]}
        fix = _("Look whether the entries of this row are for the right learner.")
        grid.faults.add(
            Fault(grid.sheet, cell.cell, "head_changed", cell.value, message, fix, "warning", grid.rows[row_key])
        )
