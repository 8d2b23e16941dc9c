"""A real worker on the real queue, killed in the middle."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from awarding.accounts.roles import Role
from awarding.jobs.models import Job, JobState
from awarding.jobs.services import LOST_AFTER, requeue_lost_jobs, start_job
from awarding.tenancy.scope import open_scope
from centres.models import Centre
from tests.factories import make_ao, make_standing
from tests.factories.worker import wait_for

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_worker_killed_in_the_middle_loses_and_repeats_nothing(worker):
    ao = make_ao("aim")
    with open_scope(ao):
        actor = make_standing(ao, Role.AO_ADMIN)
    worker.start()
    with open_scope(ao):
        job = start_job(actor=actor, kind="test.steps", title="Steps", key="k", parameters={"count": 6, "seconds": 0.4})

    def steps_done() -> int:
        with open_scope(ao):
            return Centre.objects.filter(number__startswith="J").count()

    wait_for(lambda: steps_done() >= 2, 30, "two steps done")
    worker.kill()
    at_death = steps_done()
    assert at_death < 6
    with open_scope(ao):
        assert Job.objects.get(pk=job.pk).state == JobState.RUNNING
        # The heartbeat stopped with the worker: as if the time until it counts as lost had passed.
        Job.objects.filter(pk=job.pk).update(heartbeat_at=timezone.now() - LOST_AFTER - timedelta(seconds=1))
    assert requeue_lost_jobs(ao) == [job.pk]
    worker.start()

    def finished() -> bool:
        with open_scope(ao):
            return Job.objects.get(pk=job.pk).state == JobState.SUCCEEDED

    wait_for(finished, 40, "job finished by the second worker")
    with open_scope(ao):
        numbers = sorted(Centre.objects.filter(number__startswith="J").values_list("number", flat=True))
        assert numbers == [f"J{n}" for n in range(6)]
        assert Job.objects.get(pk=job.pk).attempts == 2
