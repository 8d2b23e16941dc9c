"""Learners' groups: the jobs that check and load a large file, and the clock that erases what was kept long enough.

A job's result are counts: the AO sees all of its jobs.
"""

from __future__ import annotations

from typing import Any

from celery import shared_task
from django.utils import timezone
from django.utils.translation import gettext as _

from awarding.accounts.queries import find_standing
from awarding.accounts.standing import PermissionMissingError, Process, Standing
from awarding.jobs.models import Job
from awarding.jobs.progress import Progress
from awarding.jobs.registry import job_handler
from awarding.jobs.services import JobFaultError
from awarding.tenancy.models import AwardingOrganisation
from awarding.tenancy.rounds import in_every_ao, one_by_one
from awarding.tenancy.scope import open_scope
from centres.models import Centre
from qtag.models import CharacteristicUpload, LearnerCharacteristic
from qtag.queries.characteristics import forgotten_uploads
from qtag.services.characteristic_uploads import (
    CHECK_JOB,
    LOAD_JOB,
    check_characteristics,
    erase_forgotten_upload,
    load_upload,
)
from qtag.services.characteristics import erase_old_characteristics

_CLOCK = Process("retention of learners’ groups")


@job_handler(CHECK_JOB)
def check(job: Job, progress: Progress) -> dict[str, Any]:
    """What a load would do. Run again it gives the same."""
    return _done(job, progress, check_characteristics)


@job_handler(LOAD_JOB)
def load(job: Job, progress: Progress) -> dict[str, Any]:
    """Loads all good rows or nothing. Run again after it has loaded, it changes nothing."""
    return _done(job, progress, load_upload)


def _done(job: Job, progress: Progress, do: Any) -> dict[str, Any]:
    progress.start(1)
    with open_scope(job.ao):
        found = CharacteristicUpload.objects.select_related("file", "centre").get(pk=job.parameters["upload"])
        try:
            upload = do(actor=_asker(job), upload=found)
        except PermissionMissingError as error:
            raise JobFaultError(_("You may no longer do this here.")) from error
        counts = dict(upload.counts)
    progress.advance()
    # The number of faults under a name of its own: "faults" is what a job's page lists one by one.
    return {name: count for name, count in counts.items() if name != "faults"} | {
        "fault_count": counts.get("faults", 0)
    }


def _asker(job: Job) -> Standing:
    standing = find_standing(job.started_by, job.ao) if job.started_by is not None else None
    if standing is None:
        raise JobFaultError(_("The person who asked for this no longer has a role at the awarding organisation."))
    return standing


@shared_task(ignore_result=True)
def erase_learners_groups() -> None:
    """Every night (settings): erases what was kept long enough, and files that nobody loaded (SNS-08). Twice does no harm."""
    in_every_ao(_erase_of)


def _erase_of(ao: AwardingOrganisation) -> None:
    today, now = timezone.localdate(), timezone.now()

    def erase_at(centre: Centre) -> None:
        with open_scope(ao):
            erase_old_characteristics(actor=_CLOCK, centre=centre, today=today)

    def erase_upload(upload: CharacteristicUpload) -> None:
        with open_scope(ao):
            erase_forgotten_upload(actor=_CLOCK, upload=upload)

    with open_scope(ao):
        known = LearnerCharacteristic.objects.order_by().values("learner__centre_id")
        centres = list(Centre.objects.filter(pk__in=known).order_by("pk"))
        forgotten = list(forgotten_uploads(now))
    one_by_one(erase_at, centres)
    one_by_one(erase_upload, forgotten)
