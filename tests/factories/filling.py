"""Filling claims in and sending them on, for tests; through the services that the pages use."""

from __future__ import annotations

from awarding.accounts.standing import Standing
from awarding.ui.grid import CellInput, CellResult
from mitigations.models import Claim
from mitigations.queries.grid import claim_learners, claim_units
from mitigations.services.checklist import LineInput, save_lines
from mitigations.services.grid import save_cells
from mitigations.services.submission import submit_claim


def places_of(claim: Claim) -> list[tuple[str, str]]:
    """(row key, column key) of every cell, row by row."""
    units = claim_units(claim)
    return [(learner.row_key, str(unit.pk)) for learner in claim_learners(claim) for unit in units]


def fill_cells(claim: Claim, actor: Standing, value: str = "Pass", *, only: int | None = None) -> list[CellResult]:
    """Puts `value` into every cell, or into the first `only` of them, whatever stands there."""
    cells = [CellInput(row, column, value) for row, column in places_of(claim)[:only]]
    return save_cells(actor=actor, claim_id=claim.pk, cells=cells)


def fill_checklist(claim: Claim, actor: Standing, status: str = "complete", *, only: int | None = None) -> None:
    """Gives every line of the checklist, or the first `only` of them, one state."""
    lines = [LineInput(row, column, status=status) for row, column in places_of(claim)[:only]]
    save_lines(actor=actor, claim_id=claim.pk, lines=lines)


def fill_and_submit(claim: Claim, actor: Standing, *, status: str = "complete", answer: str = "") -> Claim:
    """A claim with every cell and line filled in, submitted."""
    fill_cells(claim, actor)
    fill_checklist(claim, actor, status)
    return submit_claim(actor=actor, claim=claim, expected_version=claim.version, answer=answer)
