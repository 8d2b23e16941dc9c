"""The jobs of centres: checking and loading large uploads."""

from __future__ import annotations

from typing import Any

from celery import shared_task
from django.urls import reverse
from django.utils.translation import gettext as _

from awarding.accounts.queries import find_standing
from awarding.accounts.standing import PermissionMissingError, Standing
from awarding.files.serving import open_stored
from awarding.jobs.models import Job
from awarding.jobs.progress import Progress
from awarding.jobs.registry import job_handler
from awarding.jobs.services import JobFaultError
from awarding.notices.services import notify_people
from awarding.spreadsheets.limits import UnsafeFileError
from awarding.tenancy.rounds import in_every_ao
from awarding.tenancy.scope import open_scope
from centres.models import RegistrationUpload
from centres.services.direct_claims import remind_of_monitoring
from centres.services.registrations import CentreClosedError, read_registrations
from centres.services.uploads import CHECK_JOB, LOAD_JOB, check_upload, load_upload, release_upload

# Read, and then checked or stored in one transaction: these are all the steps there are to see.
_STEPS = 2


@shared_task(ignore_result=True)
def remind_of_monitorings() -> None:
    """Every few hours (settings): monitorings of direct claims that are due soon or overdue (CLM-11)."""
    in_every_ao(remind_of_monitoring)


@job_handler(CHECK_JOB)
def check_registrations(job: Job, progress: Progress) -> dict[str, Any]:
    """Checks an upload. Run again it gives the same; an upload that is checked is left alone."""
    progress.start(1)
    with open_scope(job.ao):
        actor, upload = _actor_of(job), _upload_of(job)
        check_upload(actor=actor, upload=upload)
        _tell(job, upload, _("Your file is checked"))
        counts = dict(upload.counts)
    progress.advance()
    return counts


@job_handler(LOAD_JOB)
def load_registrations(job: Job, progress: Progress) -> dict[str, Any]:
    """Loads an upload, all of it or nothing. Run again after it has loaded, it changes nothing."""
    progress.start(_STEPS)
    with open_scope(job.ao):
        upload = _upload_of(job)
        content = open_stored(upload.file) if upload.state == RegistrationUpload.State.LOADING else None
    table = read_registrations(content) if content is not None else None
    progress.advance()
    try:
        with open_scope(job.ao):
            upload = load_upload(actor=_actor_of(job), upload=upload, table=table)
            _tell(job, upload, _("Your registrations are loaded"))
            counts = dict(upload.counts)
    except (CentreClosedError, JobFaultError, PermissionMissingError, UnsafeFileError) as error:
        with open_scope(job.ao):
            release_upload(upload=upload)
        raise JobFaultError(str(error)) from error
    progress.advance()
    return counts


def _actor_of(job: Job) -> Standing:
    """The person who asked for it, with the roles they hold now."""
    standing = find_standing(job.started_by, job.ao) if job.started_by is not None else None
    if standing is None:
        raise JobFaultError(_("The person who asked for this no longer has a role at the awarding organisation."))
    return standing


def _upload_of(job: Job) -> RegistrationUpload:
    return RegistrationUpload.objects.select_related("file", "centre__establishment").get(pk=job.parameters["upload"])


def _tell(job: Job, upload: RegistrationUpload, subject: str) -> None:
    if job.started_by is None:
        return
    counts = upload.counts
    notify_people(
        people=[job.started_by],
        key=f"{job.kind}:{upload.pk}",
        subject=subject,
        body=_("%(file)s: %(loaded)s to load or loaded, %(unchanged)s unchanged, %(refused)s refused.")
        % {"file": upload.file.name, "loaded": counts.get("loaded", 0), "unchanged": counts.get("unchanged", 0),
           "refused": counts.get("refused", 0)},
        url=reverse("centres:upload", kwargs={"ao": job.ao.slug, "upload_id": upload.pk}),
        centre_id=upload.centre_id,
        target=upload,
    )  # fmt: skip
