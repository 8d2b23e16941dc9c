"""What an explanation is made of: sections with paragraphs, and small tables."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Table:
    """A small table; the first cell of each row names it."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Section:
    """One heading with its paragraphs, and a table where there is one."""

    heading: str
    paragraphs: tuple[str, ...] = ()
    table: Table | None = None
