"""Reading a zip archive that may have been made to do harm.

Sizes are counted from the bytes that really come out, not believed from the archive's directory, because a
parser further down the line may not believe the directory either.
"""

import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from django.utils.translation import gettext as _

from awarding.spreadsheets.limits import MEBIBYTE, Limits, UnsafeFileError

_CHUNK = MEBIBYTE
_LOCAL_HEADER = struct.Struct("<4s5H3I2H")


def damaged_file() -> UnsafeFileError:
    """The error for an archive that is incomplete or contradicts itself."""
    return UnsafeFileError(
        "damaged",
        _("The file is damaged or was not sent completely."),
        _("Open it in your spreadsheet program, save it again as an Excel workbook (.xlsx) and upload that copy."),
    )


def too_large_inside(limits: Limits) -> UnsafeFileError:
    """The error for an archive that unpacks to more than is allowed."""
    return UnsafeFileError(
        "inflates_too_far",
        _("The file is small but unpacks to more than %(limit)s MB, which no honest table of this kind does.")
        % {"limit": limits.inflated // MEBIBYTE},
        _("Copy only the filled cells into a fresh template and upload that."),
    )


@dataclass(slots=True)
class Archive:
    """An open zip archive, its parts by name, and how many bytes have come out of it so far."""

    file: BinaryIO
    parts: dict[str, zipfile.ZipInfo]
    limits: Limits
    inflated: int = 0

    def chunks(self, name: str) -> Iterator[bytes]:
        """Yield the bytes of one part, at most 1 MiB at a time.

        Raises `UnsafeFileError` as soon as a limit is passed, or where the directory did not tell the truth.
        """
        info = self.parts[name]
        self.file.seek(self._start_of(info))
        left, size, checksum = info.compress_size, 0, 0
        for chunk in self._inflate(info, left):
            size += len(chunk)
            self.inflated += len(chunk)
            if self.inflated > self.limits.inflated:
                raise too_large_inside(self.limits)
            if size > self.limits.ratio_applies_above and size > self.limits.ratio * max(info.compress_size, 1):
                raise too_large_inside(self.limits)
            checksum = zlib.crc32(chunk, checksum)
            yield chunk
        if size != info.file_size or checksum != info.CRC:
            raise damaged_file()

    def read(self, name: str, at_most: int = 4 * MEBIBYTE) -> bytes:
        """Return one small part whole; a part larger than `at_most` bytes is refused."""
        collected = bytearray()
        for chunk in self.chunks(name):
            collected += chunk
            if len(collected) > at_most:
                raise too_large_inside(self.limits)
        return bytes(collected)

    def _start_of(self, info: zipfile.ZipInfo) -> int:
        self.file.seek(info.header_offset)
        header = self.file.read(_LOCAL_HEADER.size)
        if len(header) != _LOCAL_HEADER.size:
            raise damaged_file()
        fields = _LOCAL_HEADER.unpack(header)
        name = self.file.read(fields[9])
        # A part whose own name differs from the directory's is read under one name by some and another by others.
        if fields[0] != b"PK\x03\x04" or fields[3] != info.compress_type or name != _raw_name(info):
            raise damaged_file()
        return info.header_offset + _LOCAL_HEADER.size + fields[9] + fields[10]

    def _inflate(self, info: zipfile.ZipInfo, left: int) -> Iterator[bytes]:
        decompressor = zlib.decompressobj(-15) if info.compress_type == zipfile.ZIP_DEFLATED else None
        while left > 0:
            packed = self.file.read(min(_CHUNK, left))
            if not packed:
                raise damaged_file()
            left -= len(packed)
            if decompressor is None:
                yield packed
                continue
            try:
                while packed and not decompressor.eof:
                    if chunk := decompressor.decompress(packed, _CHUNK):
                        yield chunk
                    packed = decompressor.unconsumed_tail
            except zlib.error:
                raise damaged_file() from None
        if decompressor is not None:
            if chunk := decompressor.flush():
                yield chunk
            if not decompressor.eof:
                raise damaged_file()


def open_archive(file: BinaryIO, limits: Limits) -> Archive:
    """Read the directory of a zip archive and refuse what no spreadsheet program writes.

    Raises `UnsafeFileError`: ``damaged``, ``encrypted``, ``too_many_parts``.
    """
    try:
        with zipfile.ZipFile(file) as zipped:
            infos = zipped.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, struct.error, EOFError):
        raise damaged_file() from None
    if len(infos) > limits.parts:
        raise UnsafeFileError(
            "too_many_parts",
            _("The file holds %(count)s parts; a workbook of this kind has a few dozen.") % {"count": len(infos)},
            _("Copy only the filled cells into a fresh template and upload that."),
        )
    parts: dict[str, zipfile.ZipInfo] = {}
    for info in infos:
        if info.flag_bits & 0x1:
            raise UnsafeFileError(
                "encrypted",
                _("The file is protected by a password, so it cannot be read."),
                _("Remove the password and save the workbook again. Protected cells inside it may stay."),
            )
        # Two parts of one name, or names that differ only in case, are read differently by different programs.
        if info.filename.lower() in parts or info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise damaged_file()
        parts[info.filename.lower()] = info
    return Archive(file=file, parts={info.filename: info for info in parts.values()}, limits=limits)


def _raw_name(info: zipfile.ZipInfo) -> bytes:
    return info.orig_filename.encode("utf-8" if info.flag_bits & 0x800 else "cp437")
