"""Grades as a workbook: issued, taken back, compared cell by cell, applied through the service that the grid uses."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from awarding.accounts.models import User
from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from awarding.audit.services import record
from awarding.files.services import store_file
from awarding.spreadsheets import comparison
from awarding.spreadsheets.comparison import Change, UploadError
from awarding.spreadsheets.grid_reader import Grid, check_grid, read_grid
from awarding.spreadsheets.limits import UnsafeFileError
from awarding.spreadsheets.writer import XLSX
from awarding.ui.grid import CellInput
from qtag.models import GradeSheet, GradeUpload, Judgement, Submission
from qtag.queries.sheets import GRADE, current_sheet, held_grades, uploaded_before
from qtag.queries.submissions import judgement_rows
from qtag.services.grades import save_grades
from qtag.services.locking import locked_message
from qtag.workbooks_grades import grade_cells, sheet_grades, sheet_spec


@transaction.atomic
def issue_sheet(*, actor: Standing, submission: Submission) -> GradeSheet:
    """A version of the workbook for this person, with what the portal holds now; it supersedes their earlier ones.

    While nothing has changed since their current version that one is answered. Raises UploadError where there is nothing
    to fill in: no grade scale, or no learner of theirs.
    """
    actor.require(Permission.QTAGS_JUDGE, submission.centre_id)
    if not sheet_grades(submission):
        raise UploadError(_("This qualification has no grade scale yet. Ask the awarding organisation to enter it."))
    base = grade_cells(actor, submission)
    if not base:
        raise UploadError(_("No learner here is yours to judge, so there is nothing to fill in."))
    current = current_sheet(submission, actor.person)
    if current is not None and current.base == base:
        return current
    # One after the other, so that no version is given out twice.
    Submission.objects.select_for_update(of=("self",), no_key=True).get(pk=submission.pk)
    sheets = GradeSheet.objects.filter(submission=submission)
    sheets.filter(issued_by=actor.person, superseded_at=None).update(superseded_at=timezone.now())
    last = sheets.aggregate(last=Max("version"))["last"] or 0
    sheet = GradeSheet.objects.create(submission=submission, version=last + 1, base=base, issued_by=actor.person)
    record("submission.workbook_issued", actor=actor, target=submission, data={"version": sheet.version})
    return sheet


@transaction.atomic
def receive_sheet(*, actor: Standing, submission: Submission, name: str, content: bytes) -> GradeUpload:
    """Keeps a workbook that came back, checks it and compares it with what the portal holds. Changes no grade.

    The answer is `checked` with its changes and faults, or `refused` with the reason: a file that may not be opened, one
    of another submission, or a version that its holder has replaced. Learners who are not in the file stay as they are.
    """
    actor.require(Permission.QTAGS_JUDGE, submission.centre_id)
    stored = store_file(actor=actor, purpose="qtag-sheet", name=name, content=content, media_type=XLSX)
    upload = GradeUpload(submission=submission, file=stored, state=GradeUpload.State.REFUSED, uploaded_by=actor.person)
    try:
        grid = read_grid(content)
    except UnsafeFileError as error:
        upload.refusal = f"{error.message} {error.fix}"
    else:
        _examine(actor, upload, grid)
    upload.save()
    # How many, never which grade: the trail is read by people who do not see Q-TAGs (QTG-17).
    facts = {"state": upload.state, "changes": len(upload.changes), "faults": len(upload.faults)}
    record("submission.workbook_uploaded", actor=actor, target=submission, data=facts)
    return upload


def _examine(actor: Standing, upload: GradeUpload, grid: Grid) -> None:
    if not grid.faults.file_errors:
        sheet = GradeSheet.objects.select_related("submission__qualification", "submission__centre").filter(
            key=grid.version
        )
        upload.sheet = sheet.filter(submission=upload.submission).first()
        upload.refusal = _refusal(upload.sheet)
        if upload.sheet is None or upload.refusal:
            return
        rows = {row.row_key: row for row in judgement_rows(actor, upload.submission)}
        _leave_out_foreign(grid, upload.sheet, rows)
        values = check_grid(grid, sheet_spec(upload.sheet, list(rows.values())), partial=True)
        if not grid.faults.file_errors:
            upload.state = GradeUpload.State.CHECKED
            upload.changes = _compare(upload, grid, rows, values)
    upload.faults = [fault.as_dict() | {"row": fault.row} for fault in grid.faults]
    if grid.faults.file_errors:
        upload.refusal = _("The workbook as a whole cannot be used; see what is wrong below. Nothing was changed.")


def _refusal(sheet: GradeSheet | None) -> str:
    """Why this workbook is not one to upload here; empty when it is."""
    if sheet is None:
        return _(
            "This workbook was not issued here for these Q-TAGs. Issue one on this page, or upload it on its own page."
        )
    if sheet.superseded_at is not None:
        return _(
            "Version %(version)s was replaced by a newer one of the same person. Download that, copy your entries into it, and "
            "upload it."
        ) % {"version": sheet.version}
    return ""


def _leave_out_foreign(grid: Grid, sheet: GradeSheet, rows: Mapping[str, Judgement]) -> None:
    """Rows that were given out to somebody else, and are not this person's to judge: named by their place and not read."""
    for row_key in [key for key in grid.rows if key in sheet.base and key not in rows]:
        message = _("This row is for a learner who is not yours to judge. It was not read.")
        grid.fault(row_key, GRADE, "not_yours", message, _("Leave it to whoever judges this learner."))
        del grid.rows[row_key]
        grid.cells = {place: cell for place, cell in grid.cells.items() if place[0] != row_key}
        grid.heads = {place: cell for place, cell in grid.heads.items() if place[0] != row_key}


