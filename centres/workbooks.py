"""The table of learners and registrations: its columns, the template handed out, the workbook of rows to mend."""

from __future__ import annotations

import io
import re
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from awarding.identifiers import QanError, are_plain_ulns, parse_qan, parse_uln
from awarding.spreadsheets.columns import Column
from awarding.spreadsheets.template import upload_template
from awarding.spreadsheets.writer import WrittenColumn, write_csv

_LOST_ZERO = re.compile(r"[0-9]{6}[0-9X]", re.ASCII)


def read_qan(value: Any) -> str:
    """The eight characters of a QAN as a cell holds it.

    Seven characters are a QAN whose first digit, 0, a spreadsheet dropped, when the check character says so; then it
    is put back. Raises QanError otherwise.
    """
    try:
        return parse_qan(value).number
    except QanError as error:
        text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip().upper()
        if not _LOST_ZERO.fullmatch(text):
            raise
        mended = parse_qan(f"0{text}")
        if not mended.check_failed:
            return mended.number
        raise QanError(
            error.code,
            _("“%(value)s” has seven characters and a qualification number has eight.") % {"value": text},
            _("Format the column as text, then type the whole number, for example 601/7159/5."),
        ) from None


COLUMNS: Final[tuple[Column, ...]] = (
    Column(
        "uln", gettext_lazy("ULN"), parse=parse_uln, plain=are_plain_ulns, numeric=True, max_length=40, width=14,
        synonyms=("Unique learner number", "ULN number", "Learner ULN"),
        help=gettext_lazy("Ten digits. 9999999999 while the learner's own is not known; then give a centre's reference."),
        example="1000102504",
    ),
    Column(
        "given_names", gettext_lazy("Given names"), max_length=100, width=22,
        synonyms=("Given name", "First name", "First names", "Forename", "Forenames"),
        help=gettext_lazy("As they should stand on the certificate, accents and apostrophes included."), example="Zoë Maria",
    ),
    Column(
        "family_name", gettext_lazy("Family name"), max_length=100, width=22,
        synonyms=("Surname", "Last name", "Family names"),
        help=gettext_lazy("As it should stand on the certificate."), example="O’Connor",
    ),
    Column(
        "date_of_birth", gettext_lazy("Date of birth"), kind="date", width=14,
        synonyms=("DOB", "D.O.B.", "Birth date", "Born"), example="31/01/2003",
    ),
    Column(
        "reference", gettext_lazy("Centre's reference"), required=False, blank=True, max_length=30, width=18,
        synonyms=("Reference", "Learner reference", "Student ID", "Student number", "Candidate number", "Centre reference"),
        help=gettext_lazy("Your own number for the learner. Needed only with the temporary ULN 9999999999."), example="S10422",
    ),
    Column(
        "qan", gettext_lazy("QAN"), parse=read_qan, numeric=True, max_length=40, width=14,
        synonyms=("Qualification number", "Qualification accreditation number", "QN", "Qualification"),
        help=gettext_lazy("The qualification's number, with or without slashes."), example="601/7159/5",
    ),
    Column(
        "cohort", gettext_lazy("Cohort"), max_length=60, width=16,
        synonyms=("Group", "Class", "Course run", "Cohort name"),
        help=gettext_lazy("Learners with the same qualification and cohort stand on one eRAC."), example="2019-20 A",
    ),
    Column(
        "registered_on", gettext_lazy("Registered on"), kind="date", width=14,
        synonyms=("Registration date", "Date registered", "Date of registration"), example="01/10/2019",
    ),
    Column(
        "starts_on", gettext_lazy("Start date"), kind="date", width=14,
        synonyms=("Starts on", "Learning start date", "Course start", "Start"), example="09/09/2019",
    ),
    Column(
        "ends_on", gettext_lazy("Planned end date"), kind="date", width=16,
        synonyms=("Planned end", "End date", "Expected end date", "Ends on", "Learning planned end date"), example="30/06/2020",
    ),
)  # fmt: skip
TEMPLATE_NAME: Final = "learners-and-registrations"


def template_workbook() -> bytes:
    """The workbook that a centre fills in."""
    return upload_template(
        COLUMNS,
        title=_("Learners and registrations"),
        sheet=_("Learners"),
        notes=[
            _("One row for each learner and qualification. The columns may stand in any order."),
            _("Every row is checked and shown to you before anything is stored. The same file twice adds nothing."),
            _("A row for a learner and qualification that are there already changes the cohort and the dates."),
        ],
    )


def template_csv() -> bytes:
    """The same header as a CSV file."""
    buffer = io.BytesIO()
    write_csv(buffer, columns=[WrittenColumn(str(column.title)) for column in COLUMNS], rows=[])
    return buffer.getvalue()
