"""Checks of an uploaded table of registrations that need nothing but the table itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from awarding.identifiers import TEMPORARY_ULN
from awarding.spreadsheets.reader import Row, Table
from centres.rules.names import same_name

OLDEST = 110
YOUNGEST = 5
LONGEST_COURSE = dt.timedelta(days=10 * 365)
_FORMULA_STARTS = ("=", "+", "@")


class Entry(NamedTuple):
    """The values of one row, in the order of `workbooks.COLUMNS`; None where the reader found a fault."""

    uln: Any
    given_names: Any
    family_name: Any
    date_of_birth: Any
    reference: Any
    qan: Any
    cohort: Any
    registered_on: Any
    starts_on: Any
    ends_on: Any

    @property
    def identity(self) -> str:
        """What tells the learner from the others of the file."""
        return identity_of(self.uln, self.reference)

    @property
    def full_name(self) -> str:
        return f"{self.given_names} {self.family_name}"


def identity_of(uln: str, reference: str | None) -> str:
    """A learner's own ULN; while it is the temporary one, with the centre's reference."""
    return uln if uln != TEMPORARY_ULN else f"{TEMPORARY_ULN}/{reference}"


def check_rows(table: Table, *, today: dt.date) -> list[tuple[Row, Entry]]:
    """Adds to the table every fault that the file alone shows, and answers its rows with their values.

    Codes: formula_text, name_without_letters, garbled_text, reference_missing, ends_before_start, born_in_future,
    birth_impossible, registered_in_future, uln_two_people, reference_two_people, duplicate_row, conflicting_rows and the
    warning long_course.
    """
    entries = [(row, Entry._make(row.values)) for row in table.rows]
    youngest_year, oldest_year = today.year - YOUNGEST, today.year - OLDEST
    for row, entry in entries:
        given, family, born, starts, ends = entry[1], entry[2], entry[3], entry[8], entry[9]
        # The ordinary row passes on these few comparisons; whatever is odd about one is found out below.
        if (
            given is not None and family is not None and born is not None and starts is not None and ends is not None
            and given.isalpha() and family.isalpha() and oldest_year < born.year < youngest_year
            and born.year + YOUNGEST < starts.year and starts <= ends and ends - starts < LONGEST_COURSE
            and entry[7] is not None and entry[7] <= today and entry[0] != TEMPORARY_ULN
            and _is_plain(entry[6]) and (entry[4] is None or _is_plain(entry[4]))
        ):  # fmt: skip
            continue
        _check_texts(table, row, entry)
        _check_dates(table, row, entry, today)
    _check_within(table, entries)
    return entries


def _is_plain(text: str | None) -> bool:
    return text is not None and text.isascii() and text[0].isalnum()


def _check_texts(table: Table, row: Row, entry: Entry) -> None:
    for key in ("given_names", "family_name", "reference", "cohort"):
        text = getattr(entry, key)
        if text is None or (text.isascii() and text[0].isalnum() and text[0].isalpha()):
            continue
        if text.startswith(_FORMULA_STARTS):
            table.fault(
                row, key, "formula_text",
                _("The text begins like a formula of a spreadsheet."),
                _("Delete what stands before the name or number."),
            )  # fmt: skip
        elif "\ufffd" in text:
            table.fault(
                row, key, "garbled_text",
                _("Some letters were lost when the file was saved (they show as �)."),
                _("Type them again, and save as an Excel workbook or as “CSV UTF-8”."),
            )  # fmt: skip
        elif key in ("given_names", "family_name") and not any(character.isalpha() for character in text):
            table.fault(
                row, key, "name_without_letters",
                _("“%(value)s” has no letter in it.") % {"value": text[:40]},
                _("Enter the name. Somebody with a single name has it in both columns."),
            )  # fmt: skip
    if entry.uln == TEMPORARY_ULN and entry.reference is None:
        table.fault(
            row, "uln", "reference_missing",
            _("The temporary ULN stands for many learners, and this row has no centre's reference to tell them apart."),
            _("Enter your own number for the learner under “Centre's reference”, or the learner's own ULN."),
        )  # fmt: skip


def _check_dates(table: Table, row: Row, entry: Entry, today: dt.date) -> None:
    born, starts, ends, registered = entry.date_of_birth, entry.starts_on, entry.ends_on, entry.registered_on
    if starts is not None and ends is not None:
        if ends < starts:
            table.fault(
                row, "ends_on", "ends_before_start",
                _("The planned end is before the start (%(start)s).") % {"start": _written(starts)},
                _("Correct whichever of the two is wrong."),
            )  # fmt: skip
        elif ends - starts >= LONGEST_COURSE:
            table.fault(
                row, "ends_on", "long_course",
                _("The planned end is ten years or more after the start (%(start)s).") % {"start": _written(starts)},
                _("Check the years. The row is loaded as it is."),
                severity="warning",
            )  # fmt: skip
    if registered is not None and registered > today:
        table.fault(
            row, "registered_on", "registered_in_future",
            _("The day of registration is in the future."),
            _("Enter the day on which the learner was registered, today at the latest."),
        )  # fmt: skip
    if born is None:
        return
    if born > today:
        table.fault(
            row, "date_of_birth", "born_in_future",
            _("The date of birth is in the future."),
            _("Enter the learner's date of birth, with the year in four digits."),
        )  # fmt: skip
    elif born.year < today.year - OLDEST or (starts is not None and _age_on(born, starts) < YOUNGEST):
        table.fault(
            row, "date_of_birth", "birth_impossible",
            _("Somebody born then would be younger than %(young)s at the start, or older than %(old)s today.")
            % {"young": YOUNGEST, "old": OLDEST},
            _("Check the date of birth and the start date for swapped or mistyped years."),
        )  # fmt: skip


def _age_on(born: dt.date, day: dt.date) -> int:
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def _check_within(table: Table, entries: list[tuple[Row, Entry]]) -> None:
    """Two rows of one ULN are one person; two rows of one person and qualification say the same twice or differ."""
    people: dict[str, tuple[Row, Entry]] = {}
    places: dict[tuple[str, str], tuple[Row, Entry]] = {}
    for row, entry in entries:
        uln = entry[0]
        if uln is None or (uln == TEMPORARY_ULN and entry[4] is None):
            continue
        identity = entry.identity if uln == TEMPORARY_ULN else uln
        first = people.setdefault(identity, (row, entry))
        if first[0] is not row and not _is_same_person(first[1], entry):
            for this, other in ((row, first[0]), (first[0], row)):
                _report_two_people(table, this, other, is_temporary=uln == TEMPORARY_ULN)
            continue
        qan = entry[5]
        if qan is None:
            continue
        earlier = places.setdefault((identity, qan), (row, entry))
        if earlier[0] is row:
            continue
        if earlier[1][6:] == entry[6:]:
            table.fault(
                row, "uln", "duplicate_row",
                _("Row %(row)s already has this learner with this qualification.") % {"row": earlier[0].number},
                _("Delete one of the two rows."),
            )  # fmt: skip
        else:
            for this, other in ((row, earlier[0]), (earlier[0], row)):
                table.fault(
                    this, "qan", "conflicting_rows",
                    _("Row %(row)s has the same learner and qualification with another cohort or other dates.")
                    % {"row": other.number},
                    _("Keep the row that is right and delete the other."),
                )  # fmt: skip


def _is_same_person(first: Entry, second: Entry) -> bool:
    if first[1:4] == second[1:4]:
        return True
    known = [(a, b) for a, b in zip(first[1:3], second[1:3], strict=True) if a is not None and b is not None]
    births = (first.date_of_birth, second.date_of_birth)
    return all(same_name(a, b) for a, b in known) and (None in births or births[0] == births[1])


def _report_two_people(table: Table, row: Row, other: Row, *, is_temporary: bool) -> None:
    if is_temporary:
        table.fault(
            row, "reference", "reference_two_people",
            _("Row %(row)s gives the same reference to somebody else, both with the temporary ULN.")
            % {"row": other.number},
            _("Give each learner their own reference, or correct the name or date of birth that is wrong."),
        )  # fmt: skip
        return
    table.fault(
        row, "uln", "uln_two_people",
        _("Row %(row)s gives the same ULN with another name or date of birth.") % {"row": other.number},
        _("A ULN belongs to one person: correct the ULN, the name or the date of birth that is wrong."),
    )  # fmt: skip


def _written(day: dt.date) -> str:
    return f"{day:%d/%m/%Y}"


def distinct(values: Iterable[Any]) -> list[Any]:
    """The values that are there, each once, in order."""
    return [value for value in dict.fromkeys(values) if value is not None]
