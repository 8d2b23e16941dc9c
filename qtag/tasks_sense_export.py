"""The job that writes a workbook of comparisons."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from awarding.accounts.queries import find_standing
from awarding.accounts.roles import Permission
from awarding.jobs.models import Job
from awarding.jobs.progress import Progress
from awarding.jobs.registry import job_handler
from awarding.jobs.services import JobFaultError
from awarding.tenancy.scope import open_scope
from qtag.services.sense_exports import EXPORT_JOB, Asked, store_comparisons


@job_handler(EXPORT_JOB)
def export(job: Job, progress: Progress) -> dict[str, Any]:
    """What is open, and to whom, is decided now (SNS-01). Run again it writes the file again."""
    progress.start(1)
    with open_scope(job.ao):
        standing = find_standing(job.started_by, job.ao) if job.started_by is not None else None
        if standing is None or standing.reach(Permission.SENSE_VIEW) is not None:
            raise JobFaultError(_("You may no longer see these comparisons."))
        stored, count = store_comparisons(actor=standing, asked=Asked(**job.parameters), job=job)
    progress.advance()
    return {"file": stored.pk, "rows": count}
