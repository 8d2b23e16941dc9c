"""Unique learner numbers (ULN): ten digits, the last of which checks the nine before it."""

from collections.abc import Sequence
from typing import Final

from django.utils.translation import gettext as _

from awarding.identifiers.cell_text import identifier_text
from awarding.identifiers.errors import UlnError

TEMPORARY_ULN: Final = "9999999999"


def parse_uln(value: object) -> str:
    """Read a ULN and return its ten digits as text, never as a number.

    The temporary number 9999999999 is let through: ask `is_temporary_uln`. Raises `UlnError` with code
    ``uln_length``, ``uln_characters``, ``uln_check``, ``uln_damaged`` or ``uln_missing``.
    """
    text = identifier_text(value, error=UlnError, prefix="uln")
    if not (text.isascii() and text.isdigit()):
        raise UlnError(
            "uln_characters",
            _("“%(value)s” has characters that are not digits.") % {"value": text[:40]},
            _("Enter the ten digits of the ULN."),
        )
    if len(text) != 10 or text[0] == "0":
        raise _wrong_length(text)
    if text != TEMPORARY_ULN and uln_check_digit(text[:9]) != text[9]:
        raise UlnError(
            "uln_check",
            _("“%(value)s” is not a valid ULN: its last digit does not fit the others.") % {"value": text},
            _("Look for a mistyped or swapped digit and compare it with the Learning Records Service."),
        )
    return text


def are_plain_ulns(values: Sequence[object]) -> bool:
    """Say whether each of many values is a ULN in its ten digits, just as `parse_uln` would give it back.

    For long columns: some five times as fast as asking for each. False also where a value only needs tidying.
    """
    try:
        ulns = [value for value in values if value != TEMPORARY_ULN]
        digits = "".join(ulns).encode("ascii")  # type: ignore[arg-type]
    except (TypeError, UnicodeEncodeError):
        return False
    if not ulns:
        return True
    if set(map(len, ulns)) != {10} or not digits.isdigit() or 48 in digits[::10]:  # type: ignore[arg-type]
        return False
    # As in `uln_check_digit`: weights and tenth digit add up to ten. The 48 of every byte falls out: 48 x 55 is 240 x 11.
    places = zip(*(digits[place::10] for place in range(10)), strict=True)
    return all(
        (10 * a + 9 * b + 8 * c + 7 * d + 6 * e + 5 * f + 4 * g + 3 * h + 2 * i + j) % 11 == 10
        for a, b, c, d, e, f, g, h, i, j in places
    )


def is_temporary_uln(uln: str) -> bool:
    """Say whether a ULN is the placeholder for a learner whose own number is not known yet."""
    return uln == TEMPORARY_ULN


def uln_check_digit(nine_digits: str) -> str | None:
    """Return the tenth digit of a ULN, or None where the nine digits can never begin one."""
    d = nine_digits.encode("ascii")
    # Each byte is 48 above its digit; 48 × (10 + 9 + … + 2) = 2592 comes off once.
    weighted = 10 * d[0] + 9 * d[1] + 8 * d[2] + 7 * d[3] + 6 * d[4] + 5 * d[5] + 4 * d[6] + 3 * d[7] + 2 * d[8] - 2592
    remainder = weighted % 11
    return None if remainder == 0 else str(10 - remainder)


def _wrong_length(text: str) -> UlnError:
    if len(text) == 10:
        message = _("“%(value)s” begins with 0 and no ULN does.") % {"value": text}
    else:
        message = _("A ULN has 10 digits and “%(value)s” has %(count)s.") % {"value": text[:40], "count": len(text)}
    return UlnError("uln_length", message, _("Enter all ten digits; format the column as text so that none is lost."))
