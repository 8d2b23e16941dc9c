"""The grid: learners down, units across, each cell saved as it is left, or the whole page with one button.

A view makes a `Grid` and shows it with `{% grid grid %}`. Whatever is posted back is read by `read_cells`, and a post
from JavaScript is answered with `grid_response`. Cells are built as strings: 500 rows of ten are 5,000.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape as escape_text
from typing import Any, Literal, Protocol

from django.core.paginator import Page
from django.http import HttpRequest, JsonResponse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

_KEY = re.compile(r"[^\s:]+")
MOST_CELLS = 20_000


class GridInputError(ValueError):
    """A post that no grid of ours sends. The message says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Column:
    """A unit. `choices` makes a drop-down (an empty choice is added); `kind` "text" or "number" a box otherwise."""

    key: str
    label: str
    hint: str = ""
    choices: Sequence[Choice] | None = None
    kind: Literal["choice", "text", "number"] = "choice"

    def __post_init__(self) -> None:
        _check_key(self.key)


@dataclass(frozen=True, slots=True)
class Cell:
    """A learner's entry for a unit.

    `value` is what stands in the control; `was` the stored value where it differs (a refused entry shown again).
    `locked` cells are plain text, `note` says why. `version` changes with every stored change.
    """

    key: str
    value: str = ""
    locked: bool = False
    note: str = ""
    error: str = ""
    version: int | str = 0
    was: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A learner. `label` is how people call them; `url` leads to their page."""

    key: str
    label: str
    cells: Sequence[Cell]
    hint: str = ""
    url: str = ""

    def __post_init__(self) -> None:
        _check_key(self.key)


@dataclass(frozen=True, slots=True)
class Grid:
    """One page of a grid. `id` names it in the browser's store of what could not be sent: use the document's number."""

    id: str
    caption: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    save_url: str
    page_obj: Page | None = None
    row_heading: str = ""
    save_label: str = ""
    read_only: bool = False


@dataclass(frozen=True, slots=True)
class CellInput:
    """One posted entry. `was` (without JavaScript) or `version` (with) tell whether somebody else was faster."""

    row: str
    column: str
    value: str
    was: str | None = None
    version: str | None = None


class Basis(Protocol):
    """What an entry says it was made from: a version, or without JavaScript the value that stood there."""

    @property
    def was(self) -> str | None: ...

    @property
    def version(self) -> str | None: ...


def is_older(entry: Basis, *, version: int, stored: str) -> bool:
    """Whether an entry was made from something older than what is stored: its `version`, else the value that it `was`."""
    if entry.version is not None:
        return entry.version != str(version)
    return entry.was is not None and entry.was.strip() != stored


@dataclass(frozen=True, slots=True)
class CellResult:
    """What became of an entry: "saved", "refused" (`message` says why) or "conflict" (`theirs` is the stored value)."""

    row: str
    column: str
    value: str
    version: int | str
    status: Literal["saved", "refused", "conflict"] = "saved"
    message: str = ""
    theirs: str = ""


def read_cells(post: Mapping[str, str]) -> list[CellInput]:
    """The entries of a posted grid, in any of its three shapes; without JavaScript only those that were changed."""
    if "cells" in post:
        return _read_block(post["cells"])
    if "row" in post:
        return [_entry(post)]
    found = []
    for name, value in post.items():
        if not name.startswith("cell:"):
            continue
        row, separator, column = name[5:].partition(":")
        if not separator or not row or not column:
            raise GridInputError(_("The field “%(name)s” names no cell.") % {"name": name})
        was = post.get(f"was:{row}:{column}", "")
        if value.strip() != was.strip():
            found.append(CellInput(row=row, column=column, value=value.strip(), was=was))
    return found


def wants_json(request: HttpRequest) -> bool:
    """True for a post made by grid.js, False for the form's own."""
    return request.headers.get("X-Requested-With") == "portal-grid"


def grid_response(results: Iterable[CellResult]) -> JsonResponse:
    """The answer to grid.js; always 200, since each entry carries its own outcome."""
    return JsonResponse(
        {
            "cells": [
                {
                    "row": result.row,
                    "column": result.column,
                    "value": result.value,
                    "version": result.version,
                    "status": result.status,
                    "message": result.message,
                    "theirs": result.theirs,
                }
                for result in results
            ]
        }
    )


