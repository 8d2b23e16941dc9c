"""The checklist as a workbook: issued, taken back, compared, applied when its uploader says so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from awarding.accounts.standing import Standing
from awarding.audit.services import record
from awarding.files.services import store_file
from awarding.frameworks.document import FrameworkDocument
from awarding.frameworks.queries import adopted_document
from awarding.spreadsheets.comparison import UploadError
from awarding.spreadsheets.grid_reader import Grid, check_grid, read_grid
from awarding.spreadsheets.limits import UnsafeFileError
from awarding.spreadsheets.writer import XLSX
from mitigations.models import ChecklistSheet, ChecklistUpload, Claim
from mitigations.queries.checklist import checklist_entries
from mitigations.queries.claims import visible_claims
from mitigations.queries.documents import current_sheet
from mitigations.queries.grid import claim_learners, claim_units
from mitigations.queries.window import late_findings
from mitigations.services.checklist import LineWriter
from mitigations.services.documents import follow_adoption
from mitigations.services.grid import lock_for_filling
from mitigations.workbooks_checklist import AWAY, TEXTS, checklist_spec, line_cells, line_input, line_key, sheet_fields

Cells = dict[str, dict[str, str]]  # {line: {field: text}}
Change = dict[str, Any]


@transaction.atomic
def issue_sheet(*, actor: Standing, claim_id: int) -> ChecklistSheet:
    """A version of the checklist's workbook that holds what the portal holds now, and supersedes earlier ones (CLM-02).

    While nothing has changed since the current version that one is answered. A claim whose framework was adopted anew
    is taken along. Raises as `lock_for_filling`.
    """
    claim = lock_for_filling(actor, claim_id)
    follow_adoption(actor, claim)
    base = {line: cells for line, cells in _held(claim, adopted_document(claim.adoption)).items() if cells}
    current = current_sheet(claim)
    if current is not None and current.base == base and current.adoption_id == claim.adoption_id:
        return current
    now = timezone.now()
    ChecklistSheet.objects.filter(claim=claim, superseded_at=None).update(superseded_at=now)
    last = ChecklistSheet.objects.filter(claim=claim).aggregate(last=Max("version"))["last"] or 0
    sheet = ChecklistSheet.objects.create(
        claim=claim, version=last + 1, adoption_id=claim.adoption_id, base=base, issued_by=actor.person, issued_at=now
    )
    record("claim.checklist_issued", actor=actor, target=claim, data={"version": sheet.version})
    return sheet


def _held(claim: Claim, document: FrameworkDocument) -> Cells:
    """What the portal holds now, as cells of the workbook."""
    entries = checklist_entries(claim)
    learners, units = claim_learners(claim), claim_units(claim)
    return {
        line_key(learner, unit): line_cells(document, entries.get((learner.pk, unit.pk)))
        for learner in learners
        for unit in units
    }


@transaction.atomic
def receive_checklist(*, actor: Standing, claim_id: int, name: str, content: bytes) -> ChecklistUpload:
    """Keeps a checklist workbook that came back, checks it and compares it with what the portal holds. Changes no line.

    The answer is `checked` with its changes and faults, or `refused` with the reason: a file that may not be opened, one
    of another claim, or a superseded version, naming the one to use (CLM-02). Raises as `lock_for_filling` does.
    """
    lock_for_filling(actor, claim_id)  # asked first, so that nobody has files opened for claims that are not theirs
    claim = Claim.objects.select_related("centre", "qualification", "cohort", "ao", "checklist_template").get(
        pk=claim_id
    )
    stored = store_file(actor=actor, purpose="checklist", name=name, content=content, media_type=XLSX)
    upload = ChecklistUpload(claim=claim, file=stored, state=ChecklistUpload.State.REFUSED, uploaded_by=actor.person)
    try:
        grid = read_grid(content)
    except UnsafeFileError as error:
        upload.refusal = f"{error.message} {error.fix}"
    else:
        _examine(actor, upload, grid)
    upload.save()
    facts = {"state": upload.state, "changes": len(upload.changes), "faults": len(upload.faults)}
    record("claim.checklist_uploaded", actor=actor, target=claim, data=facts | {"refusal": upload.refusal})
    return upload


def _examine(actor: Standing, upload: ChecklistUpload, grid: Grid) -> None:
    if not grid.faults.file_errors:
        sheet = ChecklistSheet.objects.filter(key=grid.version).first()
        upload.refusal = _refusal(actor, upload.claim, sheet)
        if upload.refusal:
            return
        current = current_sheet(upload.claim)
        assert current is not None  # noqa: S101 - _refusal has seen it
        upload.sheet = current
        values = check_grid(grid, checklist_spec(current), partial=True)
        if not grid.faults.file_errors:
            upload.state = ChecklistUpload.State.CHECKED
            upload.changes = _compare(upload.claim, current, grid, _sound(grid, current, values))
    upload.faults = [fault.as_dict() | {"row": fault.row} for fault in grid.faults]
    if grid.faults.file_errors:
        upload.refusal = _("The workbook as a whole cannot be used; see what is wrong below. Nothing was changed.")


def _refusal(actor: Standing, claim: Claim, sheet: ChecklistSheet | None) -> str:
    """Why this workbook is not the one to upload here; empty when it is (CLM-02), or why it comes too late (MIT-11)."""
    if late := late_findings(claim):
        return " ".join(f"{finding.what} {finding.fix}" for finding in late)
    if sheet is None:
        return _(
            "This workbook was not issued here as the checklist of eRAC %(number)s. Download the current version and use that."
        ) % {"number": claim.number}
    if sheet.claim_id != claim.pk:
        seen = visible_claims(actor).filter(pk=sheet.claim_id).first()
        whose = _("eRAC %(number)s") % {"number": seen.number} if seen else _("another eRAC")
        words = {"whose": whose, "number": claim.number}
        return _("This checklist belongs to %(whose)s, not to %(number)s. Upload it on its own page.") % words
    current = current_sheet(claim)
    if current is None:
        return _(
            "Version %(version)s is superseded: the framework was adopted anew. Issue a new version, copy your entries into "
            "it, and upload that."
        ) % {"version": sheet.version}
    if current.pk != sheet.pk:
        return _(
            "Version %(version)s is superseded. Use version %(current)s: download it on this page, copy your entries into "
            "it, and upload that."
        ) % {"version": sheet.version, "current": current.version}
    return ""


def _sound(grid: Grid, sheet: ChecklistSheet, values: Mapping[tuple[str, str], str]) -> dict[tuple[str, str], str]:
    """The values without those that say nothing sound; a fault at the cell tells why."""
    sound = dict(values)
    for (line, field), value in values.items():
        most = TEXTS.get(field)
        if most is not None and len(value) > most:
            message = _("The text has %(count)s characters; %(most)s fit.") % {"count": len(value), "most": most}
            grid.fault(line, field, "too_long", message, _("Shorten it."))
            del sound[line, field]
    by_line: Cells = {line: dict(cells) for line, cells in sheet.base.items()}
    for (line, field), value in sound.items():
        by_line.setdefault(line, {})[field] = value
    for line in dict.fromkeys(line for line, _field in values):
        cells = by_line.get(line, {})
        if cells.get(AWAY) and not cells.get("reach_reason"):
            message = _("It is not said why the evidence cannot be reached.")
            grid.fault(line, AWAY, "reason_missing", message, _("Say why, for example “building closed”."))
            sound.pop((line, AWAY), None)
        elif cells.get("reach_reason") and not cells.get(AWAY):
            message = _("There is a reason why the evidence cannot be reached, but “Cannot be reached” is not Yes.")
            grid.fault(line, "reach_reason", "not_away", message, _("Choose Yes there, or clear the reason."))
            sound.pop((line, "reach_reason"), None)
    return sound


def _compare(claim: Claim, sheet: ChecklistSheet, grid: Grid, values: Mapping[tuple[str, str], str]) -> list[Change]:
    """The cells that the workbook would change; `theirs` is set where the portal's changed since it was issued."""
    document = adopted_document(sheet.adoption)
    held = _held(claim, document)
    learners = {row.row_key: row.registration.learner.full_name for row in claim_learners(claim)}
    units = {str(unit.pk): str(unit.unit) for unit in claim_units(claim)}
    titles = {field.key: field.title for field in sheet_fields(document)}
    changes = []
    for (line, field), value in values.items():
        base, now = sheet.base.get(line, {}).get(field, ""), held[line].get(field, "")
        if value in (base, now):
            continue
        row, _colon, column = line.partition(":")
        changes.append(
            {
                "line": line, "field": field, "learner": learners[row], "unit": f"{units[column]}: {titles[field]}",
                "before": base, "after": value, "cell": grid.cells[line, field].cell,
                "theirs": now if now != base else None,
            }
        )  # fmt: skip
    return changes


