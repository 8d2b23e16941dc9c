"""A protected workbook that came back: what it would change, cell by cell, and whose value stands where both sides changed.

Three sides of each cell: what the workbook held when it was given out, what the portal holds now, what came back. Pure:
the caller reads and writes. A change is plain data, kept as it is with the upload until it is applied:

    {"row_key", "column", "before", "after", "cell", "version", "theirs", "theirs_by", "theirs_at", "choice"}

and whatever the caller adds for people to read. `before` is what was given out, `after` what came back, `cell` where it
stands. `theirs` is None unless the portal's value was changed too; then it is the portal's, and `choice` says whose stands:
"workbook" or "portal", "" while nobody has said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from awarding.spreadsheets.grid_reader import GridCell

WORKBOOK, PORTAL = "workbook", "portal"
Change = dict[str, Any]
Place = tuple[str, str]  # (row key, column key)


class UploadError(ValueError):
    """The upload cannot be applied as it is; the text says why and what to do."""


class Merged(StrEnum):
    """What becomes of a cell of a workbook that came back."""

    # Nobody asks for anything but what the portal holds.
    KEPT = "kept"
    # Only the workbook changed it.
    TAKEN = "taken"
    # Both changed it, and differently: a person decides.
    CONFLICT = "conflict"


def merge_cell(*, base: str, held: str, returned: str) -> Merged:
    """What becomes of a cell that held `base` at issue, holds `held` now and came back as `returned`.

    A cell that came back as it was issued was not touched in the workbook, whatever the portal holds by now.
    """
    if returned in (base, held):
        return Merged.KEPT
    return Merged.TAKEN if held == base else Merged.CONFLICT


@dataclass(frozen=True, slots=True)
class Held:
    """What the portal holds in a cell: its value, the version that it has had, and the id of whoever put it there."""

    value: str = ""
    version: int = 0
    by: int | None = None
    at: datetime | None = None


# The names of people by id, asked for those who changed something meanwhile.
Names = Callable[[Iterable[int]], Mapping[int, object]]
_NOTHING = Held()


def compare(
    values: Mapping[Place, str], *, base: Mapping[str, Mapping[str, str]], held: Mapping[Place, Held],
    cells: Mapping[Place, GridCell], mine: Mapping[Place, str], names: Names,
) -> list[Change]:  # fmt: skip
    """The cells that a workbook would change, in the order of `values`.

    `base` is what was given out, {row key: {column: value}}. `mine` is what the same person's earlier uploads of this
    edition put into the portal: who goes on with the same file contradicts nobody, least of all themselves.
    """
    changes: list[Change] = []
    for (row_key, column), value in values.items():
        place = row_key, column
        now = held.get(place, _NOTHING).value
        before = base.get(row_key, {}).get(column, "")
        if merge_cell(base=before, held=now, returned=value) == Merged.KEPT:
            continue
        if now and mine.get(place) == now:
            before = now
        changes.append(
            {"row_key": row_key, "column": column, "before": before, "after": value, "cell": cells[place].cell}
        )
    set_beside(changes, held, names)
    return changes


def set_beside(changes: Iterable[Change], held: Mapping[Place, Held], names: Names) -> int:
    """Notes beside each change what the portal holds now, who put it there and when; answers how many had moved.

    A choice that was made of a cell that moved since is forgotten: it was made of something else.
    """
    moved: list[tuple[Change, Held]] = []
    for change in changes:
        now = held.get((change["row_key"], change["column"]), _NOTHING)
        if change.get("version") == now.version:
            continue
        merged = merge_cell(base=change["before"], held=now.value, returned=change["after"])
        theirs = now.value if merged != Merged.TAKEN else None
        change |= {"version": now.version, "choice": "", "theirs": theirs}
        moved.append((change, now))
    people = names({now.by for _change, now in moved if now.by is not None})
    for change, now in moved:
        person = people.get(now.by) if now.by is not None else None
        change["theirs_by"] = str(person) if person else ""
        change["theirs_at"] = now.at.isoformat() if now.at else ""
    return len(moved)


def change_name(change: Change) -> str:
    """How a choice names its cell: row key and column."""
    return f"{change['row_key']}:{change['column']}"


def conflicts(changes: Iterable[Change]) -> list[Change]:
    """The changes that need somebody to choose."""
    return [change for change in changes if change["theirs"] is not None]


def open_conflicts(changes: Iterable[Change]) -> list[Change]:
    """The conflicts that nobody has decided."""
    return [change for change in conflicts(changes) if not change.get("choice")]


def note(changes: Iterable[Change], choices: Mapping[str, str]) -> int:
    """Notes choices, "workbook" or "portal" by `change_name`, and answers how many are new; other words are passed over."""
    noted = 0
    for change in conflicts(changes):
        choice = choices.get(change_name(change), "")
        if choice in (WORKBOOK, PORTAL) and choice != change.get("choice"):
            change["choice"] = choice
            noted += 1
    return noted


def settle(changes: Iterable[Change], choices: Mapping[str, str], rest: str = "") -> None:
    """Decides every conflict: by `choices`, as noted before, or `rest` for all the others.

    Raises UploadError naming the first that stays open; the others are noted all the same.
    """
    undecided = []
    for change in conflicts(changes):
        choice = choices.get(change_name(change)) or change.get("choice") or rest
        change["choice"] = choice if choice in (WORKBOOK, PORTAL) else ""
        if not change["choice"]:
            undecided.append(change)
    if not undecided:
        return
    first = _("Choose for %(learner)s, %(title)s: the workbook’s value or the portal’s.") % undecided[0]
    more = len(undecided) - 1
    others = ngettext("%(count)s other cell is open too.", "%(count)s other cells are open too.", more)
    raise UploadError(f"{first} {others % {'count': more}}" if more else first)


def not_yet_so(changes: Iterable[Change]) -> list[Change]:
    """The changes without those that somebody else has made meanwhile, to the very same value."""
    return [change for change in changes if change["theirs"] != change["after"]]


def to_store(changes: Iterable[Change]) -> list[Change]:
    """Of settled changes, those whose value comes from the workbook."""
    return [change for change in changes if change["theirs"] is None or change["choice"] == WORKBOOK]


def put_in(uploads: Iterable[list[Change]]) -> dict[Place, str]:
    """What applied uploads put into the portal, the last of each cell; given in the order in which they were applied."""
    return {
        (change["row_key"], change["column"]): change["after"]
        for changes in uploads
        for change in changes
        if change.get("choice") != PORTAL
    }


def moved_meanwhile(count: int) -> UploadError:
    """What somebody reads who applies a comparison that is no longer true."""
    return UploadError(
        _("Somebody changed %(count)s of these cells in the portal meanwhile. Look at them below and choose again.")
        % {"count": count}
    )
