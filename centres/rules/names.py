"""Comparing the names of people: by what is written, and by what is meant."""

from __future__ import annotations

import unicodedata

LONGEST_KEY = 220


def unaccented(text: str) -> str:
    """Lower case without accents; letters of every script stay."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text)
    return unicodedata.normalize(
        "NFC", "".join(c for c in decomposed if not unicodedata.combining(c) or not _is_latin_mark(c)).casefold()
    )


def _is_latin_mark(mark: str) -> bool:
    """The accents of Latin, Greek and Cyrillic. Marks of other scripts are vowels: without them names run together."""
    return "\u0300" <= mark <= "\u036f"


def name_key(given_names: str, family_name: str) -> str:
    """What a learner is sorted and found by: "family given", lower case, without accents."""
    return unaccented(f"{family_name} {given_names}")[:LONGEST_KEY]


def same_name(first: str, second: str) -> bool:
    """Whether two spellings are of one name: case, accents, spaces, hyphens and apostrophes do not count."""
    if first == second:
        return True
    return _letters(first) == _letters(second)


def _letters(text: str) -> str:
    return "".join(c for c in unaccented(text) if c.isalnum() or unicodedata.combining(c))
