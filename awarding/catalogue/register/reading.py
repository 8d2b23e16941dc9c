"""Reading a register file row by row: good rows, and refused ones by line and reason."""

from __future__ import annotations

import csv
import hashlib
import io
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from awarding.catalogue.register.layouts import LAYOUTS, Layout, RowError, column_key, detect_layout
from awarding.catalogue.register.names import tidy

# A cell of notes may be long; a megabyte in one cell is a quotation mark that was never closed.
_LONGEST_CELL = 1_000_000


class RegisterFileError(ValueError):
    """A file that cannot be read as a register file at all; `str()` says why and what would do."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that was not loaded: its first line in the file, the number it gave, the reason."""

    line: int
    value: str
    reason: str

    def as_dict(self) -> dict[str, Any]:
        return {"line": self.line, "value": self.value, "reason": self.reason}


@dataclass
class RegisterFile:
    """What a file holds. `read` counts its rows: those in `rows` and those in `refusals`."""

    name: str
    sha256: str
    layout: Layout
    rows: list[Any] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    read: int = 0

    def refuse(self, line: int, value: str, reason: str) -> None:
        self.refusals.append(Refusal(line, tidy(value)[:60], reason))


def read_register_file(path: Path) -> RegisterFile:
    """Reads a CSV of any known layout. Raises RegisterFileError when it is none."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise RegisterFileError(
            _("%(file)s cannot be opened: %(why)s. Check the path and who may read it.")
            % {"file": path, "why": error.strerror or error}
        ) from error
    text, note = _decode(content)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    csv.field_size_limit(_LONGEST_CELL)
    try:
        header = next(reader, [])
        layout = detect_layout(header)
        if layout is None:
            raise RegisterFileError(_unknown_header(path, header))
        found = RegisterFile(path.name, hashlib.sha256(content).hexdigest(), layout, warnings=note)
        _read_rows(reader, [column_key(name) for name in header], found)
    except csv.Error as error:
        raise RegisterFileError(
            _("%(file)s, line %(line)s: %(why)s. Download the file again; nothing was loaded.")
            % {"file": path.name, "line": reader.line_num, "why": error}
        ) from error
    return found


def _decode(content: bytes) -> tuple[str, list[str]]:
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise RegisterFileError(_("This is a workbook or an archive. Unpack it or save it as CSV (UTF-8)."))
    try:
        if content.startswith((b"\xff\xfe", b"\xfe\xff")):
            return content.decode("utf-16"), []
        return content.decode("utf-8-sig"), []
    except UnicodeDecodeError:
        note = _("The file is not UTF-8 and was read as Windows-1252. Look at names with accents.")
        return content.decode("cp1252", errors="replace"), [note]


def _unknown_header(path: Path, header: list[str]) -> str:
    shown = ", ".join(header)[:120] or _("nothing")
    kinds = "; ".join(f"{layout.title}: {', '.join(sorted(layout.marks))}" for layout in LAYOUTS)
    message = _(
        "%(file)s is no register file: its first line says %(header)s. Known are, with the columns they need: %(kinds)s."
    ) % {"file": path.name, "header": shown, "kinds": kinds}
    if "urn" in map(column_key, header):
        message += " " + _("It looks like a list of schools: `manage.py load_establishments` loads those.")
    return message


def _read_rows(reader: Any, keys: list[str], found: RegisterFile) -> None:
    number_column = next((keys.index(name) for name in ("qualificationnumber", "recognitionnumber") if name in keys), 0)
    first_line = reader.line_num + 1
    for cells in reader:
        line, first_line = first_line, reader.line_num + 1
        if not any(cell.strip() for cell in cells):
            continue
        found.read += 1
        value = cells[number_column] if number_column < len(cells) else ""
        if len(cells) != len(keys):
            reason = _(
                "It has %(cells)s cells where the header has %(columns)s. A comma or a quotation mark is astray."
            )
            found.refuse(line, value, reason % {"cells": len(cells), "columns": len(keys)})
            continue
        try:
            found.rows.append(found.layout.read(line, dict(zip(keys, cells, strict=True))))
        except RowError as error:
            found.refuse(line, value, str(error))
