"""The eRAC as a protected workbook: learners down, units across, grades by drop-down."""

from __future__ import annotations

from django.utils.translation import gettext as _

from awarding.spreadsheets.protected import GridColumn, GridRow, GridSpec, grid_workbook
from mitigations.models import EracDocument
from mitigations.queries.grid import claim_learners, claim_units, closed_places, unit_grades


def erac_spec(document: EracDocument) -> GridSpec:
    """The grid that one version of a claim's workbook holds: what stood in the portal when it was issued.

    Row keys are those of the claim's learners, column keys the ids of its columns; the version is the document's key.
    """
    claim = document.claim
    grades = unit_grades(claim.qualification)
    allowed = tuple(grade.code for grade in grades)
    in_words = ", ".join(
        f"{grade.code} ({grade.label})" if grade.label != grade.code else grade.code for grade in grades
    )
    closed = closed_places(claim)
    rows = [
        GridRow(
            learner.row_key,
            (learner.registration.learner.full_name, learner.registration.learner.uln),
            document.base.get(learner.row_key, {}),
            frozenset(str(column) for row, column in closed if row == learner.pk),
        )
        for learner in claim_learners(claim)
    ]
    columns = tuple(
        GridColumn(str(unit.pk), f"{unit.unit.reference} {unit.unit.title}", allowed, in_words, 14)
        for unit in claim_units(claim)
    )
    return GridSpec(
        title=_("eRAC %(number)s") % {"number": claim.number},
        version=document.key,
        heads=((_("Learner"), 30), (_("ULN"), 13)),
        columns=columns,
        rows=rows,
        facts=(
            (_("Centre"), str(claim.centre)),
            (_("Qualification"), str(claim.qualification)),
            (_("Cohort"), claim.cohort.name),
            (_("Version"), str(document.version)),
            (_("Grades"), in_words),
        ),
        notes=(
            _("Choose a grade for each learner and unit that is claimed. Leave the others empty."),
            _("Upload the saved workbook on the page of eRAC %(number)s. It is compared with what the portal holds, and "
              "nothing is changed before you have seen the differences.") % {"number": claim.number},
            _("Only this version can be uploaded: when a newer one is issued this one is refused."),
        ),
    )  # fmt: skip


def erac_workbook(document: EracDocument) -> bytes:
    """The workbook of one version, as .xlsx."""
    return grid_workbook(erac_spec(document))


def workbook_name(document: EracDocument) -> str:
    """AIM-2026-000123-v2.xlsx"""
    return f"{document.claim.number}-v{document.version}.xlsx"
