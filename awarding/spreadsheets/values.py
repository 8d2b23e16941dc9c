"""Turning a column's raw cells into values of its kind, each kind in one place, every distinct cell once."""

import difflib
import unicodedata
from collections.abc import Callable, Sequence
from typing import Any

from django.utils.translation import gettext as _

from awarding.identifiers import IdentifierError
from awarding.spreadsheets.columns import CellError, Column
from awarding.spreadsheets.dates import DateReading, Problem, ambiguous_problem, read_date
from awarding.spreadsheets.faults import Severity, shown_value
from awarding.spreadsheets.names import clean_text, has_control_characters, plain_name

# Reports (index of the cell, its problem, severity).
Report = Callable[[int, Problem, Severity], None]
_Outcome = tuple[Any, Problem | None]
_FEWEST_TYPED_DATES = 5
# Cells looked at in one go: one unusual name then costs this many a closer look, not the whole column.
_TOGETHER = 500


def convert_column(column: Column, cells: Sequence[Any], report: Report) -> list[Any]:
    """Return the values of a column's cells, in order; None where a cell is blank or was reported.

    Cells are as the child sends them: text, numbers, booleans, or pairs for dates and times.
    """
    if column.kind == "date":
        return _convert_dates(column, cells, report)
    convert = _CONVERTERS[column.kind](column)
    known: dict[Any, _Outcome] = {}
    values: list[Any] = []
    for start in range(0, len(cells), _TOGETHER):
        some = cells[start : start + _TOGETHER]
        if column.kind == "text" and column.parse is None and (texts := _plain_texts(column, some)) is not None:
            values += texts
            continue
        if column.plain is not None and column.plain(some):
            values += some
            continue
        for index, cell in enumerate(some, start):
            key = _key(cell)
            outcome = known.get(key)
            if outcome is None:
                outcome = known[key] = _outcome(column, convert, cell)
            values.append(outcome[0])
            if outcome[1] is not None:
                report(index, outcome[1], "error")
    return values


def _key(cell: Any) -> Any:
    """What equal cells have in common: 1, 1.0 and True are told apart."""
    return cell if type(cell) is str else (type(cell), tuple(cell) if type(cell) is list else cell)


def _plain_texts(column: Column, cells: Sequence[Any]) -> list[Any] | None:
    """Return the cells trimmed if every one is text that needs no more than that; None where one needs a look."""
    try:
        joined = "".join(cells)
    except TypeError:
        return None
    if not joined.isprintable() or "  " in joined or not unicodedata.is_normalized("NFC", joined):
        return None
    texts = list(map(str.strip, cells))
    if max(map(len, texts)) > column.max_length:
        return None
    if "" in texts:
        return [text or None for text in texts] if column.blank else None
    return texts


def _outcome(column: Column, convert: Callable[[Any], Any], cell: Any) -> _Outcome:
    try:
        value = convert(cell)
    except (CellError, IdentifierError) as error:
        return None, (error.code, error.message, error.fix)
    if value is None and not column.blank:
        return None, _blank_problem(column)
    return value, None


def _blank_problem(column: Column) -> Problem:
    return (
        "blank",
        _("“%(column)s” is empty.") % {"column": column.title},
        _("Fill the cell in, or delete the whole row if it is not wanted."),
    )


def _convert_dates(column: Column, cells: Sequence[Any], report: Report) -> list[Any]:
    known: dict[Any, DateReading] = {}
    by_object: dict[int, DateReading] = {}
    # Most equal dates are one object (`process.read_rows`): those are looked at once, and never hashed.
    for which, cell in {id(cell): cell for cell in cells}.items():
        key = _key(cell)
        if key not in known:
            known[key] = read_date(cell)
        by_object[which] = known[key]
    readings = [by_object[which] for which in map(id, cells)]
    orders = {reading.order for reading in known.values()}
    american = "us" in orders
    swapped = "uk" in orders and _typed_dates_look_swapped([r.value for r in known.values() if r.order == "typed"])
    if not american and not swapped and all(r.problem is None and r.value is not None for r in known.values()):
        return [reading.value for reading in readings]
    values: list[Any] = []
    for index, reading in enumerate(readings):
        value, problem = reading.value, reading.problem
        if american and reading.order == "either":
            value, problem = None, ambiguous_problem()
        elif value is None and problem is None and not column.blank:
            problem = _blank_problem(column)
        values.append(value)
        if problem is not None:
            report(index, problem, "error")
        elif swapped and reading.order == "typed" and value is not None and value.day != value.month:
            report(index, _swapped_problem(value), "warning")
    return values


