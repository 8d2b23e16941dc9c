"""Names as they compare: titles for searching, names of awarding organisations for matching."""

from __future__ import annotations

import re
import unicodedata

# Words that say what kind of body it is, or nothing: the same body is written with and without them.
_LEGAL_WORDS = frozenset({"the", "ltd", "limited", "plc", "llp", "cic"})


def title_key(title: str) -> str:
    """A title as search compares it: lower case, no accents, single spaces."""
    decomposed = unicodedata.normalize("NFKD", title)
    plain = "".join(character for character in decomposed if not unicodedata.combining(character))
    return " ".join(plain.lower().split())


def organisation_key(name: str) -> str:
    """A body's name without case, accents, punctuation and legal form; "&" reads as "and"."""
    text = re.sub(r"['\u2019.]", "", title_key(name).replace("&", " and "))
    words = re.sub(r"[^a-z0-9]+", " ", text).split()
    return " ".join(word for word in words if word not in _LEGAL_WORDS)


def tidy(text: str) -> str:
    """A cell without the spaces round it, and with single ones inside."""
    return " ".join(text.split())
