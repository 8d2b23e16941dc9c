"""Reads of jobs: which ones a person may see."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from awarding.jobs.models import Job


def visible_jobs(standing: Standing) -> QuerySet[Job]:
    """One's own jobs; with the permission to see jobs also those of one's centres, or at the AO all. Newest first."""
    rows = Job.objects.select_related("started_by", "centre", "result_file").order_by("-id")
    reach = standing.reach(Permission.JOBS_VIEW)
    if reach is None:
        return rows
    return rows.filter(Q(started_by=standing.person) | Q(centre_id__in=reach))


def can_cancel(standing: Standing, job: Job) -> bool:
    """Who asked for a job may stop it, and so may those who run the AO."""
    is_own = job.started_by_id == standing.person.pk
    return job.is_open and (is_own or standing.can(Permission.AO_SETTINGS))
