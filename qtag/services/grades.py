"""Giving grades, cell by cell, so that nothing anybody typed is overwritten unseen and every earlier value is kept."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from awarding.audit.services import recording
from awarding.tenancy.prepared_writes import Write, inserting, prepared_update, write
from awarding.ui.grid import CellInput, CellResult, is_older
from awarding.workflow.models import StatusEvent
from qtag.models import GradeChange, Judgement, Submission
from qtag.queries.submissions import scale_of
from qtag.queries.visibility import visible_submissions
from qtag.services.locking import lock_rows, locked_message

GRADE_COLUMN = "grade"


def save_grades(*, actor: Standing, submission: Submission, cells: Sequence[CellInput]) -> list[CellResult]:
    """Stores the grades of a grid and answers what became of each, in the order given.

    Only the rows concerned are locked, so that many people can fill one grid at once. A grade off the qualification's scale is
    refused (QTG-09); one made from an older value than the stored one is a conflict and changes nothing. Every value
    that a grade had is kept (QTG-13). A grade is never capped, filled in or suggested by the portal (SNS-10).
    Of `submission` its number is enough. Raises PermissionMissingError, and Submission.DoesNotExist where the person sees
    nothing of it.
    """
    # Within a request's own transaction a savepoint would cost two statements for every cell: an error undoes all of it.
    with transaction.atomic(savepoint=False):
        rows = lock_rows(actor, submission.pk, [cell.row for cell in cells])
        # Whoever sees one of its rows sees the submission.
        if not rows and not visible_submissions(actor).filter(pk=submission.pk).exists():
            raise Submission.DoesNotExist
        for centre_id in {row.centre_id for row in rows.values()}:
            actor.require(Permission.QTAGS_JUDGE, centre_id)
        scale = {pk: code for pk, code in scale_of(submission_id=submission.pk) if pk is not None and code is not None}
        writer = _Writer(actor, rows, scale)
        results = [writer.one(cell) for cell in cells]
        writer.store(submission)
        return results


@prepared_update("grade", "grade_version", "graded_by", "graded_at")
def _graded(*, judgement_id: int) -> QuerySet[Judgement]:
    return Judgement.objects.filter(pk=judgement_id)


class _Writer:
    """One batch of grades against the locked rows."""

    def __init__(self, actor: Standing, rows: dict[str, Judgement], scale: dict[int, str]) -> None:
        self.actor, self.rows, self.scale = actor, rows, scale
        self.grades = {code.casefold(): (pk, code) for pk, code in scale.items()}
        self.touched: dict[int, Judgement] = {}
        self.changes: list[dict[str, Any]] = []

    def one(self, cell: CellInput) -> CellResult:
        row = self.rows.get(cell.row)
        if row is None or cell.column != GRADE_COLUMN:
            message = _("This learner is not in this grid, or not yours to judge. Load the page again to see who is.")
            return CellResult(cell.row, cell.column, cell.value, 0, "refused", message)
        wanted, stored = cell.value.strip(), self._stored(row)
        grade_id, code = self.grades.get(wanted.casefold(), (None, ""))
        if wanted and grade_id is None:
            message = _("“%(value)s” is not a grade of this qualification. Use one of: %(grades)s.") % {
                "value": wanted[:40],
                "grades": ", ".join(self.scale.values()),
            }
            return CellResult(cell.row, cell.column, cell.value, row.grade_version, "refused", message)
        if grade_id == row.grade_id:
            return CellResult(cell.row, cell.column, code, row.grade_version)
        if row.state != "open":
            return CellResult(cell.row, cell.column, cell.value, row.grade_version, "refused", locked_message(row))
        if is_older(cell, version=row.grade_version, stored=stored):
            return CellResult(cell.row, cell.column, code, row.grade_version, "conflict", _theirs(row, stored), stored)
        who = self.actor.person.pk
        row.grade_id, row.grade_version = grade_id, row.grade_version + 1
        row.graded_by_id, row.graded_at = who, timezone.now()
        self.touched[row.pk] = row
        change = {"judgement_id": row.pk, "before": stored, "after": code, "version": row.grade_version}
        self.changes.append({**change, "changed_by_id": who})
        return CellResult(cell.row, cell.column, code, row.grade_version)

    def _stored(self, row: Judgement) -> str:
        if row.grade_id in self.scale:
            return self.scale[row.grade_id]
        # A grade of a scale that the qualification had before is read for itself.
        return row.grade.code if row.grade else ""

    def store(self, submission: Submission) -> None:
        if not self.touched:
            return
        # Only what has moved before can have come back, with a reason.
        reasons = return_reasons([pk for pk, row in self.touched.items() if row.version > 1])
        for change in self.changes:
            change["reason"] = reasons.get(change["judgement_id"], "")
        # The audit says whose grade changed, never to what: it is read by people who do not see Q-TAGs (QTG-17).
        data: dict[str, Any] = {"judgements": sorted(self.touched)}
        write(*self._writes(), recording("submission.grades_saved", actor=self.actor, target=submission, data=data))

    def _writes(self) -> list[Write]:
        """What stores the grades with their history. A larger block does so at once, and leaves nothing to be sent."""
        if len(self.changes) == 1:
            # The way of nearly every post of a grid; the other would cost five times as much to put together.
            ((pk, row),) = self.touched.items()
            new = (row.grade_id, row.grade_version, row.graded_by_id, row.graded_at)
            return [_graded.to(*new, judgement_id=pk), inserting(GradeChange, **self.changes[0])]
        fields = ["grade", "grade_version", "graded_by", "graded_at"]
        Judgement.objects.bulk_update([self.touched[pk] for pk in sorted(self.touched)], fields, batch_size=500)
        GradeChange.objects.bulk_create(GradeChange(**change) for change in self.changes)
        return []


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
