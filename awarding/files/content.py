"""What an uploaded file really is: by its first bytes, never by its name alone."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from typing import IO

from django.utils.translation import gettext as _

HEAD = 4096
# Programs write more behind the end mark than the 1,024 bytes of the standard.
PDF_TAIL = 64 * 1024


@dataclass(frozen=True)
class Kind:
    """A kind of file that may be stored: its media type, the endings it goes by, and how its bytes begin."""

    media_type: str
    endings: tuple[str, ...]
    name: str
    starts: tuple[bytes, ...] = ()
    offset: int = 0
    # For zip packages: a part that only this kind has.
    part: str = ""


_OFFICE = "application/vnd.openxmlformats-officedocument."
KINDS = (
    Kind("application/pdf", ("pdf",), "PDF", (b"%PDF-",)),
    Kind("image/jpeg", ("jpg", "jpeg"), "JPEG", (b"\xff\xd8\xff",)),
    Kind("image/png", ("png",), "PNG", (b"\x89PNG\r\n\x1a\n",)),
    Kind("image/heic", ("heic", "heif"), "HEIC", (b"ftypheic", b"ftypheix", b"ftypmif1", b"ftypmsf1"), 4),
    Kind("image/webp", ("webp",), "WebP", (b"WEBP",), 8),
    Kind("video/mp4", ("mp4", "m4v", "mov"), "MP4", (b"ftypisom", b"ftypmp4", b"ftypiso", b"ftypqt", b"ftypM4V", b"ftypavc"), 4),
    Kind("audio/mp4", ("m4a",), "M4A", (b"ftypM4A",), 4),
    Kind("audio/mpeg", ("mp3",), "MP3", (b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2")),
    Kind("audio/wav", ("wav",), "WAV", (b"WAVE",), 8),
    Kind(f"{_OFFICE}wordprocessingml.document", ("docx",), "Word", (b"PK\x03\x04",), part="word/document.xml"),
    Kind(f"{_OFFICE}spreadsheetml.sheet", ("xlsx",), "Excel", (b"PK\x03\x04",), part="xl/workbook.xml"),
    Kind(f"{_OFFICE}presentationml.presentation", ("pptx",), "PowerPoint", (b"PK\x03\x04",), part="ppt/presentation.xml"),
    Kind("application/vnd.oasis.opendocument.text", ("odt",), "OpenDocument text", (b"PK\x03\x04",), part="content.xml"),
)  # fmt: skip
ALLOWED_ENDINGS = tuple(sorted({ending for kind in KINDS for ending in kind.endings}))


class UnacceptableFileError(ValueError):
    """The file may not be stored. `str()` says what is wrong and how to mend it."""


def recognise(handle: IO[bytes], name: str, *, max_bytes: int, size: int) -> str:
    """The media type of an upload, decided by its bytes; UnacceptableFileError when it may not be stored.

    Refused: empty, larger than `max_bytes`, a kind that is not on the list, an ending that belies the content,
    a PDF that is cut short, a damaged office file, and one with macros. The handle is left at its start.
    """
    if size == 0:
        raise UnacceptableFileError(_("“%(name)s” is empty. Save it again and choose it once more.") % {"name": name})
    if size > max_bytes:
        raise UnacceptableFileError(
            _("“%(name)s” has %(size)d MB; at most %(limit)d MB are taken. Make a smaller copy, or split it.")
            % {"name": name, "size": -(-size // 1024**2), "limit": max_bytes // 1024**2}
        )
    handle.seek(0)
    head = handle.read(HEAD)
    ending = name.rsplit(".", 1)[-1].lower() if "." in name else ""
    fitting = [kind for kind in KINDS if any(head[kind.offset :].startswith(start) for start in kind.starts)]
    if head.startswith(b"PK\x03\x04"):
        parts = _parts(handle, name)
        fitting = [kind for kind in fitting if kind.part in parts]
    handle.seek(0)
    if not fitting and ending in ALLOWED_ENDINGS:
        raise UnacceptableFileError(
            _(
                "“%(name)s” is not of a kind that is taken, though its name ends in .%(ending)s: what is in it is something"
                " else. Open it to see what it is; a page or a photo saved as PDF always works."
            )
            % {"name": name, "ending": ending}
        )
    if not fitting:
        raise UnacceptableFileError(
            _(
                "“%(name)s” is not of a kind that is taken. Send one of: %(kinds)s. A page or a photo saved as PDF always works."
            )
            % {"name": name, "kinds": ", ".join(ALLOWED_ENDINGS)}
        )
    if head.startswith(b"%PDF-"):
        _refuse_cut_short(handle, name, size)
    for kind in fitting:
        if ending in kind.endings:
            return kind.media_type
    raise UnacceptableFileError(
        _(
            "“%(name)s” holds %(kind)s but is named as something else. Rename it to end in .%(ending)s, or save it again."
        )
        % {"name": name, "kind": fitting[0].name, "ending": fitting[0].endings[0]}
    )


def _refuse_cut_short(handle: IO[bytes], name: str, size: int) -> None:
    """A PDF ends in its end mark; one whose sending broke off has none, and nobody could open it later."""
    handle.seek(max(size - PDF_TAIL, 0))
    tail = handle.read(PDF_TAIL)
    handle.seek(0)
    if b"%%EOF" not in tail:
        raise UnacceptableFileError(
            _("“%(name)s” is damaged or cut short. Open it, save it again and choose it once more.") % {"name": name}
        )


def _parts(handle: IO[bytes], name: str) -> set[str]:
    try:
        with zipfile.ZipFile(handle) as package:
            parts = set(package.namelist())
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise UnacceptableFileError(
            _("“%(name)s” is damaged or cut short. Open it, save it again and choose it once more.") % {"name": name}
        ) from error
    if any("vbaproject" in part.lower() for part in parts):
        raise UnacceptableFileError(
            _("“%(name)s” holds macros, which are not taken. Save it without macros, or as PDF.") % {"name": name}
        )
    return parts
