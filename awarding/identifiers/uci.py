"""Unique candidate identifiers (UCI): centre, board, year, candidate and a check letter, such as 681990012058G."""

import re
from dataclasses import dataclass

from django.utils.translation import gettext as _

from awarding.identifiers.cell_text import identifier_text
from awarding.identifiers.errors import UciError

_SHAPE = re.compile(r"([0-9]{5})([0-9A-Z])([0-9]{2})([0-9]{4})([A-Z])", re.ASCII)
_LETTERS = "ABCDEFGHKLMRTVWXY"


@dataclass(frozen=True, slots=True)
class Uci:
    """A candidate's identifier: 13 characters in `number`, in its five groups in `display`."""

    number: str
    display: str
    check_failed: bool

    def __str__(self) -> str:
        return self.number


def parse_uci(value: object) -> Uci:
    """Read a UCI, with or without spaces; `check_failed` warns of a last letter that does not fit.

    Raises `UciError` with code ``uci_shape``, ``uci_damaged`` or ``uci_missing``.
    """
    text = identifier_text(value, error=UciError, prefix="uci")
    match = _SHAPE.fullmatch(text)
    if match is None or match.group(4) == "0000":
        raise UciError(
            "uci_shape",
            _("“%(value)s” is not a unique candidate identifier.") % {"value": str(value)[:40]},
            _(
                "Enter its 13 characters: five digits of the centre, the board, two of the year, four of the "
                "candidate, then the check letter, for example 681990012058G."
            ),
        )
    return Uci(
        number=text,
        display=" ".join(match.groups()),
        check_failed=match.group(5) != uci_check_letter(text[:12]),
    )


def uci_check_letter(twelve_characters: str) -> str:
    """Return the check letter of a UCI; a board's letter counts as its place in the alphabet."""
    total = 0
    for weight, character in zip(range(16, 4, -1), twelve_characters, strict=True):
        total += weight * (int(character) if character.isdigit() else ord(character) - ord("A") + 1)
    return _LETTERS[total % 17]
