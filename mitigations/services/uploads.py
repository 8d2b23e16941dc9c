"""Workbooks that come back: checked and compared first, applied only when their uploader says so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from awarding.accounts.models import User
from awarding.accounts.standing import Standing
from awarding.audit.services import record
from awarding.files.services import store_file
from awarding.spreadsheets import comparison
from awarding.spreadsheets.comparison import Change, Held, Place, UploadError
from awarding.spreadsheets.grid_reader import Grid, check_grid, read_grid
from awarding.spreadsheets.limits import UnsafeFileError
from awarding.spreadsheets.writer import XLSX
from awarding.ui.grid import CellInput
from mitigations.models import Claim, EracDocument, EracUpload
from mitigations.queries.claims import visible_claims
from mitigations.queries.documents import current_document, uploaded_before
from mitigations.queries.grid import claim_cells, claim_learners, claim_units
from mitigations.queries.window import late_findings
from mitigations.services.grid import lock_for_filling, save_cells
from mitigations.workbooks import erac_spec


@transaction.atomic
def receive_upload(*, actor: Standing, claim_id: int, name: str, content: bytes) -> EracUpload:
    """Keeps a workbook that came back, checks it and compares it with what the portal holds. Changes no cell.

    The answer is `checked` with its changes and faults, or `refused` with the reason: a file that may not be opened, one
    of another claim, or a superseded version, naming the one to use (CLM-02). Learners and units that are not in the
    file were not sent back: their cells stay as they are. Raises as `lock_for_filling` does.
    """
    lock_for_filling(actor, claim_id)  # asked first, so that nobody has files opened for claims that are not theirs
    claim = Claim.objects.select_related("centre", "qualification", "cohort", "ao").get(pk=claim_id)
    stored = store_file(actor=actor, purpose="erac", name=name, content=content, media_type=XLSX)
    upload = EracUpload(claim=claim, file=stored, state=EracUpload.State.REFUSED, uploaded_by=actor.person)
    try:
        grid = read_grid(content)
    except UnsafeFileError as error:
        upload.refusal = f"{error.message} {error.fix}"
    else:
        _examine(actor, upload, grid)
    upload.save()
    facts = {"state": upload.state, "changes": len(upload.changes), "faults": len(upload.faults)}
    record("claim.workbook_uploaded", actor=actor, target=claim, data=facts | {"refusal": upload.refusal})
    return upload


def _examine(actor: Standing, upload: EracUpload, grid: Grid) -> None:
    if not grid.faults.file_errors:
        upload.document = EracDocument.objects.filter(key=grid.version).select_related("claim").first()
        upload.refusal = _refusal(actor, upload.claim, upload.document)
        if upload.refusal:
            if upload.document is not None and upload.document.claim_id != upload.claim_id:
                upload.document = None
            return
        document = current_document(upload.claim)
        assert document is not None  # noqa: S101 - _refusal has seen it
        values = check_grid(grid, erac_spec(document), partial=True)
        if not grid.faults.file_errors:
            upload.state = EracUpload.State.CHECKED
            upload.changes = _compare(upload, document, grid, values)
    upload.faults = [_told(fault.as_dict() | {"row": fault.row}) for fault in grid.faults]
    if grid.faults.file_errors:
        upload.refusal = _("The workbook as a whole cannot be used; see what is wrong below. Nothing was changed.")


def _told(fault: dict[str, Any]) -> dict[str, Any]:
    """A learner typed into the sheet is not registered on this eRAC: the way in is registration (MIT-07)."""
    if fault["code"] == "row_without_key":
        fault["fix"] = _(
            "Delete the row. A learner who is missing is registered first under “Learners”; an eRAC generated after that "
            "has them on it."
        )
    return fault


def _refusal(actor: Standing, claim: Claim, document: EracDocument | None) -> str:
    """Why this workbook is not the one to upload here; empty when it is (CLM-02), or why it comes too late (MIT-11)."""
    if late := late_findings(claim):
        return " ".join(f"{finding.what} {finding.fix}" for finding in late)
    if document is None:
        return _(
            "This workbook was not issued here for eRAC %(number)s. Download the current version and use that."
        ) % {"number": claim.number}
    if document.claim_id != claim.pk:
        seen = visible_claims(actor).filter(pk=document.claim_id).first()
        whose = _("eRAC %(number)s") % {"number": seen.number} if seen else _("another eRAC")
        return _("This workbook belongs to %(whose)s, not to %(number)s. Upload it on its own page.") % {
            "whose": whose,
            "number": claim.number,
        }
    current = current_document(claim)
    if current is None:
        return _(
            "Version %(version)s is superseded: the framework was adopted anew. Issue a new version, copy your entries into "
            "it, and upload that."
        ) % {"version": document.version}
    if current.pk != document.pk:
        return _(
            "Version %(version)s is superseded. Use version %(current)s: download it on this claim’s workbook page, copy "
            "your entries into it, and upload that."
        ) % {"version": document.version, "current": current.version}
    return ""


def _compare(
    upload: EracUpload, document: EracDocument, grid: Grid, values: Mapping[tuple[str, str], str]
) -> list[Change]:
    """The cells that the workbook would change, in the order of the eRAC; see `EracUpload.changes`."""
    claim = upload.claim
    learners = {row.row_key: (place, row) for place, row in enumerate(claim_learners(claim))}
    units = {str(unit.pk): (place, unit) for place, unit in enumerate(claim_units(claim))}
    changes = comparison.compare(
        values, base=document.base, held=_held(claim), cells=grid.cells, names=User.objects.in_bulk,
        mine=uploaded_before(document, upload.uploaded_by),
    )  # fmt: skip
    for change in changes:
        change["learner"] = learners[change["row_key"]][1].registration.learner.full_name
        change["title"] = str(units[change["column"]][1].unit)
    return sorted(changes, key=lambda change: (learners[change["row_key"]][0], units[change["column"]][0]))


def _held(claim: Claim) -> dict[Place, Held]:
    """What the portal holds now, by row key and column; a cell that was never filled in has no row."""
    keys = {row.pk: row.row_key for row in claim_learners(claim)}
    return {
        (keys[learner_id], str(unit_id)): Held(cell.value, cell.version, cell.updated_by_id, cell.updated_at)
        for (learner_id, unit_id), cell in claim_cells(claim).items()
    }


@transaction.atomic
def note_choices(*, actor: Standing, upload: EracUpload, choices: Mapping[str, str]) -> int:
    """Keeps which side shall stand where both changed a cell, and answers how many are still open. Applies nothing.

    `choices` says "workbook" or "portal" by `change_name`; other words and names are passed over. Raises UploadError for
    an upload that no longer waits; otherwise as `lock_for_filling`.
    """
    claim, upload = _lock_upload(actor, upload)
    if upload.state == EracUpload.State.APPLIED:
        return 0
    _refuse_unfit(claim, upload)
    if noted := comparison.note(upload.changes, choices):
        upload.save(update_fields=["changes"])
        record("claim.workbook_choices_noted", actor=actor, target=claim, data={"upload": upload.pk, "cells": noted})
    return len(comparison.open_conflicts(upload.changes))


def apply_upload(*, actor: Standing, upload: EracUpload, choices: Mapping[str, str], rest: str = "") -> int:
    """Stores what a checked workbook changes and answers how many cells; a second time 0.

    Every cell that was changed on both sides needs a choice, "workbook" or "portal": in `choices` by `change_name`, noted
    before by `note_choices`, or `rest` for all the others. Raises UploadError when one has none, when the version has been
    superseded, or when cells changed since the check (the comparison is then brought up to date and shown again); as
    `lock_for_filling` otherwise.
    """
    with transaction.atomic():
        claim, upload = _lock_upload(actor, upload)
        if upload.state == EracUpload.State.APPLIED:
            return 0
        _refuse_unfit(claim, upload)
        outdated = comparison.set_beside(upload.changes, _held(claim), User.objects.in_bulk)
        upload.changes = comparison.not_yet_so(upload.changes)
        if not outdated:
            comparison.settle(upload.changes, choices, rest)
            return _apply(actor, upload)
        upload.save(update_fields=["changes"])
    raise comparison.moved_meanwhile(outdated)


def _lock_upload(actor: Standing, upload: EracUpload) -> tuple[Claim, EracUpload]:
    claim = lock_for_filling(actor, upload.claim_id)
    uploads = EracUpload.objects.select_for_update(of=("self",)).select_related("document")
    return claim, uploads.get(pk=upload.pk)


def _refuse_unfit(claim: Claim, upload: EracUpload) -> None:
    if upload.state != EracUpload.State.CHECKED:
        raise UploadError(_("This upload was refused or discarded. Upload the workbook again."))
    if late := late_findings(claim):
        raise UploadError(" ".join(f"{finding.what} {finding.fix}" for finding in late))
    current = current_document(claim)
    if current is None or upload.document_id != current.pk:
        raise UploadError(_("A newer version of the workbook was issued meanwhile. Download it, and upload that one."))


def _apply(actor: Standing, upload: EracUpload) -> int:
    wanted = comparison.to_store(upload.changes)
    results = save_cells(
        actor=actor,
        claim_id=upload.claim_id,
        cells=[CellInput(c["row_key"], c["column"], c["after"], version=str(c["version"])) for c in wanted],
    )
    refused = next((result for result in results if result.status != "saved"), None)
    if refused is not None:
        raise UploadError(refused.message)
    upload.state, upload.applied_at = EracUpload.State.APPLIED, timezone.now()
    upload.save(update_fields=["state", "applied_at", "changes"])
    facts = {"upload": upload.pk, "cells": len(wanted), "kept": len(upload.changes) - len(wanted)}
    record("claim.workbook_applied", actor=actor, target=upload.claim, data=facts)
    return len(wanted)


@transaction.atomic
def discard_upload(*, actor: Standing, upload: EracUpload) -> None:
    """Leaves a checked workbook aside; nothing of it is stored. Harmless when it was applied already."""
    claim = lock_for_filling(actor, upload.claim_id)
    waiting = EracUpload.objects.filter(pk=upload.pk, state=EracUpload.State.CHECKED)
    if waiting.update(state=EracUpload.State.DISCARDED):
        record("claim.workbook_discarded", actor=actor, target=claim, data={"upload": upload.pk})
