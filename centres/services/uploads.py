"""An uploaded file of registrations, from receipt to load."""

from __future__ import annotations

from typing import IO, Any

from django.core.files.base import File
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Actor, Standing
from awarding.audit.services import record
from awarding.files.services import store_file
from awarding.files.serving import open_stored
from awarding.jobs.services import start_job
from awarding.spreadsheets.faults import Fault
from awarding.spreadsheets.faults_workbook import faults_workbook
from awarding.spreadsheets.limits import Limits, UnsafeFileError
from awarding.spreadsheets.uploads import INLINE_BYTES, KEPT_FAULTS, read_at_once
from awarding.workflow.services import StalePageError
from centres.models import Centre, RegistrationUpload
from centres.services.registrations import (
    CentreClosedError,
    ImportReport,
    import_registrations,
    read_registrations,
    refuse_closed,
)

State = RegistrationUpload.State
INLINE_ROWS = 500
CHECK_JOB = "centres.check_registrations"
LOAD_JOB = "centres.load_registrations"


class NothingToLoadError(Exception):
    """No row of the upload can be loaded; the text says what to do instead."""


def receive_upload(
    *, actor: Standing, centre: Centre, name: str, content: bytes | IO[bytes] | File, back_to: str = ""
) -> RegistrationUpload:
    """Stores the file and checks it: at once if it is small, as a job otherwise. Nothing of it is loaded.

    Answers the upload as `checked`, `refused`, or `received` while the job runs. `back_to` is the address that the job's
    page leads back to, with `{id}` for the upload's id. Raises PermissionMissingError, CentreClosedError.
    """
    actor.require(Permission.REGISTRATIONS_IMPORT, centre.pk)
    refuse_closed(centre)
    with transaction.atomic():
        stored = store_file(
            actor=actor, purpose="registrations", name=name, content=content, media_type="application/octet-stream"
        )
        upload = RegistrationUpload.objects.create(centre=centre, file=stored, uploaded_by=actor.person)
        record("registration_upload.received", actor=actor, target=upload, data={"file": stored.name})
        if stored.size <= INLINE_BYTES and _check_at_once(upload, actor):
            return upload
        upload.job = start_job(
            actor=actor,
            kind=CHECK_JOB,
            title=_("Check of %(file)s") % {"file": stored.name[:150]},
            key=f"{CHECK_JOB}:{upload.pk}",
            parameters={"upload": upload.pk},
            centre_id=centre.pk,
            back_to=back_to.replace("{id}", str(upload.pk)),
        )
        upload.save(update_fields=["job"])
    return upload


def _check_at_once(upload: RegistrationUpload, actor: Standing) -> bool:
    """Checks the upload now; False when it turned out larger than it looked."""
    try:
        table = read_at_once(read_registrations, upload.file, INLINE_ROWS)
    except UnsafeFileError as error:
        _refuse(upload, error)
        return True
    if table is None:
        return False
    note_check(upload=upload, report=import_registrations(actor=actor, centre=upload.centre, table=table, dry_run=True))
    return True


def check_upload(*, actor: Actor, upload: RegistrationUpload, limits: Limits | None = None) -> RegistrationUpload:
    """The real import rolled back, its counts and faults noted. Running it again gives the same. Reads the file outside
    any lock. An upload that is past its check is left alone."""
    if upload.state != State.RECEIVED:
        return upload
    try:
        table = read_registrations(open_stored(upload.file), limits=limits)
    except UnsafeFileError as error:
        _refuse(upload, error)
        return upload
    try:
        report = import_registrations(actor=actor, centre=upload.centre, table=table, dry_run=True)
    except CentreClosedError as error:
        upload.state, upload.refusal = State.REFUSED, str(error)
        upload.save(update_fields=["state", "refusal"])
        return upload
    note_check(upload=upload, report=report)
    return upload


def note_check(*, upload: RegistrationUpload, report: ImportReport) -> None:
    """Writes what a check found to the upload."""
    _note(upload, report)
    upload.state = State.CHECKED
    if report.table.faults.file_errors:
        upload.state = State.REFUSED
        upload.refusal = " ".join(f"{f.message} {f.fix}" for f in report.table.faults.file_errors)
    upload.save(update_fields=["state", "counts", "faults", "refusal"])


def _note(upload: RegistrationUpload, report: ImportReport) -> None:
    faults = report.faults
    warnings = sum(fault.severity == "warning" for fault in faults)
    upload.counts = report.counts | {"faults": len(report.table.faults), "warnings": warnings}
    upload.faults = [fault.as_dict() for fault in faults[:KEPT_FAULTS]]


