"""Giving grades, cell by cell, so that nothing anybody typed is overwritten unseen and every earlier value is kept."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from awarding.audit.services import record
from awarding.catalogue.models import Grade
from awarding.ui.grid import CellInput, CellResult, is_older
from awarding.workflow.models import StatusEvent
from qtag.models import GradeChange, Judgement, Submission
from qtag.queries.submissions import scale_grades
from qtag.services.locking import lock_rows, locked_message

GRADE_COLUMN = "grade"


@transaction.atomic
def save_grades(*, actor: Standing, submission: Submission, cells: Sequence[CellInput]) -> list[CellResult]:
    """Stores the grades of a grid and answers what became of each, in the order given.

    Only the rows concerned are locked, so that many people can fill one grid at once. A grade off the qualification's scale is
    refused (QTG-09); one made from an older value than the stored one is a conflict and changes nothing. Every value
    that a grade had is kept (QTG-13). A grade is never capped, filled in or suggested by the portal (SNS-10).
    """
    actor.require(Permission.QTAGS_JUDGE, submission.centre_id)
    scale = list(scale_grades(scale_id=submission.qualification.scale_id or 0))
    rows = lock_rows(actor, submission.pk, [cell.row for cell in cells])
    by_id = {grade.pk: grade for grade in scale}
    for row in rows.values():
        if row.grade_id in by_id:
            row.grade = by_id[row.grade_id]
    writer = _Writer(actor, rows, {grade.code.casefold(): grade for grade in scale}, [grade.code for grade in scale])
    results = [writer.one(cell) for cell in cells]
    writer.store(submission)
    return results


class _Writer:
    """One batch of grades against the locked rows."""

    def __init__(
        self, actor: Standing, rows: dict[str, Judgement], grades: dict[str, Grade], codes: Sequence[str]
    ) -> None:
        self.actor, self.rows, self.grades, self.codes = actor, rows, grades, codes
        self.touched: dict[int, Judgement] = {}
        self.changes: list[GradeChange] = []

    def one(self, cell: CellInput) -> CellResult:
        row = self.rows.get(cell.row)
        if row is None or cell.column != GRADE_COLUMN:
            message = _("This learner is not in this grid, or not yours to judge. Load the page again to see who is.")
            return CellResult(cell.row, cell.column, cell.value, 0, "refused", message)
        wanted, stored = cell.value.strip(), row.grade.code if row.grade else ""
        grade = self.grades.get(wanted.casefold())
        if wanted and grade is None:
            message = _("“%(value)s” is not a grade of this qualification. Use one of: %(grades)s.") % {
                "value": wanted[:40],
                "grades": ", ".join(self.codes),
            }
            return CellResult(cell.row, cell.column, cell.value, row.grade_version, "refused", message)
        code = grade.code if grade else ""
        if code == stored:
            return CellResult(cell.row, cell.column, code, row.grade_version)
        if row.state != "open":
            return CellResult(cell.row, cell.column, cell.value, row.grade_version, "refused", locked_message(row))
        if is_older(cell, version=row.grade_version, stored=stored):
            return CellResult(cell.row, cell.column, code, row.grade_version, "conflict", _theirs(row, stored), stored)
        row.grade, row.grade_version = grade, row.grade_version + 1
        row.graded_by, row.graded_at = self.actor.person, timezone.now()
        self.touched[row.pk] = row
        self.changes.append(
            GradeChange(
                judgement=row, before=stored, after=code, version=row.grade_version, changed_by=self.actor.person
            )
        )
        return CellResult(cell.row, cell.column, code, row.grade_version)

    def store(self, submission: Submission) -> None:
        if not self.touched:
            return
        self._update()
        # Only what has moved before can have come back, with a reason.
        reasons = return_reasons([pk for pk, row in self.touched.items() if row.version > 1])
        for change in self.changes:
            change.reason = reasons.get(change.judgement_id, "")
        GradeChange.objects.bulk_create(self.changes)
        # The audit says whose grade changed, never to what: it is read by people who do not see Q-TAGs (QTG-17).
        data: dict[str, Any] = {"judgements": sorted(self.touched)}
        record("submission.grades_saved", actor=self.actor, target=submission, data=data)

    def _update(self) -> None:
        if len(self.touched) == 1:
            # The way of nearly every post of a grid; the other would cost five times as much to put together.
            ((pk, row),) = self.touched.items()
            Judgement.objects.filter(pk=pk).update(
                grade=row.grade_id, grade_version=row.grade_version, graded_by=row.graded_by_id, graded_at=row.graded_at
            )
            return
        fields = ["grade", "grade_version", "graded_by", "graded_at"]
        Judgement.objects.bulk_update([self.touched[pk] for pk in sorted(self.touched)], fields, batch_size=500)


def return_reasons(judgement_ids: Collection[int]) -> dict[int, str]:
    """Why judgements that were returned or reopened came back, the last time: that is why their grades change (QTG-13)."""
    if not judgement_ids:
        return {}
    events = StatusEvent.objects.filter(
        target_type=Judgement._meta.label_lower, target_id__in=list(judgement_ids), target="open"
    ).exclude(reason="")
    return {event.target_id: event.reason for event in events.order_by("id")}


def _theirs(row: Judgement, stored: str) -> str:
    who = str(row.graded_by) if row.graded_by_id else _("somebody else")
    return _("%(who)s changed this grade to “%(value)s” meanwhile. Type yours again if it should replace theirs.") % {
        "who": who,
        "value": stored or _("nothing"),
    }