def _compare(
    upload: GradeUpload, grid: Grid, rows: Mapping[str, Judgement], values: Mapping[tuple[str, str], str]
) -> list[Change]:
    """The grades that the workbook would change, in the order of the grid. What left the teacher's hands is a fault."""
    assert upload.sheet is not None  # noqa: S101 - the caller has seen it
    base, held, sound = upload.sheet.base, held_grades(rows.values()), {}
    for (row_key, column), value in values.items():
        row = rows[row_key]
        is_changed = value not in (base[row_key].get(column, ""), held[row_key, column].value)
        if is_changed and row.state != "open":
            grid.fault(
                row_key, column, "left_your_hands", locked_message(row), _("Ask for it to be returned to you first.")
            )
        else:
            sound[row_key, column] = value
    changes = comparison.compare(
        sound, base=base, held=held, cells=grid.cells, names=User.objects.in_bulk,
        mine=uploaded_before(upload.sheet, upload.uploaded_by),
    )  # fmt: skip
    order = {row_key: place for place, row_key in enumerate(rows)}
    for change in changes:
        change["learner"] = rows[change["row_key"]].registration.learner.full_name
        change["title"] = _("Grade")
    return sorted(changes, key=lambda change: order[change["row_key"]])


@transaction.atomic
def note_choices(*, actor: Standing, upload: GradeUpload, choices: Mapping[str, str]) -> int:
    """Keeps which side shall stand where both changed a grade, and answers how many are still open. Applies nothing."""
    upload = _lock_upload(actor, upload)
    if upload.state == GradeUpload.State.APPLIED:
        return 0
    _refuse_unfit(upload)
    if noted := comparison.note(upload.changes, choices):
        upload.save(update_fields=["changes"])
        data = {"upload": upload.pk, "cells": noted}
        record("submission.workbook_choices_noted", actor=actor, target=upload.submission, data=data)
    return len(comparison.open_conflicts(upload.changes))


