"""What spreadsheets do to identifiers, undone where that is certain and refused where it is not.

A spreadsheet program may hand back an identifier as a float (``1000102504.0``), as the text of one, with
thousands separators, with non-breaking spaces, in full-width digits, or squeezed into scientific notation
(``1.0001E+09``). All but the last keep every digit. The last has lost some, so it is refused.
"""

import math
import re
import unicodedata

from django.utils.translation import gettext as _

from awarding.identifiers.errors import IdentifierError

# From here on a double no longer tells neighbouring integers apart.
_EXACT = 2**53
_SCIENTIFIC = re.compile(r"[0-9]+(?:[.,][0-9]+)?[eE]\+?[0-9]+")
_TRAILING_ZERO = re.compile(r"([0-9]+)\.0+")
_THOUSANDS = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+")
_PLAIN = re.compile(r"[0-9A-DF-Z/]+", re.ASCII)  # no E: that may be scientific notation
_SPACES = re.compile(r"[\s\u200b\u2060\ufeff]+")


def identifier_text(value: object, *, error: type[IdentifierError], prefix: str) -> str:
    """Return `value` as upper-case text without white space, every digit as it was typed.

    `value` may be text, an int or a float, as a spreadsheet reader hands them over. Raises `error` with code
    ``<prefix>_damaged`` when digits have been lost, ``<prefix>_missing`` when there is nothing to read.
    """
    if type(value) is str and _PLAIN.fullmatch(value):
        return value
    if isinstance(value, bool) or value is None:
        raise _missing(error, prefix)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        if not math.isfinite(value) or not value.is_integer() or abs(value) >= _EXACT:
            raise _damaged(error, prefix, repr(value))
        return str(int(value))
    text = _SPACES.sub("", unicodedata.normalize("NFKC", str(value))).upper()
    if not text:
        raise _missing(error, prefix)
    if _SCIENTIFIC.fullmatch(text):
        raise _damaged(error, prefix, str(value).strip())
    if match := _TRAILING_ZERO.fullmatch(text):
        return match.group(1)
    if _THOUSANDS.fullmatch(text):
        return text.replace(",", "")
    return text


def _missing(error: type[IdentifierError], prefix: str) -> IdentifierError:
    return error(f"{prefix}_missing", _("There is no number here."), _("Enter the number."))


def _damaged(error: type[IdentifierError], prefix: str, value: str) -> IdentifierError:
    return error(
        f"{prefix}_damaged",
        _("The spreadsheet has shortened this number to “%(value)s” and some of its digits are lost.")
        % {"value": value[:40]},
        _("Format the column as text, then type the whole number again."),
    )
