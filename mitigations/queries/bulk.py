"""What one answer for many lines of a checklist would do: which lines it fills, which individual answers it meets."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from awarding.frameworks.document import FrameworkDocument
from mitigations.models import BulkAnswer, Claim, ClaimLearner, ClaimUnit, EvidenceEntry
from mitigations.queries.checklist import checklist_entries
from mitigations.queries.grid import claim_learners, claim_units, closed_places

# The parts of a line that one answer can set for many. The note is each line's own.
BULK_PARTS = ("status", "evidence_types", "is_reachable", "reach_reason", "kept_at")
NOTHING: Mapping[str, Any] = {
    "status": "", "evidence_types": [], "is_reachable": True, "reach_reason": "", "kept_at": "", "note": "",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class BulkInput:
    """One answer: what is said (parts that are absent stay as they are), of which units, for which learners.

    `columns` are ids of the claim's columns as text; `rows` row keys, None for every learner.
    """

    said: Mapping[str, Any]
    columns: frozenset[str]
    rows: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class BulkLine:
    """A line that the answer reaches, with what it says now and the version of that (0: nothing yet)."""

    learner: ClaimLearner
    unit: ClaimUnit
    before: Mapping[str, Any] | None
    version: int

    @property
    def key(self) -> str:
        """The line and its version, as a page sends them back."""
        return f"{self.learner.row_key}:{self.unit.pk}:{self.version}"


@dataclass(frozen=True, slots=True)
class BulkPlan:
    """`fills`: lines that say nothing against it; `meets`: those with an individual answer that says otherwise.

    `same` counts the lines that say exactly this already.
    """

    fills: list[BulkLine]
    meets: list[BulkLine]
    same: int

    @property
    def digest(self) -> str:
        """Which individual answers it meets, for a page to say which it showed."""
        return hashlib.sha256("\n".join(sorted(line.key for line in self.meets)).encode()).hexdigest()[:16]


def plan_bulk(claim: Claim, asked: BulkInput) -> BulkPlan:
    """What the answer would do to the claim's checklist as it stands. A fixed number of queries."""
    learners = [row for row in claim_learners(claim) if asked.rows is None or row.row_key in asked.rows]
    units = [unit for unit in claim_units(claim) if str(unit.pk) in asked.columns]
    closed, stored = closed_places(claim), checklist_entries(claim, learners)
    fills, meets, same = [], [], 0
    for learner in learners:
        for unit in units:
            place = (learner.pk, unit.pk)
            if place in closed:
                continue
            entry = stored.get(place)
            line = BulkLine(learner, unit, parts_of(entry) if entry else None, entry.version if entry else 0)
            if entry is not None and _says(entry, asked.said):
                same += 1
            elif entry is not None and _contradicts(entry, asked.said):
                meets.append(line)
            else:
                fills.append(line)
    return BulkPlan(fills, meets, same)


def parts_of(entry: EvidenceEntry) -> dict[str, Any]:
    """Everything that a line says, as plain values."""
    return {name: getattr(entry, name) for name in NOTHING}


def _says(entry: EvidenceEntry, said: Mapping[str, Any]) -> bool:
    return all(_plain(name, getattr(entry, name)) == _plain(name, value) for name, value in said.items())


def _contradicts(entry: EvidenceEntry, said: Mapping[str, Any]) -> bool:
    """Whether the line already says something else of what is answered; silence is no answer."""
    for name, value in said.items():
        held = getattr(entry, name)
        # "Can be reached" is where every line begins: it is an answer once the line has a state.
        is_said = bool(entry.status) if name == "is_reachable" and held else held != NOTHING[name]
        if is_said and _plain(name, held) != _plain(name, value):
            return True
    return False


def _plain(name: str, value: Any) -> Any:
    return frozenset(value) if name == "evidence_types" else value


def line_in_words(document: FrameworkDocument, said: Mapping[str, Any] | None) -> str:
    """What a line says, in the framework's words; a dash where it says nothing."""
    said = said or {}
    states, kinds = document.component_states, document.evidence_types
    words = [_(states[said["status"]].label)] if said.get("status") in states else []
    words += [_(kinds[code].label) for code in said.get("evidence_types", ()) if code in kinds]
    if said.get("is_reachable") is False:
        words.append(_("out of reach"))
    words += [said[name] for name in ("reach_reason", "kept_at", "note") if said.get(name)]
    return ", ".join(words) or "–"


def bulk_answers(claim: Claim) -> QuerySet[BulkAnswer]:
    """The answers given for many lines of a claim, newest first."""
    return BulkAnswer.objects.filter(claim=claim).select_related("given_by", "undone_by").order_by("-id")


def overwritten_lines(claim: Claim, answer: BulkAnswer, most: int) -> list[tuple[str, str, Mapping[str, Any]]]:
    """(learner, unit, what the line said before) of the individual answers that were overwritten; the first `most`."""
    lines = [line for line in answer.lines if line["met"]][:most]
    wanted: Collection[int] = {line["learner"] for line in lines}
    rows = claim.learners.filter(pk__in=wanted).select_related("registration__learner")
    learners = {row.pk: row.registration.learner.full_name for row in rows}
    units = {unit.pk: str(unit.unit) for unit in claim_units(claim)}
    return [(learners.get(line["learner"], ""), units.get(line["unit"], ""), line["before"]) for line in lines]
