"""UK provider reference numbers (UKPRN): eight digits, the first not 0."""

from django.utils.translation import gettext as _

from awarding.identifiers.cell_text import identifier_text
from awarding.identifiers.errors import UkprnError


def parse_ukprn(value: object) -> str:
    """Read a UKPRN and return its eight digits (10000000 to 99999999) as text.

    Raises `UkprnError` with code ``ukprn_shape``, ``ukprn_damaged`` or ``ukprn_missing``.
    """
    text = identifier_text(value, error=UkprnError, prefix="ukprn")
    if not (text.isascii() and text.isdigit() and len(text) == 8 and text[0] != "0"):
        raise UkprnError(
            "ukprn_shape",
            _("“%(value)s” is not a UKPRN.") % {"value": str(value)[:40]},
            _("Enter the eight digits shown on the UK Register of Learning Providers."),
        )
    return text
