"""The layouts of register files that can be read, told apart by their header."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from awarding.catalogue.register.names import tidy
from awarding.identifiers import IdentifierError, parse_qan

Cells = Mapping[str, str]

# How long a fact may be: the columns it is kept in.
LONGEST = {"title": 1000, "level": 60, "type": 100, "sector": 120, "status": 60, "organisation": 200}
# Lazy, because they become words only in the reason of a refusal, and there are tens of thousands of cells.
_WORDS = {
    "title": gettext_lazy("The qualification's title"),
    "level": gettext_lazy("The level"),
    "type": gettext_lazy("The type"),
    "sector": gettext_lazy("The sector subject area"),
    "status": gettext_lazy("The status"),
    "organisation": gettext_lazy("The awarding organisation's name"),
}
OFFERS = (
    "Age1416",
    "Age1619",
    "LocalFlexibilities",
    "LegalEntitlementL2L3",
    "LegalEntitlementEnglishandMaths",
    "DigitalEntitlement",
    "LifelongLearningEntitlement",
    "AdvancedLearnerLoans",
    "L3FreeCoursesForJobs",
)


class RowError(ValueError):
    """A row that cannot be loaded; `str()` says why."""


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """One qualification as a file tells it. `facts` holds the fields of Qualification that this layout speaks of."""

    line: int
    qan: str
    check_failed: bool
    organisation: str
    recognition_number: str
    acronym: str
    snapshot_on: dt.date | None
    facts: dict[str, Any]
    # Used for a qualification that is new; afterwards the AO's to edit.
    first_credits: int = 0


@dataclass(frozen=True, slots=True)
class OrganisationRow:
    """One awarding organisation of an organisations file."""

    line: int
    recognition_number: str
    name: str
    legal_name: str
    acronym: str
    email: str
    is_recognised: bool


@dataclass(frozen=True)
class Layout:
    """A kind of file: the header's columns that mark it, and how a row of it is read."""

    code: str
    marks: frozenset[str]
    read: Callable[[int, Cells], Any] = field(repr=False)
    title: str = ""


def column_key(header: str) -> str:
    """A column's name as it compares: letters and digits, small."""
    return re.sub(r"[^a-z0-9]", "", header.lower())


def detect_layout(header: list[str]) -> Layout | None:
    """The layout whose columns the header has, or None."""
    keys = {column_key(name) for name in header}
    return next((layout for layout in LAYOUTS if layout.marks <= keys), None)


def _needed(cells: Cells, column: str, name: str) -> str:
    text = tidy(cells.get(column, ""))
    if not text:
        raise RowError(_("%(what)s is empty. Fill it in or leave the row out.") % {"what": _WORDS[name]})
    return _within(text, name)


def _within(text: str, name: str) -> str:
    if len(text) > LONGEST[name]:
        raise RowError(
            _("%(what)s has %(length)s characters; %(most)s fit. Check that the row's columns have not shifted.")
            % {"what": _WORDS[name], "length": len(text), "most": LONGEST[name]}
        )
    if "\x00" in text:
        raise RowError(_("%(what)s holds a character that is no text. Save the file again.") % {"what": _WORDS[name]})
    return text


def _qan(text: str) -> Any:
    try:
        return parse_qan(text)
    except IdentifierError as error:
        raise RowError(str(error)) from error


@lru_cache(maxsize=4096)
def read_date(text: str) -> dt.date | None:
    """A day written dd/mm/yyyy or yyyy-mm-dd, with or without a time after it; None when it is neither."""
    head = text.strip().replace("T", " ").split(" ")[0]
    for pattern in ("%d/%m/%Y", "%Y-%m-%d"):
        try:
            return dt.datetime.strptime(head, pattern).date()
        except ValueError:
            continue
    return None


def _approved_row(line: int, cells: Cells) -> RegisterRow:
    """A row of the DfE's list of qualifications approved for funding."""
    number = _qan(cells["qualificationnumber"])
    written = cells.get("dateofofqualdatasnapshot", "")
    taken_on = read_date(written)
    if written.strip() and taken_on is None:
        raise RowError(_("“%(value)s” is not a snapshot date. Write it as 18/02/2025.") % {"value": written[:40]})
    facts = {
        "title": _needed(cells, "qualificationname", "title"),
        "level": _needed(cells, "level", "level"),
        "type": _within(tidy(cells.get("qualificationtype", "")), "type"),
        "sector": _within(tidy(cells.get("sectorsubjectarea", "")), "sector"),
        "status": _within(tidy(cells.get("status", "")), "status"),
        "funding": _funding(cells),
    }
    organisation = _needed(cells, "awardingorganisation", "organisation")
    return RegisterRow(line, number.number, number.check_failed, organisation, "", "", taken_on, facts)


