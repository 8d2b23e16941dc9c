"""The evidence checklist as a protected workbook, one row for each learner and unit.

Long and not wide: a line has up to a dozen answers (its state, each kind of evidence, reach, where, why), and a row by
itself keeps each in a cell of its own, with its own drop-down, fault and merge. Rows stand unit by unit, so that what
holds for a cohort is filled down a column; filters are on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from awarding.frameworks.document import FrameworkDocument
from awarding.frameworks.queries import adopted_document
from awarding.spreadsheets.names import clean_text
from awarding.spreadsheets.protected import GridColumn, GridRow, GridSpec, grid_workbook
from mitigations.models import ChecklistSheet, ClaimLearner, ClaimUnit, EvidenceEntry
from mitigations.queries.grid import claim_learners, claim_units, closed_places
from mitigations.queries.templates import template_facts
from mitigations.rules.checklist import type_label
from mitigations.rules.facts import TemplateFacts
from mitigations.services.checklist import LineInput

TYPE = "type:"
AWAY = "away"
# The texts of a line and the most characters of each.
TEXTS = {"reach_reason": 300, "kept_at": 200, "note": 500}


@dataclass(frozen=True, slots=True)
class Field:
    """A column of the workbook: what it holds, its title, the values allowed (none: any text)."""

    key: str
    title: str
    allowed: tuple[str, ...] = ()
    hint: str = ""
    width: int = 14


def sheet_fields(document: FrameworkDocument, template: TemplateFacts | None = None) -> list[Field]:
    """The columns under a framework, in order."""
    yes = (_("Yes"),)
    states = tuple(_(state.label) for state in document.component_states.values())
    fields = [Field("status", _("State of the evidence"), states, _("How far the evidence of this unit has come."))]
    fields += [
        Field(
            TYPE + code, type_label(document, template, code), yes, _("Yes, where there is evidence of this kind."), 16
        )
        for code in document.evidence_types
    ]
    return [
        *fields,
        Field(AWAY, _("Cannot be reached"), yes, _("Yes, where nobody can get at the evidence now. It does not stop the claim.")),
        Field("reach_reason", _("Why it cannot be reached"), (), "", 30),
        Field("kept_at", _("Where it is"), (), "", 24),
        Field("note", _("Note"), (), "", 30),
    ]  # fmt: skip


def line_cells(document: FrameworkDocument, entry: EvidenceEntry | None) -> dict[str, str]:
    """What a line of the checklist holds, as the workbook's cells: {field: text}, without those that are empty."""
    if entry is None:
        return {}
    # As they come back from a workbook, so that what nobody touched is no change.
    cells = {name: clean_text(getattr(entry, name)) for name in TEXTS if getattr(entry, name)}
    if entry.status in document.component_states:
        cells["status"] = _(document.component_states[entry.status].label)
    cells |= {TYPE + code: _("Yes") for code in entry.evidence_types if code in document.evidence_types}
    return cells if entry.is_reachable else cells | {AWAY: _("Yes")}


def line_input(document: FrameworkDocument, line: str, cells: Mapping[str, str], version: int) -> LineInput:
    """The line that cells of the workbook describe; `line` is its key, "row key:column id"."""
    row, _colon, column = line.partition(":")
    states = {_(state.label): code for code, state in document.component_states.items()}
    texts: dict[str, Any] = {name: cells.get(name, "") for name in TEXTS}
    return LineInput(
        row, column, status=states.get(cells.get("status", ""), ""), is_reachable=not cells.get(AWAY),
        evidence_types=tuple(code for code in document.evidence_types if cells.get(TYPE + code)),
        version=str(version), **texts,
    )  # fmt: skip


def line_key(learner: ClaimLearner, unit: ClaimUnit) -> str:
    return f"{learner.row_key}:{unit.pk}"


def _names(learner: ClaimLearner) -> tuple[str, str]:
    person = learner.registration.learner
    return person.full_name, person.uln


def checklist_spec(sheet: ChecklistSheet) -> GridSpec:
    """The grid of one version: what stood in the portal when it was issued. Row keys are lines, column keys fields."""
    claim, document = sheet.claim, adopted_document(sheet.adoption)
    template = template_facts(claim.checklist_template)
    fields = sheet_fields(document, template)
    closed, learners = closed_places(claim), claim_learners(claim)
    rows = [
        GridRow(
            line_key(learner, unit),
            (f"{unit.unit.reference} {unit.unit.title}", *_names(learner)),
            sheet.base.get(line_key(learner, unit), {}),
        )
        for unit in claim_units(claim)
        for learner in learners
        if (learner.pk, unit.pk) not in closed
    ]  # fmt: skip
    notes = [
        _("Each row is one learner’s evidence for one unit. Choose its state, and Yes under each kind of evidence there is."),
        _("Filter by unit and fill down what holds for everybody; then change the exceptions."),
        _("Upload the saved workbook on the checklist’s page of eRAC %(number)s. It is compared with what the portal holds, "
          "and nothing is changed before you have seen the differences.") % {"number": claim.number},
        _("Only this version can be uploaded: when a newer one is issued this one is refused."),
    ]  # fmt: skip
    if claim.checklist_template is not None and claim.checklist_template.guidance:
        notes.insert(0, claim.checklist_template.guidance)
    return GridSpec(
        title=_("Evidence checklist of eRAC %(number)s") % {"number": claim.number},
        version=sheet.key,
        heads=((_("Unit"), 34), (_("Learner"), 28), (_("ULN"), 13)),
        columns=tuple(GridColumn(field.key, field.title, field.allowed, field.hint, field.width) for field in fields),
        rows=rows,
        facts=(
            (_("Centre"), str(claim.centre)),
            (_("Qualification"), str(claim.qualification)),
            (_("Cohort"), claim.cohort.name),
            (_("Version"), str(sheet.version)),
        ),
        notes=tuple(notes),
        sheet=_("Checklist"),
        is_filtered=True,
    )


def checklist_workbook(sheet: ChecklistSheet) -> bytes:
    """The workbook of one version, as .xlsx."""
    return grid_workbook(checklist_spec(sheet))


def checklist_name(sheet: ChecklistSheet) -> str:
    """AIM-2026-000123-checklist-v2.xlsx"""
    return f"{sheet.claim.number}-checklist-v{sheet.version}.xlsx"