def _refuse(upload: RegistrationUpload, error: UnsafeFileError) -> None:
    upload.state, upload.refusal = State.REFUSED, f"{error.message} {error.fix}"
    upload.faults = [Fault("", "", error.code, "", error.message, error.fix).as_dict()]
    upload.counts = {"read": 0, "loaded": 0, "updated": 0, "unchanged": 0, "refused": 0, "faults": 1, "warnings": 0}
    upload.save(update_fields=["state", "refusal", "faults", "counts"])


@transaction.atomic
def start_load(*, actor: Standing, upload: RegistrationUpload, back_to: str = "") -> RegistrationUpload:
    """Loads the good rows: at once if there are few, as a job otherwise.

    Asked again while it loads or when it has loaded, it answers the upload and loads nothing twice; a load whose job
    failed begins anew. Raises
    PermissionMissingError; StalePageError for an upload that was discarded or refused meanwhile; NothingToLoadError.
    """
    upload = RegistrationUpload.objects.select_for_update(of=("self",)).select_related("file", "centre__establishment").get(
        pk=upload.pk
    )  # fmt: skip
    actor.require(Permission.REGISTRATIONS_IMPORT, upload.centre_id)
    if upload.state in (State.LOADING, State.LOADED) and not upload.waits_for_load:
        return upload
    if not upload.waits_for_load:
        raise StalePageError(
            _("This upload is “%(state)s”: it can no longer be loaded. Upload the file again.")
            % {"state": upload.get_state_display()}
        )
    if not upload.has_rows_to_load:
        raise NothingToLoadError(_("There is nothing new to load in this file."))
    upload.state = State.LOADING
    upload.save(update_fields=["state"])
    if upload.counts["read"] <= INLINE_ROWS and upload.file.size <= INLINE_BYTES:
        return load_upload(actor=actor, upload=upload)
    upload.job = start_job(
        actor=actor,
        kind=LOAD_JOB,
        title=_("Load of %(file)s") % {"file": upload.file.name[:150]},
        key=f"{LOAD_JOB}:{upload.pk}",
        parameters={"upload": upload.pk},
        centre_id=upload.centre_id,
        back_to=back_to,
    )
    upload.save(update_fields=["job"])
    return upload


@transaction.atomic
def load_upload(*, actor: Actor, upload: RegistrationUpload, table: Any = None) -> RegistrationUpload:
    """Does the load of an upload in state `loading`, in one transaction: registrations and the upload's new state
    together, or neither. Every check is made anew: what changed since the preview counts. `table` if it is read already.
    """
    upload = RegistrationUpload.objects.select_for_update(of=("self",)).select_related("file", "centre__establishment").get(
        pk=upload.pk
    )  # fmt: skip
    if upload.state != State.LOADING:
        return upload
    table = table or read_registrations(open_stored(upload.file))
    report = import_registrations(actor=actor, centre=upload.centre, table=table)
    previewed = {key: upload.counts.get(key) for key in ("loaded", "updated", "unchanged", "refused")}
    _note(upload, report)
    upload.counts["previewed"] = previewed
    upload.state, upload.loaded_at = State.LOADED, timezone.now()
    upload.save(update_fields=["state", "counts", "faults", "loaded_at"])
    record("registration_upload.loaded", actor=actor, target=upload, data=report.counts)
    return upload


@transaction.atomic
def release_upload(*, upload: RegistrationUpload) -> None:
    """Puts an upload whose load failed back to `checked`, so that it can be tried again."""
    RegistrationUpload.objects.filter(pk=upload.pk, state=State.LOADING).update(state=State.CHECKED)


@transaction.atomic
def discard_upload(*, actor: Standing, upload: RegistrationUpload) -> RegistrationUpload:
    """Sets an upload aside that shall not be loaded. Raises StalePageError when it is loaded or loading."""
    upload = RegistrationUpload.objects.select_for_update(of=("self",)).get(pk=upload.pk)
    actor.require(Permission.REGISTRATIONS_IMPORT, upload.centre_id)
    if upload.state in (State.LOADING, State.LOADED):
        raise StalePageError(
            _("This upload is “%(state)s” already and cannot be discarded.") % {"state": upload.get_state_display()}
        )
    if upload.state != State.DISCARDED:
        upload.state = State.DISCARDED
        upload.save(update_fields=["state"])
        record("registration_upload.discarded", actor=actor, target=upload)
    return upload


def rows_to_mend(*, actor: Standing, upload: RegistrationUpload) -> bytes:
    """The faulty rows of an upload as a workbook with the reasons in a last column, made anew from the file.

    For a loaded upload the rows are judged against what is stored now. Writes nothing. Raises UnsafeFileError.
    """
    from centres.services.plan import make_plan

    actor.require(Permission.REGISTRATIONS_IMPORT, upload.centre_id)
    table = read_registrations(open_stored(upload.file))
    make_plan(upload.centre, table, today=timezone.localdate())
    return faults_workbook(table)
