"""A fault in a file says where it is, what is wrong and how to mend it; faulty rows go back as a workbook."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, Self

from django.utils.translation import gettext as _

Severity = Literal["error", "warning"]
_LONGEST_VALUE = 120


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in a file.

    `sheet` and `cell` (like C17; empty where the fault is the file's) say where, `value` what stands there (cut at
    120 characters), `code` is stable, `message` and `fix` are for people, `row` counts from 1 (None: the whole file).
    A warning does not keep its row from being loaded.
    """

    sheet: str
    cell: str
    code: str
    value: str
    message: str
    fix: str
    severity: Severity = "error"
    row: int | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        return {key: str(value) if key != "row" else value for key, value in asdict(self).items()}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """Return the fault that `as_dict` gave."""
        return cls(**data)


def reasons_title() -> str:
    """The header of the column of reasons in a workbook of faulty rows; a reader passes over it."""
    return _("What is wrong in this row")


def whole_value(value: object) -> str:
    """Return a cell's raw value as text, however long."""
    if isinstance(value, list):
        return str(value[1])
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return "" if value is None else str(value)


def shown_value(value: object) -> str:
    """Return how a cell's raw value is quoted in a fault: not all of a long one."""
    text = whole_value(value)
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 1] + "…"


@dataclass(slots=True)
class FaultList:
    """Faults in the order found; beyond `limit` they are only counted, but the rows in error are always known."""

    limit: int = 20_000
    kept: list[Fault] = field(default_factory=list)
    dropped: int = 0
    rows_in_error: set[int] = field(default_factory=set)
    errors: int = 0

    def add(self, fault: Fault) -> None:
        """Take one fault in."""
        if fault.severity == "error":
            self.errors += 1
            if fault.row is not None:
                self.rows_in_error.add(fault.row)
        if len(self.kept) < self.limit or fault.row is None:
            self.kept.append(fault)
        else:
            self.dropped += 1

    def extend(self, faults: Iterable[Fault]) -> None:
        """Take several faults in."""
        for fault in faults:
            self.add(fault)

    @property
    def file_errors(self) -> list[Fault]:
        """The errors that concern the file and not one row: nothing can be loaded while there are any."""
        return [fault for fault in self.kept if fault.severity == "error" and fault.row is None]

    def __iter__(self) -> Iterator[Fault]:
        return iter(self.kept)

    def __len__(self) -> int:
        return len(self.kept) + self.dropped