def _funding(cells: Cells) -> dict[str, Any]:
    """{offer: {"available", "from", "to", "notes"}}, days as ISO text; only offers about which the row says something."""
    offers = {}
    for offer in OFFERS:
        key = offer.lower()
        available = cells.get(f"{key}fundingavailable", "").strip().lower() in {"true", "yes", "1"}
        ends = [cells.get(f"{key}fundingapproval{end}date", "").strip() for end in ("start", "end")]
        begins, closes = ((day.isoformat() if (day := read_date(text)) else text) for text in ends)
        notes = cells.get(f"{key}notes", "").strip().replace("\x00", "")
        if available or begins or closes or notes:
            offers[offer] = {"available": available, "from": begins, "to": closes, "notes": notes}
    return offers


def _register_row(line: int, cells: Cells) -> RegisterRow:
    """A row of the Register of Regulated Qualifications' own Qualifications.csv."""
    number = _qan(cells["qualificationnumber"])
    level = _needed(cells, "qualificationlevel", "level")
    sub_level = tidy(cells.get("qualificationsublevel", ""))
    facts = {
        "title": _needed(cells, "qualificationtitle", "title"),
        # At entry level the sub-level says which of the three.
        "level": _within(sub_level if sub_level.lower().startswith("entry level ") else level, "level"),
        "type": _within(tidy(cells.get("qualificationtype", "")), "type"),
        "sector": _within(_sector(cells.get("qualificationssa", "")), "sector"),
        "status": _within(tidy(cells.get("qualificationstatus", "")), "status"),
    }
    organisation = _needed(cells, "ownerorganisationname", "organisation")
    recognition = tidy(cells.get("ownerorganisationrecognitionnumber", "")).upper()
    if recognition and not re.fullmatch(r"RN\d{4}", recognition):
        raise RowError(_("“%(value)s” is not a recognition number: RN and four digits.") % {"value": recognition[:20]})
    acronym = tidy(cells.get("ownerorganisationacronym", ""))[:60]
    credits_ = tidy(cells.get("totalcredits", ""))
    first = int(credits_) if credits_.isascii() and credits_.isdigit() and int(credits_) < 32768 else 0
    return RegisterRow(line, number.number, number.check_failed, organisation, recognition, acronym, None, facts, first)


def _sector(text: str) -> str:
    """The subject area without its number: "02.1 Science" and "Science" are one."""
    return re.sub(r"^\d{1,2}(\.\d{1,2})?\s+", "", tidy(text))


def _organisation_row(line: int, cells: Cells) -> OrganisationRow:
    number = tidy(cells["recognitionnumber"]).upper()
    if not re.fullmatch(r"RN\d{4}", number):
        raise RowError(_("“%(value)s” is not a recognition number: RN and four digits.") % {"value": number[:20]})
    status = tidy(cells.get("ofqualstatus", "") or cells.get("status", ""))
    return OrganisationRow(
        line=line,
        recognition_number=number,
        name=_needed(cells, "name", "organisation"),
        legal_name=_within(tidy(cells.get("legalname", "")), "organisation"),
        acronym=tidy(cells.get("acronym", ""))[:60],
        email=tidy(cells.get("email", ""))[:254],
        is_recognised=status.casefold() == "recognised",
    )


LAYOUTS = (
    Layout(
        "approved",
        frozenset({"qualificationnumber", "qualificationname", "awardingorganisation", "level"}),
        _approved_row,
        "qualifications approved for funding",
    ),
    Layout(
        "register",
        frozenset({"qualificationnumber", "qualificationtitle", "ownerorganisationname", "qualificationlevel"}),
        _register_row,
        "the register's qualifications",
    ),
    Layout(
        "organisations",
        frozenset({"recognitionnumber", "name", "legalname", "acronym"}),
        _organisation_row,
        "awarding organisations",
    ),
)
