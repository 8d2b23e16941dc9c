"""Workbooks that come back: checked and compared first, applied only when their uploader says so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from awarding.accounts.standing import Standing
from awarding.audit.services import record
from awarding.files.services import store_file
from awarding.spreadsheets.grid_reader import Grid, check_grid, read_grid
from awarding.spreadsheets.limits import UnsafeFileError
from awarding.ui.grid import CellInput
from mitigations.models import Claim, EracDocument, EracUpload
from mitigations.queries.claims import visible_claims
from mitigations.queries.documents import current_document
from mitigations.queries.grid import claim_cells, claim_learners, claim_units
from mitigations.services.grid import lock_for_filling, save_cells
from mitigations.workbooks import erac_spec

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Change = dict[str, Any]


class UploadError(ValueError):
    """The upload cannot be applied as it is; the text says why and what to do."""


@transaction.atomic
def receive_upload(*, actor: Standing, claim_id: int, name: str, content: bytes) -> EracUpload:
    """Keeps a workbook that came back, checks it and compares it with what the portal holds. Changes no cell.

    The answer is `checked` with its changes and faults, or `refused` with the reason: a file that may not be opened, one
    of another claim, or a superseded version, naming the one to use (CLM-02). Raises as `lock_for_filling` does.
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
        values = check_grid(grid, erac_spec(document))
        if not grid.faults.file_errors:
            upload.state = EracUpload.State.CHECKED
            upload.changes = _compare(upload.claim, document, grid, values)
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
    """Why this workbook is not the one to upload here; empty when it is (CLM-02)."""
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
    claim: Claim, document: EracDocument, grid: Grid, values: Mapping[tuple[str, str], str]
) -> list[Change]:  # fmt: skip
    """The cells that the workbook would change. `theirs` is set where the portal's cell changed since it was issued."""
    learners = {row.row_key: row for row in claim_learners(claim)}
    units = {str(unit.pk): unit for unit in claim_units(claim)}
    stored = claim_cells(claim)
    changes: list[Change] = []
    for (row_key, column), value in values.items():
        learner, unit = learners[row_key], units[column]
        cell = stored.get((learner.pk, unit.pk))
        held = cell.value if cell else ""
        base = document.base.get(row_key, {}).get(column, "")
        if value in (base, held):
            continue
        change: Change = {
            "row_key": row_key,
            "unit_id": column,
            "learner": learner.registration.learner.full_name,
            "unit": str(unit.unit),
            "before": base,
            "after": value,
            "cell": grid.cells[row_key, column].cell,
            "theirs": held if held != base else None,
            "version": cell.version if cell else 0,
        }
        changes.append(change)
    order = {key: n for n, key in enumerate(learners)}
    places = {key: n for n, key in enumerate(units)}
    return sorted(changes, key=lambda change: (order[change["row_key"]], places[change["unit_id"]]))


def apply_upload(*, actor: Standing, upload: EracUpload, choices: Mapping[str, str]) -> int:
    """Stores what a checked workbook changes and answers how many cells; a second time 0.

    `choices` says "workbook" or "portal" for every cell that was changed on both sides, by "row key:column". Raises
    UploadError when one is not chosen, when the version has been superseded, or when cells changed since the check (the
    comparison is then brought up to date and shown again); as `lock_for_filling` otherwise.
    """
    with transaction.atomic():
        claim = lock_for_filling(actor, upload.claim_id)
        upload = EracUpload.objects.select_for_update(of=("self",)).select_related("document").get(pk=upload.pk)
        if upload.state == EracUpload.State.APPLIED:
            return 0
        _refuse_unfit(claim, upload)
        outdated = _bring_up_to_date(claim, upload)
        if not outdated:
            return _apply(actor, upload, choices)
        upload.save(update_fields=["changes"])
    raise UploadError(
        _("Somebody changed %(count)s of these cells in the portal meanwhile. Look at them below and choose again.")
        % {"count": outdated}
    )


def _refuse_unfit(claim: Claim, upload: EracUpload) -> None:
    if upload.state != EracUpload.State.CHECKED:
        raise UploadError(_("This upload was refused or discarded. Upload the workbook again."))
    current = current_document(claim)
    if current is None or upload.document_id != current.pk:
        raise UploadError(_("A newer version of the workbook was issued meanwhile. Download it, and upload that one."))


def _bring_up_to_date(claim: Claim, upload: EracUpload) -> int:
    """Compares the noted cells with what is stored now; answers how many had moved."""
    learners = {row.row_key: row.pk for row in claim_learners(claim)}
    stored = claim_cells(claim)
    moved = 0
    for change in upload.changes:
        cell = stored.get((learners[change["row_key"]], int(change["unit_id"])))
        held, version = (cell.value, cell.version) if cell else ("", 0)
        if version != change["version"]:
            moved += 1
            change["version"] = version
            change["theirs"] = held if held != change["before"] else None
    upload.changes = [change for change in upload.changes if change["theirs"] != change["after"]]
    return moved


def _apply(actor: Standing, upload: EracUpload, choices: Mapping[str, str]) -> int:
    wanted = []
    for change in upload.changes:
        choice = choices.get(f"{change['row_key']}:{change['unit_id']}", "")
        if change["theirs"] is not None and choice not in ("workbook", "portal"):
            raise UploadError(
                _("Choose for %(learner)s, %(unit)s: the workbook’s value or the portal’s.")
                % {"learner": change["learner"], "unit": change["unit"]}
            )
        if change["theirs"] is None or choice == "workbook":
            wanted.append(change)
    results = save_cells(
        actor=actor,
        claim_id=upload.claim_id,
        cells=[CellInput(c["row_key"], c["unit_id"], c["after"], version=str(c["version"])) for c in wanted],
    )
    refused = next((result for result in results if result.status != "saved"), None)
    if refused is not None:
        raise UploadError(refused.message)
    upload.state, upload.applied_at = EracUpload.State.APPLIED, timezone.now()
    upload.save(update_fields=["state", "applied_at", "changes"])
    record("claim.workbook_applied", actor=actor, target=upload.claim, data={"upload": upload.pk, "cells": len(wanted)})
    return len(wanted)


@transaction.atomic
def discard_upload(*, actor: Standing, upload: EracUpload) -> None:
    """Leaves a checked workbook aside; nothing of it is stored. Harmless when it was applied already."""
    claim = lock_for_filling(actor, upload.claim_id)
    waiting = EracUpload.objects.filter(pk=upload.pk, state=EracUpload.State.CHECKED)
    if waiting.update(state=EracUpload.State.DISCARDED):
        record("claim.workbook_discarded", actor=actor, target=claim, data={"upload": upload.pk})
