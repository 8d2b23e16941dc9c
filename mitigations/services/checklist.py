"""Writing the evidence checklist, line by line (CLM-03, CLM-05)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from awarding.accounts.standing import Standing
from awarding.audit.services import record
from awarding.frameworks.queries import adopted_document
from awarding.ui.grid import CellInput, CellResult, is_older
from mitigations.models import Claim, EvidenceEntry
from mitigations.queries.checklist import checklist_entries
from mitigations.queries.grid import claim_learners, claim_units, closed_places
from mitigations.services.grid import lock_for_filling

# What a line says; a part of `LineInput` that is None leaves the stored one as it is.
PARTS = ("status", "evidence_types", "is_reachable", "reach_reason", "kept_at", "note")


@dataclass(frozen=True, slots=True)
class LineInput:
    """What is said about the evidence of one learner (row key) in one unit (column id as text).

    None leaves a part as it is. `version` is that of the line which the page showed, None to overwrite.
    """

    row: str
    column: str
    status: str | None = None
    evidence_types: tuple[str, ...] | None = None
    is_reachable: bool | None = None
    reach_reason: str | None = None
    kept_at: str | None = None
    note: str | None = None
    version: str | None = None
    was: str | None = None


@transaction.atomic
def save_states(*, actor: Standing, claim_id: int, cells: Sequence[CellInput]) -> list[CellResult]:
    """Stores the states typed into the checklist's grid, with the conflicts and refusals of `save_lines`."""
    lines = [LineInput(c.row, c.column, status=c.value, version=c.version, was=c.was) for c in cells]
    return save_lines(actor=actor, claim_id=claim_id, lines=lines)


@transaction.atomic
def save_lines(*, actor: Standing, claim_id: int, lines: Sequence[LineInput]) -> list[CellResult]:
    """Stores lines of the checklist and answers what became of each; `value` of a result is the state.

    A line made from an older version than the stored one is a conflict, unless it says the same. States and evidence
    types are those of the claim's framework; others are refused. Raises what `lock_for_filling` raises.
    """
    claim = lock_for_filling(actor, claim_id)
    return LineWriter(actor, claim).write(lines)


@transaction.atomic
def complete_rest(*, actor: Standing, claim_id: int, row_keys: Sequence[str]) -> int:
    """Marks as complete every line of these learners that says nothing yet; answers how many. Overwrites nothing."""
    claim = lock_for_filling(actor, claim_id)
    writer = LineWriter(actor, claim)
    if not writer.states:
        return 0
    stored = checklist_entries(claim)
    best = max(writer.states.values(), key=lambda state: state.counts).code
    lines = [
        LineInput(key, column, status=best)
        for key in row_keys
        if key in writer.rows
        for column, unit in writer.columns.items()
        if (writer.rows[key].pk, unit.pk) not in writer.closed
        and not getattr(stored.get((writer.rows[key].pk, unit.pk)), "status", "")
    ]
    return sum(result.status == "saved" for result in writer.write(lines))


class LineWriter:
    """One batch of lines against the locked claim. `touched` holds the lines that were changed, by (row id, column id)."""

    def __init__(self, actor: Standing, claim: Claim) -> None:
        self.actor = actor
        self.claim = claim
        document = adopted_document(claim.adoption)
        self.states = document.component_states
        self.types = document.evidence_types
        self.rows = {learner.row_key: learner for learner in claim_learners(claim)}
        self.columns = {str(unit.pk): unit for unit in claim_units(claim)}
        self.closed = closed_places(claim)
        self.stored: dict[tuple[int, int], EvidenceEntry] = {}
        self.touched: dict[tuple[int, int], EvidenceEntry] = {}
        self.changes: list[dict[str, Any]] = []

    def write(self, lines: Sequence[LineInput]) -> list[CellResult]:
        concerned = {line.row for line in lines}
        self.stored = checklist_entries(self.claim, [row for key, row in self.rows.items() if key in concerned])
        results = [self._one(line) for line in lines]
        self._store()
        return results

    def _one(self, line: LineInput) -> CellResult:
        learner, unit = self.rows.get(line.row), self.columns.get(line.column)
        if learner is None or unit is None:
            message = _("This learner and unit are not on this eRAC. Load the page again to see who is.")
            return CellResult(line.row, line.column, line.status or "", 0, "refused", message)
        place = (learner.pk, unit.pk)
        if place in self.closed:
            message = _("This was accepted on the claim that this one goes on from; nothing is to be filled in here.")
            return CellResult(line.row, line.column, line.status or "", 0, "refused", message)
        entry = self.stored.get(place) or EvidenceEntry(claim=self.claim, learner=learner, unit=unit, version=0)
        if message := self._fault(line):
            return CellResult(line.row, line.column, line.status or "", entry.version, "refused", message)
        wanted = _said(line)
        before = {name: getattr(entry, name) for name in wanted}
        if wanted == before:
            return CellResult(line.row, line.column, entry.status, entry.version)
        if is_older(line, version=entry.version, stored=entry.status):
            return CellResult(
                line.row, line.column, line.status or "", entry.version, "conflict", _theirs(entry), entry.status
            )
        for name, value in wanted.items():
            setattr(entry, name, value)
        entry.version += 1
        entry.updated_by, entry.updated_at = self.actor.person, timezone.now()
        self.stored[place] = self.touched[place] = entry
        self.changes.append({"row": line.row, "unit": unit.unit.reference, "before": before, "after": wanted})
        return CellResult(line.row, line.column, entry.status, entry.version)

    def _fault(self, line: LineInput) -> str:
        if line.status and line.status not in self.states:
            return _("“%(value)s” is no state of evidence. Use one of: %(states)s.") % {
                "value": line.status[:40],
                "states": ", ".join(str(state.label) for state in self.states.values()),
            }
        unknown = [code for code in line.evidence_types or () if code not in self.types]
        if unknown:
            return _("“%(value)s” is no type of evidence of this framework. Tick those that are listed.") % {
                "value": unknown[0][:40]
            }
        for text, most in ((line.note, 500), (line.reach_reason, 300), (line.kept_at, 200)):
            if text is not None and len(text) > most:
                words = {"count": len(text), "most": most, "begins": text[:30]}
                return _("“%(begins)s…” has %(count)s characters; %(most)s fit. Shorten it.") % words
        return ""

    def _store(self) -> None:
        if not self.touched:
            return
        ordered = [self.touched[place] for place in sorted(self.touched)]
        EvidenceEntry.objects.bulk_create([entry for entry in ordered if entry.pk is None])
        EvidenceEntry.objects.bulk_update(
            [entry for entry in ordered if entry.version > 1],
            [*PARTS, "version", "updated_by", "updated_at"],
            batch_size=500,
        )
        record("claim.checklist_saved", actor=self.actor, target=self.claim, data={"lines": self.changes})


def _said(line: LineInput) -> dict[str, Any]:
    said: dict[str, Any] = {name: getattr(line, name) for name in PARTS if getattr(line, name) is not None}
    if "evidence_types" in said:
        said["evidence_types"] = list(said["evidence_types"])
    if said.get("is_reachable"):
        # What can be reached needs no reason; one that was given before would contradict it.
        said |= {"reach_reason": "", "kept_at": ""}
    return said


def _theirs(entry: EvidenceEntry) -> str:
    who = str(entry.updated_by) if entry.updated_by else _("somebody else")
    return _("%(who)s changed this line meanwhile; look at it and enter yours again if it should stand.") % {"who": who}
