"""Workbooks that come back: checked and compared first, applied only when their uploader says so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from awarding.accounts.models import User
from awarding.accounts.standing import Standing
from awarding.audit.services import record
from awarding.files.services import store_file
from awarding.spreadsheets.grid_reader import Grid, check_grid, read_grid
from awarding.spreadsheets.limits import UnsafeFileError
from awarding.ui.grid import CellInput
from mitigations.models import Claim, ClaimCell, EracDocument, EracUpload
from mitigations.queries.claims import visible_claims
from mitigations.queries.documents import current_document, uploaded_before
from mitigations.queries.grid import claim_cells, claim_learners, claim_units
from mitigations.queries.window import late_findings
from mitigations.rules.merge import Merged, merge_cell
from mitigations.services.grid import lock_for_filling, save_cells
from mitigations.workbooks import erac_spec

WORKBOOK, PORTAL = "workbook", "portal"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Change = dict[str, Any]


class UploadError(ValueError):
    """The upload cannot be applied as it is; the text says why and what to do."""


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
    stored = claim_cells(claim)
    mine = uploaded_before(document, upload.uploaded_by)
    changes: list[tuple[tuple[int, int], Change]] = []
    for (row_key, column), value in values.items():
        (down, learner), (across, unit) = learners[row_key], units[column]
        held, _version = _held(stored.get((learner.pk, unit.pk)))
        base = document.base.get(row_key, {}).get(column, "")
        if merge_cell(base=base, held=held, returned=value) == Merged.KEPT:
            continue
        if held and mine.get((row_key, column)) == held:
            # The same person sent this version before and goes on with the same file: they contradict nobody.
            base = held
        change: Change = {
            "row_key": row_key,
            "unit_id": column,
            "learner": learner.registration.learner.full_name,
            "unit": str(unit.unit),
            "before": base,
            "after": value,
            "cell": grid.cells[row_key, column].cell,
        }
        changes.append(((down, across), change))
    ordered = [change for _place, change in sorted(changes, key=lambda item: item[0])]
    _set_beside(claim, ordered)
    return ordered


def _held(cell: ClaimCell | None) -> tuple[str, int]:
    """(value, version) of a cell; one that was never filled in has no row."""
    return (cell.value, cell.version) if cell else ("", 0)


def _set_beside(claim: Claim, changes: list[Change]) -> int:
    """Notes beside each change what the portal holds now, who put it there and when; answers how many had moved.

    A choice that was made of a cell that moved since is forgotten: it was made of something else.
    """
    learners = {row.row_key: row.pk for row in claim_learners(claim)}
    stored = claim_cells(claim)
    moved: list[tuple[Change, ClaimCell | None]] = []
    for change in changes:
        cell = stored.get((learners.get(change["row_key"], 0), int(change["unit_id"])))
        held, version = _held(cell)
        if change.get("version") == version:
            continue
        is_conflict = merge_cell(base=change["before"], held=held, returned=change["after"]) != Merged.TAKEN
        change |= {"version": version, "choice": "", "theirs": held if is_conflict else None}
        moved.append((change, cell))
    people = User.objects.in_bulk({cell.updated_by_id for _change, cell in moved if cell and cell.updated_by_id})
    for change, cell in moved:
        person = people.get(cell.updated_by_id) if cell and cell.updated_by_id else None
        change["theirs_by"] = str(person) if person else ""
        change["theirs_at"] = cell.updated_at.isoformat() if cell else ""
    return len(moved)


def change_name(change: Change) -> str:
    """How a choice names its cell: row key and column."""
    return f"{change['row_key']}:{change['unit_id']}"


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
    noted = 0
    for change in _conflicts(upload):
        choice = choices.get(change_name(change), "")
        if choice in (WORKBOOK, PORTAL) and choice != change.get("choice"):
            change["choice"] = choice
            noted += 1
    if noted:
        upload.save(update_fields=["changes"])
        record("claim.workbook_choices_noted", actor=actor, target=claim, data={"upload": upload.pk, "cells": noted})
    return sum(not change.get("choice") for change in _conflicts(upload))


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
        outdated = _set_beside(claim, upload.changes)
        upload.changes = [change for change in upload.changes if change["theirs"] != change["after"]]
        if not outdated:
            _choose(upload, choices, rest)
            return _apply(actor, upload)
        upload.save(update_fields=["changes"])
    raise UploadError(
        _("Somebody changed %(count)s of these cells in the portal meanwhile. Look at them below and choose again.")
        % {"count": outdated}
    )


def _lock_upload(actor: Standing, upload: EracUpload) -> tuple[Claim, EracUpload]:
    claim = lock_for_filling(actor, upload.claim_id)
    uploads = EracUpload.objects.select_for_update(of=("self",)).select_related("document")
    return claim, uploads.get(pk=upload.pk)


def _conflicts(upload: EracUpload) -> list[Change]:
    return [change for change in upload.changes if change["theirs"] is not None]


def _refuse_unfit(claim: Claim, upload: EracUpload) -> None:
    if upload.state != EracUpload.State.CHECKED:
        raise UploadError(_("This upload was refused or discarded. Upload the workbook again."))
    if late := late_findings(claim):
        raise UploadError(" ".join(f"{finding.what} {finding.fix}" for finding in late))
    current = current_document(claim)
    if current is None or upload.document_id != current.pk:
        raise UploadError(_("A newer version of the workbook was issued meanwhile. Download it, and upload that one."))


def _choose(upload: EracUpload, choices: Mapping[str, str], rest: str) -> None:
    """Settles every conflict, or refuses naming the first that is open."""
    undecided = []
    for change in _conflicts(upload):
        choice = choices.get(change_name(change)) or change.get("choice") or rest
        change["choice"] = choice if choice in (WORKBOOK, PORTAL) else ""
        if not change["choice"]:
            undecided.append(change)
    if not undecided:
        return
    first = _("Choose for %(learner)s, %(unit)s: the workbook’s value or the portal’s.") % {
        "learner": undecided[0]["learner"],
        "unit": undecided[0]["unit"],
    }
    more = len(undecided) - 1
    others = ngettext("%(count)s other cell is open too.", "%(count)s other cells are open too.", more)
    raise UploadError(f"{first} {others % {'count': more}}" if more else first)


def _apply(actor: Standing, upload: EracUpload) -> int:
    wanted = [change for change in upload.changes if change["theirs"] is None or change["choice"] == WORKBOOK]
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
