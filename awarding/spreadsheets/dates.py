"""Dates as people type them and as spreadsheets store them.

Day, month, year is the order read here. A value that only makes sense the American way round is refused, and
where a column holds one, every value of it that could be either is refused too: reading half a column one way
and half the other would be worse than asking.
"""

import datetime
import re
from dataclasses import dataclass
from typing import Any, Final, Literal

from django.utils.translation import gettext as _

from awarding.spreadsheets.names import clean_text

Order = Literal["", "either", "uk", "us", "typed"]
# Code, message, fix.
Problem = tuple[str, str, str]

EARLIEST_YEAR: Final = 1901
LATEST_YEAR: Final = 2099
# Written out, because `calendar` gives the names of the machine's language.
_NAMES = "january, february, march, april, may, june, july, august, september, october, november, december"
_MONTHS = {"sept": 9}
for _number, _name in enumerate(_NAMES.split(", "), start=1):
    _MONTHS[_name] = _MONTHS[_name[:3]] = _number
_NUMERIC = re.compile(r"(\d{1,2})\s*[/.\-]\s*(\d{1,2})\s*[/.\-]\s*(\d{4}|\d{2})(?:[ T]+00:00(?::00)?)?", re.ASCII)
_ISO = re.compile(r"(\d{4})[\-/.](\d{1,2})[\-/.](\d{1,2})(?:[ T]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?Z?)?", re.ASCII)
_DAY_FIRST = re.compile(
    r"(?:[a-z]+,? )?(\d{1,2})(?:st|nd|rd|th)?[ \-/.]*(?:of )?([a-z]+)[ \-/.,]*(\d{4}|\d{2})", re.ASCII
)
_MONTH_FIRST = re.compile(r"([a-z]+)[ \-/.]+(\d{1,2})(?:st|nd|rd|th)?[ ,\-/.]+(\d{4}|\d{2})", re.ASCII)
_EIGHT_DIGITS = re.compile(r"\d{8}", re.ASCII)


@dataclass(frozen=True, slots=True)
class DateReading:
    """A cell read as a date, or the problem that kept it from being read.

    `order` says what the cell gives away: "typed" a real date cell, "uk" only day-month makes sense, "us" only
    month-day does, "either" both do and differ, "" nothing.
    """

    value: datetime.date | None
    order: Order = ""
    problem: Problem | None = None


def read_date(cell: Any) -> DateReading:
    """Read one cell (text, a number, or a pair from the child) as a date; blank gives neither value nor problem."""
    if isinstance(cell, (list, tuple)):
        if cell[0] == "h":
            return _no_date(str(cell[1]))
        return _in_range(datetime.date.fromisoformat(cell[1][:10]), str(cell[1][:10]), "typed")
    if isinstance(cell, (int, float)):
        if float(cell).is_integer() and 10_000_000 <= cell <= 99_999_999:
            return _eight_digits(str(int(cell)))
        return DateReading(None, "", _number_problem(cell))
    text = clean_text(str(cell))
    if not text:
        return DateReading(None)
    return _read_text(text, text.casefold())


def ambiguous_problem() -> Problem:
    """The problem of a cell that could be read either way in a column that holds American dates."""
    return (
        "ambiguous_date",
        _("This date can be read two ways, and other dates in this column have the month before the day."),
        _("Write all dates in this column as day/month/year, or as year-month-day, for example 2003-01-31."),
    )


def _read_text(text: str, plain: str) -> DateReading:
    if match := _ISO.fullmatch(text):
        year, month, day = (int(part) for part in match.groups())
        return _made(year, month, day, text)
    if match := _NUMERIC.fullmatch(text):
        if len(match.group(3)) == 2:
            return DateReading(None, "", _short_year(text))
        return _day_month(int(match.group(1)), int(match.group(2)), int(match.group(3)), text)
    if match := _MONTH_FIRST.fullmatch(plain):
        return _with_month_name(match.group(2), match.group(1), match.group(3), text)
    if match := _DAY_FIRST.fullmatch(plain):
        return _with_month_name(match.group(1), match.group(2), match.group(3), text)
    if _EIGHT_DIGITS.fullmatch(text):
        return _eight_digits(text)
    return _no_date(text)


def _day_month(first: int, second: int, year: int, text: str) -> DateReading:
    if second > 12 and 1 <= first <= 12:
        if _made(year, first, second, text).value is None:
            return _no_date(text)
        problem = (
            "us_date_order",
            _("“%(value)s” has the month before the day.") % {"value": text},
            _("Write the day first (day/month/year), or use year-month-day, for example 2003-01-31."),
        )
        return DateReading(None, "us", problem)
    reading = _made(year, second, first, text)
    if reading.value is None:
        return reading
    order: Order = "uk" if first > 12 else ("either" if first != second else "")
    return DateReading(reading.value, order)


def _with_month_name(day: str, month: str, year: str, text: str) -> DateReading:
    if month not in _MONTHS:
        return _no_date(text)
    if len(year) == 2:
        return DateReading(None, "", _short_year(text))
    return _made(int(year), _MONTHS[month], int(day), text)


def _eight_digits(text: str) -> DateReading:
    """Read 20030131 or 31012003 where only one of the two is a date."""
    year_first = _made(int(text[:4]), int(text[4:6]), int(text[6:]), text)
    day_first = _made(int(text[4:]), int(text[2:4]), int(text[:2]), text)
    if (year_first.value is None) == (day_first.value is None):
        return _no_date(text)
    return year_first if day_first.value is None else day_first


def _made(year: int, month: int, day: int, text: str) -> DateReading:
    try:
        return _in_range(datetime.date(year, month, day), text, "")
    except ValueError:
        return _no_date(text)


def _in_range(value: datetime.date, text: str, order: Order) -> DateReading:
    if EARLIEST_YEAR <= value.year <= LATEST_YEAR:
        return DateReading(value, order)
    problem = (
        "date_out_of_range",
        _("“%(value)s” is too far away to be meant.") % {"value": text[:40]},
        _("Check the year and write it with four digits."),
    )
    return DateReading(None, "", problem)


def _no_date(text: str) -> DateReading:
    problem = (
        "not_a_date",
        _("“%(value)s” is not a date.") % {"value": text[:40]},
        _("Write day, month and year, for example 31/01/2003 or 31 January 2003."),
    )
    return DateReading(None, "", problem)


def _short_year(text: str) -> Problem:
    return (
        "short_year",
        _("“%(value)s” has a year of two digits, which may mean either century.") % {"value": text[:40]},
        _("Write the year with four digits, for example 31/01/2003."),
    )


def _number_problem(cell: float) -> Problem:
    fix = _("Format the column as a date, look whether it is the right one, and save again.")
    if float(cell).is_integer() and 1 < cell < 73_000:
        meant = datetime.date(1899, 12, 30) + datetime.timedelta(days=int(cell))
        message = _("This cell holds the number %(number)s, not a date (as a date it would be %(date)s).") % {
            "number": int(cell),
            "date": meant.strftime("%d/%m/%Y"),
        }
    else:
        message = _("This cell holds the number %(number)s, not a date.") % {"number": cell}
    return ("not_a_date", message, fix)
