"""Unique reference numbers of establishments (URN): six digits."""

from django.utils.translation import gettext as _

from awarding.identifiers.cell_text import identifier_text
from awarding.identifiers.errors import UrnError


def parse_urn(value: object) -> str:
    """Read an establishment's URN and return its six digits as text.

    Raises `UrnError` with code ``urn_shape``, ``urn_damaged`` or ``urn_missing``.
    """
    text = identifier_text(value, error=UrnError, prefix="urn")
    if not (text.isascii() and text.isdigit() and len(text) == 6 and text[0] != "0"):
        raise UrnError(
            "urn_shape",
            _("“%(value)s” is not an establishment's URN.") % {"value": str(value)[:40]},
            _("Enter the six digits shown for the establishment on “Get information about schools”."),
        )
    return text