def apply_checklist(*, actor: Standing, upload: ChecklistUpload, choices: Mapping[str, str]) -> int:
    """Stores what a checked workbook changes and answers how many cells; a second time 0.

    `choices` says "workbook" or "portal" for every cell that was changed on both sides, by "line:field". Raises
    UploadError when one is not chosen, when the version has been superseded, or when cells changed since the check (the
    comparison is then brought up to date and shown again); as `lock_for_filling` otherwise.
    """
    with transaction.atomic():
        claim = lock_for_filling(actor, upload.claim_id)
        upload = ChecklistUpload.objects.select_for_update(of=("self",)).select_related("sheet").get(pk=upload.pk)
        if upload.state == ChecklistUpload.State.APPLIED:
            return 0
        document = _fit(claim, upload)
        held = _held(claim, document)
        outdated = _bring_up_to_date(upload, held)
        if not outdated:
            return _apply(actor, claim, document, upload, held, choices)
        upload.save(update_fields=["changes"])
    raise UploadError(
        _("Somebody changed %(count)s of these cells in the portal meanwhile. Look at them below and choose again.")
        % {"count": outdated}
    )


def _fit(claim: Claim, upload: ChecklistUpload) -> FrameworkDocument:
    if upload.state != ChecklistUpload.State.CHECKED:
        raise UploadError(_("This upload was refused or discarded. Upload the workbook again."))
    if late := late_findings(claim):
        raise UploadError(" ".join(f"{finding.what} {finding.fix}" for finding in late))
    current = current_sheet(claim)
    if current is None or upload.sheet_id != current.pk:
        raise UploadError(_("A newer version of the workbook was issued meanwhile. Download it, and upload that one."))
    return adopted_document(current.adoption)