def _typed_dates_look_swapped(typed: list[Any]) -> bool:
    """Say whether a program that expects American dates probably turned some of the column's texts into dates.

    It would turn just those whose day can be a month, and leave the others as text.
    """
    return len(typed) >= _FEWEST_TYPED_DATES and all(value.day <= 12 for value in typed)


def _swapped_problem(value: Any) -> Problem:
    return (
        "day_month_swapped",
        _("Day and month may have been swapped: this is read as %(date)s.") % {"date": value.strftime("%d %B %Y")},
        _("Some dates in this column are text and the others all fall on the 1st to 12th. Compare with the source."),
    )


def _text_converter(column: Column) -> Callable[[Any], Any]:
    parse, longest = column.parse, column.max_length

    def convert(cell: Any) -> Any:
        if type(cell) is not str:
            if parse is not None and column.numeric and isinstance(cell, (int, float)) and not isinstance(cell, bool):
                return parse(cell)
            cell = _text_of(cell)
        text = clean_text(cell)
        if not text:
            return None
        if has_control_characters(text):
            raise CellError(
                "control_character",
                _("The cell holds characters that cannot be seen or printed."),
                _("Delete the cell's content and type it again instead of pasting."),
            )
        if len(text) > longest:
            raise CellError(
                "too_long",
                _("The text has %(count)s characters and %(limit)s are allowed.")
                % {"count": len(text), "limit": longest},
                _("Shorten it."),
            )
        return text if parse is None else parse(text)

    return convert


def _text_of(cell: Any) -> str:
    if isinstance(cell, list):
        raise CellError(
            "date_not_text",
            _("The spreadsheet has turned this cell into a date or time (%(value)s).") % {"value": shown_value(cell)},
            _("Format the column as text, then type the value again."),
        )
    if isinstance(cell, float) and not (cell.is_integer() and abs(cell) < 1e15):
        return repr(cell)
    return shown_value(cell)


def _integer_converter(column: Column) -> Callable[[Any], Any]:
    low, high = column.smallest, column.largest

    def convert(cell: Any) -> Any:
        if low is None and high is None and type(cell) is float and cell.is_integer():
            return int(cell)
        text = clean_text(cell if type(cell) is str else shown_value(cell))
        if not text:
            return None
        digits = text.replace(",", "").removesuffix(".0")
        try:
            if not (digits.isascii() and digits.lstrip("+-").isdigit()) or len(digits) > 18 or isinstance(cell, list):
                raise ValueError
            value = int(digits)
        except ValueError:
            raise CellError(
                "not_an_integer",
                _("“%(value)s” is not a whole number.") % {"value": text[:40]},
                _("Enter digits only."),
            ) from None
        if (low is not None and value < low) or (high is not None and value > high):
            raise CellError(
                "out_of_range",
                _("%(value)s is outside what is allowed.") % {"value": value},
                _("Enter a number from %(low)s to %(high)s.")
                % {"low": "…" if low is None else low, "high": "…" if high is None else high},
            )
        return value

    return convert


def _choice_converter(column: Column) -> Callable[[Any], Any]:
    exact = {value: value for value, _label in column.choices} | {str(label): value for value, label in column.choices}
    plain: dict[str, str] = {}
    for spelling, value in [*((str(label), value) for value, label in column.choices), *column.choice_synonyms]:
        plain.setdefault(_choice_key(spelling), value)
    for value, _label in column.choices:
        plain[_choice_key(value)] = value

    def convert(cell: Any) -> Any:
        text = clean_text(cell if type(cell) is str else shown_value(cell))
        if not text:
            return None
        if text in exact:
            return exact[text]
        if (key := _choice_key(text)) in plain:
            return plain[key]
        raise CellError(
            "not_a_choice",
            _("“%(value)s” is not one of the values allowed.") % {"value": text[:40]},
            _choice_fix(text, column),
        )

    return convert


def _choice_key(text: str) -> str:
    """Compare without case, spaces or accents, but keep the marks that tell grades apart (D and D*, A and A+)."""
    marks = "".join(character for character in text if character in "*+-#")
    return f"{plain_name(text)}|{marks}"


def _choice_fix(text: str, column: Column) -> str:
    labels = [str(label) for _value, label in column.choices]
    if near := difflib.get_close_matches(text, labels, n=1):
        return _("Did you mean “%(choice)s”?") % {"choice": near[0]}
    shown = ", ".join(labels[:8]) + (", …" if len(labels) > 8 else "")
    return _("Use one of: %(choices)s.") % {"choices": shown}


_CONVERTERS: dict[str, Callable[[Column], Callable[[Any], Any]]] = {
    "text": _text_converter,
    "integer": _integer_converter,
    "choice": _choice_converter,
}