def apply_sheet(*, actor: Standing, upload: GradeUpload, choices: Mapping[str, str], rest: str = "") -> int:
    """Gives the grades of a checked workbook through `save_grades`, and answers how many; a second time 0.

    Every grade that was changed on both sides needs a choice, in `choices` by `comparison.change_name`, noted before, or
    `rest` for all the others. Raises UploadError when one has none, when the version has been replaced, or when grades
    changed or were proposed since the check (the comparison is then brought up to date and shown again).
    """
    with transaction.atomic():
        upload = _lock_upload(actor, upload)
        if upload.state == GradeUpload.State.APPLIED:
            return 0
        _refuse_unfit(upload)
        trouble = _bring_up_to_date(actor, upload)
        if trouble is None:
            comparison.settle(upload.changes, choices, rest)
            return _apply(actor, upload)
        upload.save(update_fields=["changes", "faults"])
    raise trouble


def _bring_up_to_date(actor: Standing, upload: GradeUpload) -> UploadError | None:
    """Compares anew with what the portal holds now; an error to be told when that is not what was shown."""
    rows = {row.row_key: row for row in judgement_rows(actor, upload.submission)}
    gone = [
        change for change in upload.changes if change["row_key"] not in rows or rows[change["row_key"]].state != "open"
    ]
    for change in gone:
        row = rows.get(change["row_key"])
        message = locked_message(row) if row else _("This learner is no longer yours to judge.")
        upload.faults.append(
            {"sheet": "", "cell": change["cell"], "code": "left_your_hands", "value": change["after"], "message": message,
             "fix": _("Ask for it to be returned to you first."), "severity": "error", "row": None}
        )  # fmt: skip
    upload.changes = [change for change in upload.changes if change not in gone]
    outdated = comparison.set_beside(upload.changes, held_grades(rows.values()), User.objects.in_bulk)
    upload.changes = comparison.not_yet_so(upload.changes)
    if gone:
        words = ngettext(
            "%(count)s of these grades left your hands meanwhile and is left out. Look below and apply the rest.",
            "%(count)s of these grades left your hands meanwhile and are left out. Look below and apply the rest.",
            len(gone),
        )
        return UploadError(words % {"count": len(gone)})
    return comparison.moved_meanwhile(outdated) if outdated else None


def _apply(actor: Standing, upload: GradeUpload) -> int:
    wanted = comparison.to_store(upload.changes)
    cells = [CellInput(c["row_key"], c["column"], c["after"], version=str(c["version"])) for c in wanted]
    results = save_grades(actor=actor, submission=upload.submission, cells=cells)
    for change, result in zip(wanted, results, strict=True):
        if result.status != "saved":
            raise UploadError(f"{change['learner']}: {result.message}")
    upload.state, upload.applied_at = GradeUpload.State.APPLIED, timezone.now()
    upload.save(update_fields=["state", "applied_at", "changes", "faults"])
    facts = {"upload": upload.pk, "cells": len(wanted), "kept": len(upload.changes) - len(wanted)}
    record("submission.workbook_applied", actor=actor, target=upload.submission, data=facts)
    return len(wanted)


@transaction.atomic
def discard_sheet(*, actor: Standing, upload: GradeUpload) -> None:
    """Leaves a checked workbook aside; nothing of it is stored. Harmless when it was applied already."""
    upload = _lock_upload(actor, upload)
    waiting = GradeUpload.objects.filter(pk=upload.pk, state=GradeUpload.State.CHECKED)
    if waiting.update(state=GradeUpload.State.DISCARDED):
        record("submission.workbook_discarded", actor=actor, target=upload.submission, data={"upload": upload.pk})


def _lock_upload(actor: Standing, upload: GradeUpload) -> GradeUpload:
    """The person's own upload, locked. GradeUpload.DoesNotExist for anybody else's."""
    uploads = GradeUpload.objects.select_for_update(of=("self",)).select_related(
        "sheet", "submission__qualification", "submission__centre"
    )
    locked: GradeUpload = uploads.get(pk=upload.pk, uploaded_by=actor.person)
    actor.require(Permission.QTAGS_JUDGE, locked.submission.centre_id)
    return locked


def _refuse_unfit(upload: GradeUpload) -> None:
    if upload.state != GradeUpload.State.CHECKED:
        raise UploadError(_("This upload was refused or discarded. Upload the workbook again."))
    if refusal := _refusal(upload.sheet):
        raise UploadError(refusal)
