"""A file of learners' groups as it comes in through the page: checked, shown, loaded, and its bytes erased (SNS-08)."""

from __future__ import annotations

from typing import IO, Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Actor, Process, Standing
from awarding.audit.services import record
from awarding.files.services import erase_file, store_file
from awarding.files.serving import open_stored
from awarding.jobs.services import start_job
from awarding.spreadsheets.limits import UnsafeFileError
from awarding.spreadsheets.uploads import INLINE_BYTES, KEPT_FAULTS, read_at_once
from awarding.workflow.services import StalePageError
from centres.models import Centre
from qtag.models import CharacteristicUpload
from qtag.services.characteristics import load_characteristics, read_characteristics
from qtag.services.history import HistoryReport

State = CharacteristicUpload.State
CHECK_JOB, LOAD_JOB = "characteristics.check", "characteristics.load"
PURPOSE = "characteristics"
INLINE_ROWS = 2000


@transaction.atomic
def receive_characteristics(
    *, actor: Standing, centre: Centre, name: str, content: bytes | IO[bytes] | Any, back_to: str
) -> CharacteristicUpload:
    """Stores the file and checks it: at once if it is small, as a job otherwise. Nothing of it is loaded.

    One file of a centre waits at a time: what nobody loaded before is discarded. `back_to` is the address of the upload's
    page with `{id}` for its id. Raises PermissionMissingError.
    """
    actor.require(Permission.CHARACTERISTICS_MANAGE, centre.pk)
    for earlier in CharacteristicUpload.objects.filter(centre=centre, state__in=[State.RECEIVED, State.CHECKED]):
        discard_characteristics(actor=actor, upload=earlier)
    stored = store_file(actor=actor, purpose=PURPOSE, name=name, content=content, media_type="application/octet-stream")
    upload = CharacteristicUpload.objects.create(centre=centre, file=stored, uploaded_by=actor.person)
    record("characteristics.received", actor=actor, target=upload)
    if stored.size > INLINE_BYTES or not _check_at_once(upload, actor):
        # The title names no file: the AO sees that there is a job, and nothing of what it reads.
        upload.job = start_job(
            actor=actor, kind=CHECK_JOB, title=_("Check of learners’ groups"), key=f"{CHECK_JOB}:{upload.pk}",
            parameters={"upload": upload.pk}, back_to=back_to.replace("{id}", str(upload.pk)),
        )  # fmt: skip
        upload.save(update_fields=["job"])
    return upload


def _check_at_once(upload: CharacteristicUpload, actor: Actor) -> bool:
    """Checks the upload now; False when it turned out larger than it looked."""
    try:
        table = read_at_once(read_characteristics, upload.file, INLINE_ROWS)
    except UnsafeFileError as error:
        _refuse(upload, f"{error.message} {error.fix}")
        return True
    if table is None:
        return False
    _note(upload, load_characteristics(actor=actor, centre=upload.centre, table=table, dry_run=True))
    return True


@transaction.atomic
def check_characteristics(*, actor: Actor, upload: CharacteristicUpload) -> CharacteristicUpload:
    """The load rolled back, its counts and faults noted. An upload that is past its check is left alone."""
    if upload.state == State.RECEIVED:
        try:
            table = read_characteristics(open_stored(upload.file))
        except UnsafeFileError as error:
            _refuse(upload, f"{error.message} {error.fix}")
            return upload
        _note(upload, load_characteristics(actor=actor, centre=upload.centre, table=table, dry_run=True))
    return upload


