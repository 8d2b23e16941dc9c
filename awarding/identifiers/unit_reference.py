"""Unit references, such as K/501/5773.

The first letter follows from the seven digits in every reference seen, but no published document says so: a
letter that does not fit is worth a warning and never a refusal.
"""

import re
from dataclasses import dataclass

from django.utils.translation import gettext as _

from awarding.identifiers.cell_text import identifier_text
from awarding.identifiers.errors import UnitReferenceError

_SHAPE = re.compile(r"([A-Z])[/\-\u2013]?([0-9]{3})[/\-\u2013]?([0-9]{4})", re.ASCII)
_WEIGHTS = (8, 7, 6, 5, 4, 3, 2)
_LETTERS = "ADFHJKLMRTY"


@dataclass(frozen=True, slots=True)
class UnitReference:
    """A unit's reference: `number` without obliques (how it is stored), `display` with them."""

    number: str
    display: str
    check_failed: bool

    def __str__(self) -> str:
        return self.display


def parse_unit_reference(value: object) -> UnitReference:
    """Read a unit reference, with or without obliques; `check_failed` warns of a letter that does not fit.

    Raises `UnitReferenceError` with code ``unit_reference_shape``, ``unit_reference_damaged`` or
    ``unit_reference_missing``.
    """
    text = identifier_text(value, error=UnitReferenceError, prefix="unit_reference")
    match = _SHAPE.fullmatch(text)
    if match is None:
        raise UnitReferenceError(
            "unit_reference_shape",
            _("“%(value)s” is not a unit reference.") % {"value": str(value)[:40]},
            _("Enter a letter, three digits, then four digits, for example K/501/5773."),
        )
    letter, first, second = match.groups()
    return UnitReference(
        number=f"{letter}{first}{second}",
        display=f"{letter}/{first}/{second}",
        check_failed=letter != unit_reference_letter(first + second),
    )


def unit_reference_letter(seven_digits: str) -> str:
    """Return the letter that fits the seven digits of a unit reference."""
    weighted = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, seven_digits, strict=True))
    return _LETTERS[weighted % 11]
