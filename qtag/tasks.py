"""The clock's and the queue's side of Q-TAGs."""

from __future__ import annotations

from typing import Any

from celery import shared_task
from django.utils import timezone
from django.utils.translation import gettext as _

import qtag.tasks_characteristics  # noqa: F401 - registers the jobs of learners' groups
import qtag.tasks_history  # noqa: F401 - registers the jobs of earlier results
import qtag.tasks_sense_export  # noqa: F401 - registers the job that writes comparisons
from awarding.accounts.standing import Process
from awarding.jobs.models import Job
from awarding.jobs.progress import Progress
from awarding.jobs.registry import job_handler
from awarding.jobs.services import JobFaultError
from awarding.tenancy.models import AwardingOrganisation
from awarding.tenancy.rounds import in_every_ao
from awarding.tenancy.scope import open_scope
from qtag.sense_check.counts import SenseCheckError
from qtag.services.asking import NIGHTLY, SENSE_CHECK, ask_for_sense_check, has_history
from qtag.services.deadlines import tell_deadlines
from qtag.services.sense_run import STEPS, run_sense_check


@shared_task(ignore_result=True)
def check_deadlines() -> None:
    """Every hour (settings): tells centres and AOs what is due or late (QTG-10, HOC-03)."""
    in_every_ao(_tell)


def _tell(ao: AwardingOrganisation) -> None:
    with open_scope(ao):
        tell_deadlines(timezone.localdate())


@job_handler(SENSE_CHECK)
def sense_check(job: Job, progress: Progress) -> dict[str, Any]:
    """One run of the sense check over the job's AO: whole, or what changed. Killed at any instant it left nothing."""
    progress.start(STEPS)
    try:
        run = run_sense_check(
            actor=Process("sense check"), ao=job.ao, whole=bool(job.parameters.get("whole")), job_id=job.pk,
            centres=job.parameters.get("centres"), advance=progress.advance,
        )  # fmt: skip
    except SenseCheckError as error:
        raise JobFaultError(
            _("The settings of the sense check contradict each other: %(why)s") % {"why": error}
        ) from error
    return dict(run.counts)


@shared_task(ignore_result=True)
def check_every_ao() -> None:
    """Every night: a whole run for each AO that has earlier results, as a job of its own."""
    in_every_ao(_check)


def _check(ao: AwardingOrganisation) -> None:
    with open_scope(ao):
        if has_history():
            ask_for_sense_check(actor=NIGHTLY, whole=True)
