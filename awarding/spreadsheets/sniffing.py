"""Telling by its first bytes what a file that is not a zip archive really is."""

import codecs
from typing import BinaryIO

from django.utils.translation import gettext as _

from awarding.spreadsheets.limits import UnsafeFileError

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OTHER = {
    b"%PDF": "PDF",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"GIF8": "GIF",
    b"Rar!": "RAR",
    b"7z\xbc\xaf": "7-Zip",
    b"\x1f\x8b": "gzip",
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
    b"{\\rtf": "RTF",
    b"MZ": "Windows program",
    b"\x7fELF": "Linux program",
}
_MARKUP = (b"<!doctype", b"<html", b"<head", b"<body", b"<table", b"<?xml", b"<svg", b"<workbook")


def refuse_other_kinds(file: BinaryIO) -> None:
    """Raise `UnsafeFileError` unless the file, which is not a zip archive, can be a CSV file.

    Codes: ``encrypted``, ``old_excel``, ``not_a_table``. Leaves the position of `file` undefined.
    """
    start = file.read(4096)
    if start.startswith(_OLE):
        _refuse_compound_file(start + file.read())
    for magic, kind in _OTHER.items():
        if start.startswith(magic):
            raise _not_a_table(_("The file is of the kind “%(kind)s”, whatever its name ends in.") % {"kind": kind})
    if start.removeprefix(codecs.BOM_UTF8).lstrip().lower().startswith(_MARKUP):
        raise _not_a_table(_("The file is a web page or XML document, whatever its name ends in."))
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return
    while start:
        if b"\x00" in start:
            raise _not_a_table(_("The file is neither a workbook nor text."))
        start = file.read(1024 * 1024)


def _refuse_compound_file(data: bytes) -> None:
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise UnsafeFileError(
            "encrypted",
            _("The file is protected by a password, so it cannot be read."),
            _("Remove the password and save the workbook again. Protected cells inside it may stay."),
        )
    if any(name.encode("utf-16-le") in data for name in ("Workbook", "Book")):
        raise UnsafeFileError(
            "old_excel",
            _("This is a workbook in the format of Excel 97–2003 (.xls), whatever its name ends in."),
            _("In Excel choose File, Save As and the type “Excel Workbook (.xlsx)”, then upload that copy."),
        )
    raise _not_a_table(_("The file is a document of another program, whatever its name ends in."))


def _not_a_table(message: str) -> UnsafeFileError:
    return UnsafeFileError("not_a_table", message, _("Upload an Excel workbook (.xlsx) or a CSV file."))
