"""Files made on the fly for these tests: plain ones, and ones no spreadsheet program would write."""

import io
import zipfile
from collections.abc import Mapping
from xml.sax.saxutils import escape

import xlsxwriter

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def xlsx(rows, *, sheet="Learners", before=(), after=(), hide=()) -> bytes:
    """Return a workbook of `rows` (lists of text, numbers, dates, None or ("=formula", result)).

    `before` and `after` are further (name, rows) sheets, `hide` names of sheets to hide.
    """
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False})
    date = book.add_format({"num_format": "dd/mm/yyyy"})
    for name, lines in [*before, (sheet, rows), *after]:
        page = book.add_worksheet(name)
        if name in hide:
            page.hide()
        if name == sheet:
            page.activate()
            page.set_first_sheet()
        for r, line in enumerate(lines):
            for c, cell in enumerate(line):
                if cell is None or cell == "":
                    continue
                if isinstance(cell, tuple):
                    page.write_formula(r, c, cell[0], None, cell[1])
                elif isinstance(cell, bool):
                    page.write_boolean(r, c, cell)
                elif isinstance(cell, (int, float)):
                    page.write_number(r, c, cell)
                elif isinstance(cell, str):
                    page.write_string(r, c, cell)
                else:
                    page.write_datetime(r, c, cell, date)
    book.close()
    return buffer.getvalue()


def package(sheet_xml: str | bytes) -> bytes:
    """Return the smallest workbook around the XML of one sheet."""
    return with_parts(minimal_parts(sheet_xml))


def minimal_parts(sheet_xml: str | bytes) -> dict[str, str | bytes]:
    """Return the parts of the smallest workbook around the XML of one sheet called Learners."""
    return {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="xml" '
        'ContentType="application/xml"/><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.'
        'relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-'
        'officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType='
        '"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r1" '
        f'Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
        '<sheet name="Learners" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r1" '
        f'Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": sheet_xml,
    }


def with_parts(parts: Mapping[str, str | bytes]) -> bytes:
    """Return a zip archive of the parts."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def sheet(cells: str, *, prefix: str = "", before: str = "") -> str:
    """Return a worksheet's XML around the XML of its rows."""
    p = f"{prefix}:" if prefix else ""
    declared = f'xmlns:{prefix}="{MAIN}"' if prefix else f'xmlns="{MAIN}"'
    return f"{before}<{p}worksheet {declared}><{p}sheetData>{cells}</{p}sheetData></{p}worksheet>"


def text_cell(address: str, text: str) -> str:
    """Return the XML of a cell holding text."""
    return f'<c r="{address}" t="inlineStr"><is><t>{escape(text)}</t></is></c>'


def changed(data: bytes, changes: Mapping[str, object]) -> bytes:
    """Return the workbook with some parts replaced, added, or (None) dropped."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for name, content in changes.items():
        if content is None:
            parts.pop(name, None)
        else:
            parts[name] = content
    return with_parts(parts)
