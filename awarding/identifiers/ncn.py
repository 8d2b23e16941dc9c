"""National centre numbers (NCN): five digits, of which the first may be 0."""

from django.utils.translation import gettext as _

from awarding.identifiers.cell_text import identifier_text
from awarding.identifiers.errors import NcnError


def parse_ncn(value: object) -> str:
    """Read a national centre number and return its five digits as text.

    Four digits are five whose leading zero a spreadsheet dropped, so it is put back; fewer could be anything.
    Raises `NcnError` with code ``ncn_shape``, ``ncn_damaged`` or ``ncn_missing``.
    """
    text = identifier_text(value, error=NcnError, prefix="ncn")
    if not (text.isascii() and text.isdigit() and len(text) in (4, 5)) or (len(text) == 4 and text[0] == "0"):
        raise NcnError(
            "ncn_shape",
            _("“%(value)s” is not a national centre number.") % {"value": str(value)[:40]},
            _("Enter its five digits; format the column as text so that a 0 at the front is kept."),
        )
    return text.zfill(5)
