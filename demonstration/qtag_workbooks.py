"""A workbook of grades that came back to Q-TAGs; where the scale allows, with one that somebody else changed meanwhile."""

from __future__ import annotations

from dataclasses import replace

from awarding.accounts.standing import Standing
from awarding.spreadsheets.protected import GridRow, grid_workbook
from awarding.ui.grid import CellInput
from qtag.models import Submission
from qtag.queries.sheets import GRADE
from qtag.queries.submissions import judgement_rows
from qtag.services.grades import save_grades
from qtag.services.sheets import issue_sheet, receive_sheet
from qtag.workbooks_grades import sheet_name, sheet_spec


def seed_returned_sheet(teacher: Standing, colleague: Standing, submission: Submission) -> None:
    """The teacher's workbook with the first grade given anew, and with the second where there are grades to differ by.

    The colleague typed another one into the second one's cell meanwhile.
    """
    sheet = issue_sheet(actor=teacher, submission=submission)
    rows = list(judgement_rows(teacher, submission))
    spec = sheet_spec(sheet, rows)
    graded = [row for row in spec.rows if row.values.get(GRADE)]
    codes = spec.columns[0].allowed
    if not graded:
        return

    def other(row: GridRow, which: int) -> str:
        return [code for code in (*codes, "") if code != row.values[GRADE]][which]

    wanted = {graded[0].key: other(graded[0], 0)}
    if len(graded) > 1 and len(codes) > 1:
        wanted[graded[1].key] = other(graded[1], 0)
        typed = CellInput(graded[1].key, GRADE, other(graded[1], 1))
        save_grades(actor=colleague, submission=submission, cells=[typed])
    sent = [
        replace(row, values={**row.values, GRADE: wanted.get(row.key, row.values.get(GRADE, ""))}) for row in spec.rows
    ]
    content = grid_workbook(replace(spec, rows=sent))
    receive_sheet(actor=teacher, submission=submission, name=sheet_name(sheet), content=content)
