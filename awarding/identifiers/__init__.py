"""The field's identifiers: read from whatever a person or a spreadsheet hands over, or refused with the remedy.

Each parser takes text, an int or a float. Wrong shapes raise an `IdentifierError` with `code`, `message` and
`fix`. Check characters whose rule is published (ULN) are enforced; the others only warn through `check_failed`.
"""

from awarding.identifiers.errors import (
    IdentifierError,
    NcnError,
    QanError,
    UciError,
    UkprnError,
    UlnError,
    UnitReferenceError,
    UrnError,
)
from awarding.identifiers.ncn import parse_ncn
from awarding.identifiers.qan import Qan, bare_qan, parse_qan, qan_check_characters
from awarding.identifiers.uci import Uci, parse_uci, uci_check_letter
from awarding.identifiers.ukprn import parse_ukprn
from awarding.identifiers.uln import TEMPORARY_ULN, are_plain_ulns, is_temporary_uln, parse_uln, uln_check_digit
from awarding.identifiers.unit_reference import UnitReference, parse_unit_reference, unit_reference_letter
from awarding.identifiers.urn import parse_urn

__all__ = [
    "TEMPORARY_ULN",
    "IdentifierError",
    "NcnError",
    "Qan",
    "QanError",
    "Uci",
    "UciError",
    "UkprnError",
    "UlnError",
    "UnitReference",
    "UnitReferenceError",
    "UrnError",
    "are_plain_ulns",
    "bare_qan",
    "is_temporary_uln",
    "parse_ncn",
    "parse_qan",
    "parse_uci",
    "parse_ukprn",
    "parse_uln",
    "parse_unit_reference",
    "parse_urn",
    "qan_check_characters",
    "uci_check_letter",
    "uln_check_digit",
    "unit_reference_letter",
]