def _bring_up_to_date(upload: ChecklistUpload, held: Cells) -> int:
    moved = 0
    for change in upload.changes:
        now = held[change["line"]].get(change["field"], "")
        theirs = now if now != change["before"] else None
        if theirs != change["theirs"]:
            moved += 1
            change["theirs"] = theirs
    upload.changes = [change for change in upload.changes if change["theirs"] != change["after"]]
    return moved


def _apply(
    actor: Standing, claim: Claim, document: FrameworkDocument, upload: ChecklistUpload, held: Cells,
    choices: Mapping[str, str],
) -> int:  # fmt: skip
    wanted: Cells = {}
    count = 0
    for change in upload.changes:
        choice = choices.get(f"{change['line']}:{change['field']}", "")
        if change["theirs"] is not None and choice not in ("workbook", "portal"):
            words = {"learner": change["learner"], "unit": change["unit"]}
            raise UploadError(_("Choose for %(learner)s, %(unit)s: the workbook’s value or the portal’s.") % words)
        if change["theirs"] is None or choice == "workbook":
            wanted.setdefault(change["line"], dict(held[change["line"]]))[change["field"]] = change["after"]
            count += 1
    versions = {
        f"{entry.learner.row_key}:{entry.unit_id}": entry.version
        for entry in claim.evidence_entries.select_related("learner")
    }
    lines = [line_input(document, line, cells, versions.get(line, 0)) for line, cells in wanted.items()]
    results = LineWriter(actor, claim).write(lines)
    refused = next((result for result in results if result.status != "saved"), None)
    if refused is not None:
        raise UploadError(refused.message)
    upload.state, upload.applied_at = ChecklistUpload.State.APPLIED, timezone.now()
    upload.save(update_fields=["state", "applied_at", "changes"])
    record("claim.checklist_applied", actor=actor, target=claim, data={"upload": upload.pk, "cells": count})
    return count


@transaction.atomic
def discard_checklist(*, actor: Standing, upload: ChecklistUpload) -> None:
    """Leaves a checked workbook aside; nothing of it is stored. Harmless when it was applied already."""
    claim = lock_for_filling(actor, upload.claim_id)
    waiting = ChecklistUpload.objects.filter(pk=upload.pk, state=ChecklistUpload.State.CHECKED)
    if waiting.update(state=ChecklistUpload.State.DISCARDED):
        record("claim.checklist_discarded", actor=actor, target=claim, data={"upload": upload.pk})
