"""Spreadsheets in and out: reading what strangers upload, writing what people open.

In: `preflight` looks at a file, `read_table` reads one table of it in a capped child process, `read_grid` a
protected workbook that comes back. Every fault names sheet, cell, value and remedy. Out: `write_table`, `write_csv`,
`upload_template`, `faults_workbook`, `grid_workbook`. Nothing here knows of the database or of any app.
"""

from awarding.spreadsheets.columns import CellError, Column
from awarding.spreadsheets.faults import Fault, FaultList
from awarding.spreadsheets.faults_workbook import faults_workbook
from awarding.spreadsheets.grid_reader import Grid, GridCell, check_grid, read_grid
from awarding.spreadsheets.limits import Limits, UnsafeFileError
from awarding.spreadsheets.preflight import Preflight, preflight
from awarding.spreadsheets.protected import GridColumn, GridRow, GridSpec, grid_workbook
from awarding.spreadsheets.reader import Row, Table, read_table
from awarding.spreadsheets.template import upload_template
from awarding.spreadsheets.writer import WrittenColumn, harmless, write_csv, write_table

__all__ = [
    "CellError",
    "Column",
    "Fault",
    "FaultList",
    "Grid",
    "GridCell",
    "GridColumn",
    "GridRow",
    "GridSpec",
    "Limits",
    "Preflight",
    "Row",
    "Table",
    "UnsafeFileError",
    "WrittenColumn",
    "check_grid",
    "faults_workbook",
    "grid_workbook",
    "harmless",
    "preflight",
    "read_grid",
    "read_table",
    "upload_template",
    "write_csv",
    "write_table",
]
