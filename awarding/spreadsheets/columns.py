"""What a table's columns are: one definition for the template given out, the reader, and the words of a fault."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from django.utils.functional import Promise

Text = str | Promise
Kind = Literal["text", "date", "integer", "choice"]


class CellError(ValueError):
    """Raised by a column's `parse` for a value it cannot take; `code` is stable, the texts are translated."""

    def __init__(self, code: str, message: str, fix: str) -> None:
        super().__init__(f"{message} {fix}")
        self.code = code
        self.message = message
        self.fix = fix


@dataclass(frozen=True, slots=True)
class Column:
    """One column of an upload.

    key         the name by which rows give the value
    title       the header in the template (may be lazily translated)
    kind        text → str, date → datetime.date, integer → int, choice → the value of the choice
    required    whether the column must be there
    blank       whether a cell of it may be empty (the value is then None)
    synonyms    other headers under which it is recognised, whatever their case, spaces and punctuation
    choices     (value, label) pairs; a cell may hold either
    choice_synonyms   (other spelling, value) pairs
    parse       for text: takes the cell (text, or the number as it came) and returns the value; raises
                `CellError` or `awarding.identifiers.IdentifierError`
    plain       for text with `parse`, optional: takes many cells at once and says whether all of them are text that is
                its own value, exactly as `parse` would give it back; a quick way past `parse` for ordinary cells
    numeric     whether `parse` wants numbers as they came rather than as text
    max_length  longest text allowed
    smallest, largest   bounds of an integer
    help, example, width   for the template; the width is in characters
    """

    key: str
    title: Text
    kind: Kind = "text"
    required: bool = True
    blank: bool = False
    synonyms: tuple[str, ...] = ()
    choices: tuple[tuple[str, Text], ...] = ()
    choice_synonyms: tuple[tuple[str, str], ...] = ()
    parse: Callable[[Any], Any] | None = None
    plain: Callable[[Sequence[Any]], bool] | None = None
    numeric: bool = False
    max_length: int = 255
    smallest: int | None = None
    largest: int | None = None
    help: Text = ""
    example: str = ""
    width: int = 18
