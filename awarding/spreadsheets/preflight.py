"""The first look at an uploaded file: is it a table at all, and is it safe to hand to a parser?

Nothing here builds a document. A workbook's parts are inflated once, a mebibyte at a time, and searched for
what no honest upload holds. It costs a fraction of the parsing that follows. The parsing happens in a capped
child process all the same (`awarding.spreadsheets.child`): this look gives clear words, that cap gives certainty.
"""

import posixpath
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Literal
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from django.utils.translation import gettext as _

from awarding.spreadsheets.archive import Archive, damaged_file, open_archive
from awarding.spreadsheets.limits import MEBIBYTE, Limits, UnsafeFileError
from awarding.spreadsheets.sheet_scan import SheetScan
from awarding.spreadsheets.sniffing import refuse_other_kinds

Source = bytes | str | Path

_WORKSHEET_ROOT = re.compile(rb"<(?:[\w.\-]+:)?worksheet[\s>]")
_DECLARED_ENCODING = re.compile(rb"^\s*<\?xml[^>]*?encoding\s*=\s*[\"']([^\"']*)[\"']")
_RELATIONSHIP_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_STRICT_RELATIONSHIP_ID = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"
_OVERLAP = 16


@dataclass(frozen=True, slots=True)
class SheetLook:
    """What the first look learnt of one worksheet; addresses are like C17."""

    name: str
    hidden: bool
    cells: int
    formulas: tuple[str, ...]
    errors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Preflight:
    """A file that passed: its kind, its bytes as stored and as unpacked, and its sheets (none for CSV)."""

    kind: Literal["xlsx", "csv"]
    size: int
    inflated: int
    sheets: tuple[SheetLook, ...] = ()

    def sheet(self, name: str) -> SheetLook | None:
        """Return what was learnt of the sheet of that name."""
        return next((sheet for sheet in self.sheets if sheet.name == name), None)


