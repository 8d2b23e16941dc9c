"""Writes about jobs: ask for one, run one, cancel one, find the ones whose worker is gone."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from kombu.exceptions import OperationalError as BrokerError

from awarding.accounts.standing import Actor, Process
from awarding.audit.services import record
from awarding.jobs.models import Job, JobState
from awarding.jobs.progress import JobCancelledError, Progress
from awarding.jobs.registry import find_handler
from awarding.tenancy.models import AwardingOrganisation
from awarding.tenancy.scope import open_scope

log = logging.getLogger(__name__)
LOST_AFTER = timedelta(minutes=3)
QUEUED_AGAIN_AFTER = timedelta(seconds=45)
MAX_ATTEMPTS = 5
# First half of the advisory lock's key; the second half is the job's id.
LOCK_SPACE = 7301


def start_job(
    *,
    actor: Actor,
    kind: str,
    title: str,
    key: str,
    parameters: dict[str, Any],
    centre_id: int | None = None,
    back_to: str = "",
) -> Job:
    """Queues a piece of long work once the transaction commits; asking again while it is open answers the same job.

    A broker that is away loses nothing: the row is there, and the sweep queues it when the broker is back.
    """
    open_one = Job.objects.filter(key=key, state__in=[JobState.QUEUED, JobState.RUNNING]).first()
    if open_one is not None:
        return open_one
    try:
        with transaction.atomic():
            job = Job.objects.create(
                kind=kind,
                title=title,
                key=key,
                parameters=parameters,
                centre_id=centre_id,
                back_to=back_to,
                started_by=actor.person,
            )
            record("job.queued", actor=actor, target=job, data={"kind": kind, "parameters": parameters})
    except IntegrityError:
        # Two asked at the same instant: the other's job is this one.
        return Job.objects.get(key=key, state__in=[JobState.QUEUED, JobState.RUNNING])
    transaction.on_commit(lambda: send_to_queue(job.ao_id, job.pk))
    return job


def send_to_queue(ao_id: int, job_id: int) -> None:
    """Hands the job to Celery; when the broker cannot be reached the sweep will."""
    from awarding.jobs.tasks import run_job  # the task module imports this one

    try:
        run_job.delay(ao_id, job_id)
    except (BrokerError, OSError) as error:
        log.warning("Job %s stays queued until the broker is back: %s", job_id, error)


def perform_job(ao: AwardingOrganisation, job_id: int) -> None:
    """Runs one job to its end, unless it is finished or another worker has it. Never raises for the job's own faults.

    The advisory lock belongs to the database session: a killed worker lets go of it at once.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCK_SPACE, job_id])
        if not cursor.fetchone()[0]:
            return
    try:
        job = _begin(ao, job_id)
        if job is not None:
            _carry_out(job)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCK_SPACE, job_id])


def _begin(ao: AwardingOrganisation, job_id: int) -> Job | None:
    with open_scope(ao):
        job = Job.objects.select_for_update(of=("self",)).select_related("ao", "started_by").filter(pk=job_id).first()
        if job is None or not job.is_open:
            return None
        now = timezone.now()
        job.attempts += 1
        job.heartbeat_at = now
        job.started_at = job.started_at or now
        job.state = JobState.RUNNING
        if job.attempts > MAX_ATTEMPTS:
            job.state, job.finished_at = JobState.FAILED, now
            job.fault = _("The worker stopped %(n)s times while doing this. Ask for it again, or tell support.") % {
                "n": MAX_ATTEMPTS
            }
        job.save()
        return job if job.is_open else None


def _carry_out(job: Job) -> None:
    progress = Progress(job)
    try:
        result = find_handler(job.kind)(job, progress)
        progress.finish()
    except JobCancelledError:
        _end(job, JobState.CANCELLED)
    except Exception as error:
        # The person sees a sentence; the log has the rest.
        log.exception("Job %s (%s) failed", job.pk, job.kind)
        _end(job, JobState.FAILED, fault=_fault_text(error))
    else:
        _end(job, JobState.SUCCEEDED, result=result)


class JobFaultError(Exception):
    """A fault of a job whose text is written for the person who started it."""


def _fault_text(error: Exception) -> str:
    if isinstance(error, JobFaultError) or settings.DEBUG:
        return str(error)
    return _("Something went wrong on our side; nothing half-done was kept. Ask for it again, or tell support.")


def _end(job: Job, state: JobState, *, result: dict[str, Any] | None = None, fault: str = "") -> None:
    with open_scope(job.ao):
        job = Job.objects.select_for_update(of=("self",)).get(pk=job.pk)
        if not job.is_open:
            return
        facts = dict(result or {})
        job.result_file_id = facts.pop("file", None)
        job.state, job.result, job.fault, job.finished_at = state, facts, fault, timezone.now()
        job.save()
        record(f"job.{state.value}", actor=Process("jobs"), target=job, data={"kind": job.kind})


def cancel_job(*, actor: Actor, job: Job) -> None:
    """Asks a running job to stop at its next step, or takes a queued one out of the queue."""
    with transaction.atomic():
        job = Job.objects.select_for_update(of=("self",)).get(pk=job.pk)
        if job.state == JobState.QUEUED:
            job.state, job.finished_at = JobState.CANCELLED, timezone.now()
        elif job.state == JobState.RUNNING:
            job.cancel_asked_at = timezone.now()
        else:
            return
        job.save()
        record("job.cancel_asked", actor=actor, target=job)


def requeue_lost_jobs(ao: AwardingOrganisation) -> list[int]:
    """Queues again what never reached a worker and what lost its worker. Answers the job ids."""
    now = timezone.now()
    with open_scope(ao):
        waiting = Job.objects.filter(state=JobState.QUEUED, queued_at__lt=now - QUEUED_AGAIN_AFTER)
        orphaned = Job.objects.filter(state=JobState.RUNNING, heartbeat_at__lt=now - LOST_AFTER)
        ids = [*waiting.values_list("pk", flat=True), *orphaned.values_list("pk", flat=True)]
        Job.objects.filter(pk__in=ids, state=JobState.QUEUED).update(queued_at=now)
    for job_id in ids:
        send_to_queue(ao.pk, job_id)
    return ids