def _read_block(text: str) -> list[CellInput]:
    try:
        block = json.loads(text)
    except ValueError:
        raise GridInputError(_("The pasted cells could not be read: they are not JSON.")) from None
    if not isinstance(block, list) or not all(isinstance(entry, dict) for entry in block):
        raise GridInputError(_("The pasted cells could not be read: a list of cells was expected."))
    if len(block) > MOST_CELLS:
        raise GridInputError(
            _("%(count)s cells are too many at once; paste at most %(most)s.")
            % {"count": len(block), "most": MOST_CELLS}
        )
    return [_entry(entry) for entry in block]


def _entry(source: Mapping[str, Any]) -> CellInput:
    row, column, value = source.get("row"), source.get("column"), source.get("value")
    if not row or not column or value is None:
        raise GridInputError(_("A cell needs its row, its column and its value."))
    if isinstance(value, dict | list):
        raise GridInputError(_("The value of a cell is text."))
    version = source.get("version")
    return CellInput(
        row=str(row), column=str(column), value=str(value).strip(), version=None if version is None else str(version)
    )


def _check_key(key: str) -> None:
    if not _KEY.fullmatch(key):
        raise ValueError(f"{key!r} cannot be the key of a row or column: no spaces and no colons.")


# --- markup -----------------------------------------------------------------------------------


def escape(value: object) -> str:
    """As Django's, without its two wrappers: a grid escapes thousands of values, also lazily translated ones."""
    return escape_text(str(value))


@dataclass(slots=True)
class _ColumnMarkup:
    """What all cells of a column share, made once."""

    column: Column
    key: str
    heading_id: str
    options: dict[str, str] = field(default_factory=dict)
    locked: dict[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)

    def options_for(self, value: str) -> str:
        if value not in self.options:
            self.options[value] = self._make_options(value)
        return self.options[value]

    def _make_options(self, value: str) -> str:
        choices = list(self.column.choices or ())
        known = {choice.value for choice in choices}
        if "" not in known:
            choices.insert(0, Choice("", ""))
        if value not in known and value:
            # A value that is no longer offered is shown, never silently dropped.
            choices.append(Choice(value, value))
        return "".join(
            f'<option value="{escape(choice.value)}"{" selected" if choice.value == value else ""}>'
            f"{escape(choice.label)}</option>"
            for choice in choices
        )


def render_head(grid: Grid) -> SafeString:
    """The row of headings."""
    cells = [f'<th scope="col" class="portal-grid__corner">{escape(grid.row_heading or _("Learner"))}</th>']
    for column in grid.columns:
        hint = f'<span class="portal-grid__hint">{escape(column.hint)}</span>' if column.hint else ""
        cells.append(
            f'<th scope="col"><span id="gc-{escape(column.key)}" data-column="{escape(column.key)}">'
            f"{escape(column.label)}</span>{hint}</th>"
        )
    return mark_safe("<tr>" + "".join(cells) + "</tr>")  # noqa: S308 - every part is escaped above


def render_body(grid: Grid) -> SafeString:
    """The rows of learners."""
    columns = {
        column.key: _ColumnMarkup(column, escape(column.key), f"gc-{escape(column.key)}") for column in grid.columns
    }
    for markup in columns.values():
        markup.labels = {choice.value: escape(choice.label) for choice in markup.column.choices or ()}
    parts: list[str] = []
    for row in grid.rows:
        row_key = escape(row.key)
        label = (
            f'<a class="govuk-link" href="{escape(row.url)}">{escape(row.label)}</a>' if row.url else escape(row.label)
        )
        hint = f'<span class="portal-grid__hint">{escape(row.hint)}</span>' if row.hint else ""
        parts.append(f'<tr data-row="{row_key}"><th scope="row"><span id="gr-{row_key}">{label}</span>{hint}</th>')
        for cell in row.cells:
            markup = columns[cell.key]
            if cell.locked or grid.read_only:
                parts.append(_locked_cell(cell, markup))
            else:
                parts.append(_open_cell(row_key, cell, markup))
        parts.append("</tr>")
    return mark_safe("".join(parts))  # noqa: S308 - every part is escaped above


