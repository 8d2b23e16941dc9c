"""Writing what is claimed, cell by cell, so that nothing anybody typed is overwritten unseen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from awarding.audit.services import record
from awarding.catalogue.models import Grade
from awarding.ui.grid import CellInput, CellResult, is_older
from mitigations.models import Claim, ClaimCell
from mitigations.queries.claims import visible_claims
from mitigations.queries.grid import claim_cells, claim_learners, claim_units, closed_places, unit_grades
from mitigations.workflow import CLAIM, EDITABLE_STATES


class ClaimLockedError(Exception):
    """The claim is not with its centre: nothing in it can be changed. The text says where it is."""


def lock_for_filling(actor: Standing, claim_id: int) -> Claim:
    """The claim, locked against moves and other writers to the end of the transaction, if this person may fill it.

    Every writer takes this lock first, so that nobody waits for anybody in a circle. Raises Claim.DoesNotExist for a
    claim out of sight, PermissionMissingError, or ClaimLockedError while it is not with its centre.
    """
    ids = visible_claims(actor).filter(pk=claim_id).values_list("pk", flat=True)
    if not ids.exists():
        raise Claim.DoesNotExist
    claims = Claim.objects.select_related("centre", "qualification", "adoption__framework")
    claim: Claim = claims.select_for_update(of=("self",), no_key=True).get(pk=claim_id)
    actor.require(Permission.CLAIMS_FILL, claim.centre_id)
    if claim.state not in EDITABLE_STATES:
        raise ClaimLockedError(
            _("eRAC %(number)s is now “%(state)s” and cannot be changed: nothing of yours was saved.")
            % {"number": claim.number, "state": CLAIM.state(claim.state).label}
        )
    return claim


@transaction.atomic
def save_cells(*, actor: Standing, claim_id: int, cells: Sequence[CellInput]) -> list[CellResult]:
    """Stores entries of the grid and answers what became of each, in the order given.

    An entry made from an older version (`version`, or without JavaScript `was`) than the stored one is a conflict and
    changes nothing, unless it asks for what is stored already: sending the same twice is harmless. A grade that is
    not on the scale of the units is refused (QTG-09). Raises what `lock_for_filling` raises.
    """
    claim = lock_for_filling(actor, claim_id)
    return _Writer(actor, claim).write(cells)


class _Writer:
    """One batch of entries against the locked claim."""

    def __init__(self, actor: Standing, claim: Claim) -> None:
        self.actor = actor
        self.claim = claim
        self.grades = unit_grades(claim.qualification)
        self.rows = {learner.row_key: learner for learner in claim_learners(claim)}
        self.columns = {str(unit.pk): unit for unit in claim_units(claim)}
        self.closed = closed_places(claim)
        self.stored: dict[tuple[int, int], ClaimCell] = {}
        self.touched: dict[tuple[int, int], ClaimCell] = {}
        self.changes: list[dict[str, Any]] = []

    def write(self, entries: Sequence[CellInput]) -> list[CellResult]:
        concerned = {entry.row for entry in entries}
        self.stored = claim_cells(self.claim, [row for key, row in self.rows.items() if key in concerned])
        results = [self._one(entry) for entry in entries]
        self._store()
        return results

    def _one(self, entry: CellInput) -> CellResult:
        learner, unit = self.rows.get(entry.row), self.columns.get(entry.column)
        if learner is None or unit is None:
            message = _("This learner and unit are not on this eRAC. Load the page again to see who is.")
            return CellResult(entry.row, entry.column, entry.value, 0, "refused", message)
        place = (learner.pk, unit.pk)
        if place in self.closed:
            message = _(
                "This was accepted before, or comes by credit transfer or prior learning; nothing is to be filled in here."
            )
            return CellResult(entry.row, entry.column, entry.value, 0, "refused", message)
        cell = self.stored.get(place) or ClaimCell(claim=self.claim, learner=learner, unit=unit, version=0)
        value = grade_code(entry.value, self.grades)
        if value is None:
            return CellResult(
                entry.row, entry.column, entry.value, cell.version, "refused", off_scale(entry.value, self.grades)
            )
        if value == cell.value:
            return CellResult(entry.row, entry.column, value, cell.version)
        if is_older(entry, version=cell.version, stored=cell.value):
            return CellResult(entry.row, entry.column, value, cell.version, "conflict", _theirs(cell), cell.value)
        self.changes.append({"row": entry.row, "unit": unit.unit.reference, "before": cell.value, "after": value})
        cell.value, cell.version = value, cell.version + 1
        cell.updated_by, cell.updated_at = self.actor.person, timezone.now()
        self.stored[place] = self.touched[place] = cell
        return CellResult(entry.row, entry.column, value, cell.version)

    def _store(self) -> None:
        if not self.touched:
            return
        ClaimCell.objects.bulk_create(
            [self.touched[place] for place in sorted(self.touched) if self.touched[place].pk is None]
        )
        ClaimCell.objects.bulk_update(
            [cell for _place, cell in sorted(self.touched.items()) if cell.version > 1],
            ["value", "version", "updated_by", "updated_at"],
            batch_size=500,
        )
        record("claim.cells_saved", actor=self.actor, target=self.claim, data={"cells": self.changes})


def grade_code(text: str, grades: Iterable[Grade]) -> str | None:
    """The code of the grade that somebody wrote, by code or words and in any case; "" for nothing; None off the scale."""
    wanted = text.strip()
    if not wanted:
        return ""
    exact = {grade.code: grade.code for grade in grades}
    if wanted in exact:
        return wanted
    for grade in grades:
        if wanted.casefold() in {grade.code.casefold(), grade.label.casefold()}:
            return grade.code
    return None


def off_scale(value: str, grades: Iterable[Grade]) -> str:
    """The words of a refusal (QTG-09)."""
    return _("“%(value)s” is not a grade of these units. Use one of: %(grades)s.") % {
        "value": value[:40],
        "grades": ", ".join(grade.code for grade in grades),
    }


def _theirs(cell: ClaimCell) -> str:
    who = str(cell.updated_by) if cell.updated_by else _("somebody else")
    return _("%(who)s changed this cell to “%(value)s” meanwhile. Type yours again if it should replace theirs.") % {
        "who": who,
        "value": cell.value or _("nothing"),
    }
