"""The grades of a submission as a protected workbook: learners down, the grade by drop-down, beside it what it rests on."""

from __future__ import annotations

from collections.abc import Collection

from django.utils.translation import gettext as _

from awarding.accounts.standing import Standing
from awarding.catalogue.models import Grade
from awarding.spreadsheets.names import clean_text
from awarding.spreadsheets.protected import GridColumn, GridRow, GridSpec, grid_workbook
from qtag.models import GradeSheet, Judgement, Submission
from qtag.queries.sheets import GRADE, evidence_summaries, steps_in_words
from qtag.queries.submissions import judgement_rows, scale_grades
from qtag.workflow import JUDGEMENT

Cells = dict[str, dict[str, str]]  # {row key: {column: text}}
# Columns to be read beside the grade, and the width of each.
BESIDE = {"state": 22, "evidence": 34, "shows": 12, "told": 18, "missing": 60}


def grade_cells(standing: Standing, submission: Submission) -> Cells:
    """What the workbook holds now: an entry for every learner whom this person sees, without the cells that are empty."""
    cells: Cells = {}
    for row, words in evidence_summaries(standing, submission):
        told = {"state": str(JUDGEMENT.state(row.state).label), GRADE: row.grade.code if row.grade else "", **words}
        # As they come back from a workbook, so that what nobody touched is no change.
        cells[row.row_key] = {column: clean_text(text) for column, text in told.items() if text}
    return cells


def sheet_grades(submission: Submission) -> list[Grade]:
    """The scale, lowest first; every grade of it is open to every learner (QTG-09)."""
    return scale_grades(submission.qualification.scale_id)


def sheet_spec(sheet: GradeSheet, rows: Collection[Judgement], locked: Collection[str] = ()) -> GridSpec:
    """The grid of one version for the learners in `rows`: what stood in the portal when it was issued.

    `locked` are the keys of the rows whose grade may not be changed any more.
    """
    submission = sheet.submission
    grades = sheet_grades(submission)
    in_words = ", ".join(f"{g.code} ({g.label})" if g.label != g.code else g.code for g in grades)
    titles = {
        "state": _("Where it stands"), "evidence": _("Evidence"), "shows": _("Best grade it shows"),
        "told": _("Told which evidence is used"), "missing": _("What the checks still ask for"),
    }  # fmt: skip
    columns = [GridColumn(GRADE, _("Grade"), tuple(grade.code for grade in grades), in_words, 12)]
    columns += [GridColumn(key, titles[key], (), "", width) for key, width in BESIDE.items()]
    return GridSpec(
        title=_("Q-TAGs: %(qualification)s") % {"qualification": submission.qualification},
        version=sheet.key,
        heads=((_("Learner"), 30), (_("ULN"), 13)),
        columns=tuple(columns),
        rows=[
            GridRow(
                row.row_key,
                (row.registration.learner.full_name, row.registration.learner.uln),
                sheet.base[row.row_key],
                frozenset(BESIDE) | ({GRADE} if row.row_key in locked else frozenset()),
            )
            for row in rows
            if row.row_key in sheet.base
        ],
        facts=(
            (_("Centre"), str(submission.centre)),
            (_("Qualification"), str(submission.qualification)),
            (_("Version"), str(sheet.version)),
            (_("Grades"), in_words),
            (_("Steps recorded"), steps_in_words(submission)),
            (_("Confidential"), _("Q-TAGs are seen by nobody but those who judge and endorse them before results are released.")),
        ),
        notes=(
            _("Choose one grade for each learner, on the work they produced. Leave it empty while it is not decided."),
            _("The grey columns say what is recorded in the portal; they are not read back."),
            _("Upload the saved workbook on the Q-TAGs’ workbook page. It is compared with what the portal holds, and nothing "
              "is changed before you have seen the differences."),
            _("Send it to nobody who may not see these grades, and never to a learner."),
        ),
        sheet=_("Q-TAGs"),
        is_filtered=True,
    )  # fmt: skip


def sheet_workbook(standing: Standing, sheet: GradeSheet) -> bytes:
    """The workbook of one version, as .xlsx, with the learners whom this person still sees."""
    rows = list(judgement_rows(standing, sheet.submission))
    return grid_workbook(sheet_spec(sheet, rows, {row.row_key for row in rows if row.state != "open"}))


def sheet_name(sheet: GradeSheet) -> str:
    """qtags-60339858-v3.xlsx"""
    return f"qtags-{sheet.submission.qualification.qan}-v{sheet.version}.xlsx"
