"""Qualification numbers (QAN), such as 601/7159/5.

The last character follows from the seven digits before it in all but the very first numbers that begin 610,
where another sum was in use. No published document states either, so a character that fits neither sum is
worth a warning and never a refusal.
"""

import re
from dataclasses import dataclass

from django.utils.translation import gettext as _

from awarding.identifiers.cell_text import identifier_text
from awarding.identifiers.errors import QanError

_SHAPE = re.compile(r"([0-9]{3})[/\-\u2013]?([0-9]{4})[/\-\u2013]?([0-9X])", re.ASCII)
_WEIGHTS = (8, 7, 6, 5, 4, 3, 2)
# Numbers up to this one (first seven digits) may follow the early sum.
_EARLY = range(6100000, 6100143)


@dataclass(frozen=True, slots=True)
class Qan:
    """A qualification number: `number` without obliques (how it is stored), `display` with them."""

    number: str
    display: str
    check_failed: bool

    def __str__(self) -> str:
        return self.display


def bare_qan(typed: str) -> str:
    """A number that somebody looks for, as it is stored: without slashes or spaces, in capitals. Says nothing of its shape."""
    return "".join(typed.replace("/", "").split()).upper()


def parse_qan(value: object) -> Qan:
    """Read a QAN, with or without obliques; `check_failed` warns of a last character that does not fit.

    Raises `QanError` with code ``qan_shape``, ``qan_damaged`` or ``qan_missing``.
    """
    text = identifier_text(value, error=QanError, prefix="qan")
    match = _SHAPE.fullmatch(text)
    if match is None:
        raise QanError(
            "qan_shape",
            _("“%(value)s” is not a qualification number.") % {"value": str(value)[:40]},
            _("Enter three digits, four digits, then a digit or X, for example 601/7159/5."),
        )
    first, second, last = match.groups()
    return Qan(
        number=f"{first}{second}{last}",
        display=f"{first}/{second}/{last}",
        check_failed=last not in qan_check_characters(first + second),
    )


def qan_check_characters(seven_digits: str) -> frozenset[str]:
    """Return the last characters that fit the first seven digits of a QAN: one, or two in the early 610 range."""
    weighted = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, seven_digits, strict=True))
    fits = {_modulus_character(weighted)}
    if int(seven_digits) in _EARLY:
        fits.add(_modulus_character(2 + sum(int(digit) for digit in seven_digits[3:])))
    return frozenset(fits)


def _modulus_character(total: int) -> str:
    remainder = total % 11
    return "X" if remainder == 10 else str(remainder)