def preflight(source: Source, *, limits: Limits | None = None) -> Preflight:
    """Look at an uploaded file (its bytes, or its path) and raise `UnsafeFileError` where it may not be parsed.

    The kind is told from the content; the file's name plays no part. Codes: ``empty``, ``too_large``,
    ``not_a_table``, ``old_excel``, ``opendocument``, ``binary_workbook``, ``other_archive``, ``damaged``,
    ``encrypted``, ``macros``, ``external_links``, ``embedded_objects``, ``entities``, ``encoding``,
    ``inflates_too_far``, ``too_many_parts``, ``too_many_sheets``, ``reaches_too_far``, ``too_many_cells``.
    """
    limits = limits or Limits()
    with open_source(source) as file:
        size = file.seek(0, 2)
        file.seek(0)
        if size == 0:
            raise UnsafeFileError("empty", _("The file is empty."), _("Choose the file again and upload it."))
        if size > limits.upload:
            raise UnsafeFileError(
                "too_large",
                _("The file has %(size)s MB and %(limit)s MB are allowed.")
                % {"size": -(-size // MEBIBYTE), "limit": limits.upload // MEBIBYTE},
                _("Split it into smaller files."),
            )
        start = file.read(4)
        file.seek(0)
        if start[:2] != b"PK":
            refuse_other_kinds(file)
            return Preflight(kind="csv", size=size, inflated=size)
        archive = open_archive(file, limits)
        return Preflight(kind="xlsx", size=size, sheets=_look_at_workbook(archive), inflated=archive.inflated)


@contextmanager
def open_source(source: Source) -> Iterator[BinaryIO]:
    """Open bytes or a path for reading."""
    if isinstance(source, bytes):
        yield BytesIO(source)
        return
    with open(source, "rb") as file:
        yield file


def _look_at_workbook(archive: Archive) -> tuple[SheetLook, ...]:
    _refuse_part_names(archive.parts)
    scans: dict[str, SheetScan] = {}
    for name in archive.parts:
        if (scan := _look_at_part(archive, name)) is not None:
            scans[name] = scan
    looks = []
    for name, part, hidden in _sheets_of(archive):
        scan = scans.get(part, SheetScan(archive.limits))
        looks.append(SheetLook(name, hidden, scan.cells, tuple(scan.formulas), tuple(scan.errors)))
    if len(looks) > archive.limits.sheets:
        raise UnsafeFileError(
            "too_many_sheets",
            _("The workbook has %(count)s sheets.") % {"count": len(looks)},
            _("Copy the sheet that counts into a fresh template and upload that."),
        )
    return tuple(looks)


def _look_at_part(archive: Archive, name: str) -> SheetScan | None:
    scan: SheetScan | None = None
    before = b""
    first = True
    for chunk in archive.chunks(name):
        if first:
            _refuse_encoding(name, chunk)
            if _WORKSHEET_ROOT.search(chunk[:4096]):
                scan = SheetScan(archive.limits)
            first = False
        _refuse_declarations(before + chunk[:_OVERLAP])
        _refuse_declarations(chunk)
        before = chunk[-_OVERLAP:]
        if scan is not None:
            scan.feed(chunk)
    if scan is not None:
        scan.finish()
    return scan


def _refuse_declarations(data: bytes) -> None:
    if b"<!" in data and (b"<!DOCTYPE" in data or b"<!ENTITY" in data):
        raise UnsafeFileError(
            "entities",
            _("The workbook declares XML entities, which spreadsheet programs never write."),
            _("Open it in your spreadsheet program, save it again as an Excel workbook (.xlsx) and upload that copy."),
        )


def _refuse_encoding(name: str, chunk: bytes) -> None:
    if not name.lower().endswith((".xml", ".rels", ".vml")):
        return
    declared = _DECLARED_ENCODING.search(chunk[:300].removeprefix(b"\xef\xbb\xbf"))
    if b"\x00" in chunk[:64] or (declared and declared.group(1).lower() not in (b"utf-8", b"utf8", b"us-ascii")):
        raise UnsafeFileError(
            "encoding",
            _("The workbook is written in an unusual character encoding."),
            _("Open it in your spreadsheet program, save it again as an Excel workbook (.xlsx) and upload that copy."),
        )


def _refuse_part_names(parts: Iterable[str]) -> None:
    names = {name.lower().lstrip("/") for name in parts}
    if "mimetype" in names and "content.xml" in names:
        raise UnsafeFileError(
            "opendocument",
            _("This is an OpenDocument file, whatever its name ends in."),
            _("In LibreOffice choose File, Save As and the type “Excel 2007–365 (.xlsx)”, then upload that copy."),
        )
    if "xl/workbook.bin" in names:
        raise UnsafeFileError(
            "binary_workbook",
            _("This is a binary Excel workbook (.xlsb), whatever its name ends in."),
            _("In Excel choose File, Save As and the type “Excel Workbook (.xlsx)”, then upload that copy."),
        )
    if not any(name.startswith("xl/") for name in names) or "[content_types].xml" not in names:
        raise UnsafeFileError(
            "other_archive",
            _("This is a zip archive or a document of another program, not a workbook."),
            _("Upload the Excel workbook (.xlsx) or CSV file itself."),
        )
    if any("vbaproject" in name or name.startswith("xl/macrosheets/") for name in names):
        raise _macros()
    if any(name.startswith("xl/externallinks/") or name == "xl/connections.xml" for name in names):
        raise _external_links()
    if any(name.startswith(("xl/embeddings/", "xl/activex/", "xl/ctrlprops/", "customui/")) for name in names):
        raise UnsafeFileError(
            "embedded_objects",
            _("The workbook has other files or controls embedded in it."),
            _("Delete the embedded objects, or copy the cells into a fresh template and upload that."),
        )


def _sheets_of(archive: Archive) -> list[tuple[str, str, bool]]:
    """Return (name, part, hidden) of every sheet in the workbook's order, after a look at all relationships."""
    types = archive.read("[Content_Types].xml") if "[Content_Types].xml" in archive.parts else b""
    if b"macroenabled" in types.lower():
        raise _macros()
    for name in archive.parts:
        if name.lower().endswith(".rels"):
            for relationship in _parse(archive.read(name)):
                if relationship.get("TargetMode") == "External" and not relationship.get("Type", "").endswith(
                    "/hyperlink"
                ):
                    raise _external_links()
    if "xl/workbook.xml" not in archive.parts or "xl/_rels/workbook.xml.rels" not in archive.parts:
        raise damaged_file()
    targets = {
        relationship.get("Id", ""): _part_of(relationship.get("Target", ""))
        for relationship in _parse(archive.read("xl/_rels/workbook.xml.rels"))
    }
    sheets = []
    for element in _parse(archive.read("xl/workbook.xml")).iter():
        if element.tag.rpartition("}")[2] == "sheet":
            key = element.get(_RELATIONSHIP_ID) or element.get(_STRICT_RELATIONSHIP_ID) or ""
            hidden = element.get("state", "visible") != "visible"
            sheets.append((element.get("name", ""), targets.get(key, ""), hidden))
    return sheets


def _part_of(target: str) -> str:
    return target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join("xl", target))


def _parse(data: bytes) -> Element:
    try:
        return fromstring(data, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError):
        raise damaged_file() from None


def _macros() -> UnsafeFileError:
    return UnsafeFileError(
        "macros",
        _("The workbook contains macros, which are never accepted."),
        _("In Excel choose File, Save As and the type “Excel Workbook (.xlsx)”, then upload that copy."),
    )


def _external_links() -> UnsafeFileError:
    return UnsafeFileError(
        "external_links",
        _("The workbook draws on other files or on the internet."),
        _("In Excel choose Data, Edit Links, Break Link (or copy the cells and paste values only), then save it."),
    )
