"""Three sides of one cell: what a workbook held when it was issued, what the portal holds now, what came back."""

from __future__ import annotations

from enum import StrEnum


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
