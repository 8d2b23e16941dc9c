"""Comparing what people write in a header or a cell with what is expected."""

import re
import unicodedata
from collections.abc import Iterator

_IN_BRACKETS = re.compile(r"[(\[].*?[)\]]")
_INVISIBLE = re.compile("[\u00ad\u200b\u2060\ufeff\u202a-\u202e\u2066-\u2069]")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f]")


def plain_name(text: str) -> str:
    """Return only the letters and digits of a name, without accents or case: “Date of Birth*” → “dateofbirth”."""
    decomposed = unicodedata.normalize("NFKD", text.replace("&", " and ")).casefold()
    return "".join(character for character in decomposed if character.isalnum())


def header_names(text: str) -> Iterator[str]:
    """Yield the plain names a header may go by: whole, then without what it says in brackets."""
    yield plain_name(text)
    if (shorter := _IN_BRACKETS.sub("", text)) != text:
        yield plain_name(shorter)


def clean_text(text: str) -> str:
    """Return text as it is stored: composed (NFC), trimmed, without invisible marks, single spaces for any others.

    Marks that join letters in some scripts (zero-width joiner and non-joiner) stay.
    """
    if text.isascii() and text.isprintable():
        return text.strip() if "  " not in text else " ".join(text.split())
    return " ".join(_INVISIBLE.sub("", unicodedata.normalize("NFC", text)).split())


def has_control_characters(text: str) -> bool:
    """Say whether cleaned text still holds control characters, which no name or number has."""
    return not text.isprintable() and _CONTROL.search(text) is not None