def _locked_cell(cell: Cell, markup: _ColumnMarkup) -> str:
    """Most locked cells of a column look alike: each that has no note is made once."""
    if cell.note:
        return _make_locked(cell, markup)
    made = markup.locked.get(cell.value)
    if made is None:
        made = markup.locked[cell.value] = _make_locked(cell, markup)
    return made


def _make_locked(cell: Cell, markup: _ColumnMarkup) -> str:
    shown = markup.labels.get(cell.value) or escape(cell.value) or "–"
    note = f'<span class="portal-grid__note">{escape(cell.note)}</span>' if cell.note else ""
    return f'<td class="portal-grid__locked"><span class="portal-grid__value">{shown}</span>{note}</td>'


def _open_cell(row_key: str, cell: Cell, markup: _ColumnMarkup) -> str:
    key = markup.key
    name = f"{row_key}:{key}"
    if not cell.error and not cell.note and cell.was is None and markup.column.choices is not None:
        # Nearly every cell of a grid: the same markup as below, in one piece.
        return (
            f'<td><select name="cell:{name}" aria-labelledby="gr-{row_key} {markup.heading_id}" data-column="{key}" '
            f'data-version="{escape(cell.version)}">{markup.options_for(cell.value)}</select>'
            f'<input type="hidden" name="was:{name}" value="{escape(cell.value)}"></td>'
        )
    was = escape(cell.value if cell.was is None else cell.was)
    described = " ".join(f"{mark}-{row_key}-{key}" for mark, text in (("ge", cell.error), ("gn", cell.note)) if text)
    shared = (
        f' name="cell:{name}" aria-labelledby="gr-{row_key} {markup.heading_id}"'
        f' data-column="{key}" data-version="{escape(cell.version)}"'
        + (f' aria-describedby="{described}"' if described else "")
        + (' aria-invalid="true"' if cell.error else "")
    )
    if markup.column.choices is not None:
        control = f"<select{shared}>{markup.options_for(cell.value)}</select>"
    else:
        mode = ' inputmode="decimal"' if markup.column.kind == "number" else ""
        control = f'<input type="text" autocomplete="off"{mode}{shared} value="{escape(cell.value)}">'
    note = f'<span class="portal-grid__note" id="gn-{row_key}-{key}">{escape(cell.note)}</span>' if cell.note else ""
    error = (
        f'<span class="portal-grid__error" id="ge-{row_key}-{key}">'
        f'<span class="govuk-visually-hidden">{escape(_("Error:"))}</span> {escape(cell.error)}</span>'
        if cell.error
        else ""
    )
    state = ' data-state="refused"' if cell.error else ""
    return f'<td{state}>{control}<input type="hidden" name="was:{name}" value="{was}">{note}{error}</td>'


def client_messages() -> dict[str, str]:
    """The words that grid.js says, in the reader's language."""
    return {
        "saving": _("Saving…"),
        "saved": _("Saved"),
        "allSaved": _("Everything typed here is saved."),
        "savedOne": _("Saved: {cell}."),
        "savedMany": _("{count} saved."),
        "failedMany": _("{count} not saved. {first}"),
        "waiting": _("Not yet saved: {count}."),
        "notSent": _("Not yet saved"),
        "offline": _("The portal cannot be reached. What you type is kept in this browser and sent when it is back."),
        "signedOut": _("You have been signed out. Nothing typed is lost: sign in again, then come back to this page."),
        "signIn": _("Sign in (opens a new tab)"),
        "otherPerson": _("Somebody else is signed in now. Sign in as yourself to send what you typed."),
        "sendNow": _("Send now"),
        "refused": _("Not saved: {why}"),
        "conflict": _("Changed by somebody else to “{theirs}”."),
        "empty": _("nothing"),
        "keepMine": _("Keep mine"),
        "takeTheirs": _("Take theirs"),
        "pasted": _("Cells filled: {count}."),
        "pasteEmptied": _("Cells emptied, since the block held nothing for them: {count}."),
        "pasteLocked": _("Locked cells, left as they are: {count}."),
        "pasteUnknown": _("Left out, since their cell has no such choice: {count} ({examples})."),
        "pasteBeyond": _("Left out, since they lay outside the table: {count}."),
        "kept": _("Made here earlier and never saved: {count}."),
        "sendKept": _("Send them now"),
        "dropKept": _("Throw them away"),
        "unreadable": _("The portal’s answer could not be understood. It will be tried again."),
    }