@transaction.atomic
def start_characteristics_load(*, actor: Standing, upload: CharacteristicUpload, back_to: str) -> CharacteristicUpload:
    """Loads the good rows: at once if they are few, as a job otherwise; asked again it loads nothing twice.

    Raises PermissionMissingError; StalePageError for an upload that was discarded or refused, or has nothing to load.
    """
    upload = _locked(upload)
    actor.require(Permission.CHARACTERISTICS_MANAGE, upload.centre_id)
    if upload.state in (State.LOADING, State.LOADED) and not upload.waits_for_load:
        return upload
    if not upload.waits_for_load:
        raise StalePageError(_("This file can no longer be loaded. Upload it again."))
    if not upload.has_rows_to_load:
        raise StalePageError(_("There is nothing new to load in this file."))
    upload.state = State.LOADING
    upload.save(update_fields=["state"])
    if upload.counts["read"] <= INLINE_ROWS and upload.file.size <= INLINE_BYTES:
        return load_upload(actor=actor, upload=upload)
    upload.job = start_job(
        actor=actor, kind=LOAD_JOB, title=_("Load of learners’ groups"), key=f"{LOAD_JOB}:{upload.pk}",
        parameters={"upload": upload.pk}, back_to=back_to,
    )  # fmt: skip
    upload.save(update_fields=["job"])
    return upload


@transaction.atomic
def load_upload(*, actor: Actor, upload: CharacteristicUpload) -> CharacteristicUpload:
    """Loads an upload in state `loading`: groups and the upload's new state together, or neither. Erases the file."""
    upload = _locked(upload)
    if upload.state != State.LOADING:
        return upload
    report = load_characteristics(
        actor=actor, centre=upload.centre, table=read_characteristics(open_stored(upload.file))
    )
    _note(upload, report, State.LOADED)
    _settle(upload)
    return upload


@transaction.atomic
def discard_characteristics(*, actor: Standing, upload: CharacteristicUpload) -> CharacteristicUpload:
    """Sets a file aside and erases it. Raises PermissionMissingError, StalePageError when it is loaded or loading."""
    upload = _locked(upload)
    actor.require(Permission.CHARACTERISTICS_MANAGE, upload.centre_id)
    if upload.state in (State.LOADING, State.LOADED):
        raise StalePageError(_("This file is loaded already. Remove what it said under “Remove what is recorded”."))
    if upload.state != State.DISCARDED:
        upload.state = State.DISCARDED
        _settle(upload)
        record("characteristics.discarded", actor=actor, target=upload)
    return upload


@transaction.atomic
def erase_forgotten_upload(*, actor: Process, upload: CharacteristicUpload) -> CharacteristicUpload:
    """Sets aside and erases a file that nobody loaded or discarded (SNS-08); one that is being worked on is left alone."""
    upload = _locked(upload)
    if not upload.is_settled and not upload.is_working:
        upload.state = State.DISCARDED
        _settle(upload)
        record("characteristics.discarded", actor=actor, target=upload)
    return upload


def _locked(upload: CharacteristicUpload) -> CharacteristicUpload:
    rows = CharacteristicUpload.objects.select_for_update(of=("self",)).select_related("file", "centre", "job")
    return rows.get(pk=upload.pk)


def _note(upload: CharacteristicUpload, report: HistoryReport, state: str = State.CHECKED) -> None:
    faults = report.faults
    upload.state, upload.counts = state, report.counts | {"faults": len(faults)}
    upload.faults = [fault.as_dict() for fault in faults[:KEPT_FAULTS]]
    if report.table.faults.file_errors:
        _refuse(upload, " ".join(f"{one.message} {one.fix}" for one in report.table.faults.file_errors))
        return
    upload.save(update_fields=["state", "counts", "faults"])


def _refuse(upload: CharacteristicUpload, why: str) -> None:
    upload.state, upload.refusal = State.REFUSED, why
    _settle(upload)


def _settle(upload: CharacteristicUpload) -> None:
    """Nothing is kept that would say what a learner's group is: neither the bytes nor the values of faulty cells."""
    upload.faults = [_without_value(fault) for fault in upload.faults]
    upload.settled_at = timezone.now()
    upload.save()
    erase_file(upload.file)


def _without_value(fault: dict[str, Any]) -> dict[str, Any]:
    """The fault without what its cell said, in its words too, which may quote it."""
    value = fault["value"]
    texts = {name: fault[name].replace(value, "…") if value else fault[name] for name in ("message", "fix")}
    return fault | texts | {"value": ""}
