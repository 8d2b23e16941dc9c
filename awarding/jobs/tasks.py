"""The queue's side of jobs."""

from __future__ import annotations

from celery import shared_task

from awarding.jobs.services import perform_job, requeue_lost_jobs
from awarding.tenancy.models import AwardingOrganisation
from awarding.tenancy.rounds import in_every_ao


@shared_task(ignore_result=True)
def run_job(ao_id: int, job_id: int) -> None:
    perform_job(AwardingOrganisation.objects.get(pk=ao_id), job_id)


@shared_task(ignore_result=True)
def sweep_jobs() -> None:
    """Every half minute (settings): jobs whose message or worker was lost are queued again."""
    in_every_ao(requeue_lost_jobs)
