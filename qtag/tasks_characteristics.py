"""The jobs that check and load a large file of learners' groups. Their results are counts: the AO sees all of its jobs."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from awarding.accounts.queries import find_standing
from awarding.accounts.standing import PermissionMissingError, Standing
from awarding.jobs.models import Job
from awarding.jobs.progress import Progress
from awarding.jobs.registry import job_handler
from awarding.jobs.services import JobFaultError
from awarding.tenancy.scope import open_scope
from qtag.models import CharacteristicUpload
from qtag.services.characteristic_uploads import CHECK_JOB, LOAD_JOB, check_characteristics, load_upload


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
