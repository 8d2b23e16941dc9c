"""Jobs: asked for once, run to the end, safe to run twice, told in words when they fail."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connections, transaction
from django.utils import timezone
from kombu.exceptions import OperationalError as QueueError

from awarding.accounts.roles import Role
from awarding.audit.models import AuditRecord
from awarding.jobs import services, tasks
from awarding.jobs.models import Job, JobState
from awarding.jobs.services import LOCK_SPACE, MAX_ATTEMPTS, cancel_job, perform_job, requeue_lost_jobs, start_job
from awarding.tenancy.scope import open_scope
from centres.models import Centre
from tests.factories import make_ao, make_standing
from tests.factories.worker import wait_for

pytestmark = pytest.mark.django_db


@pytest.fixture
def ao():
    return make_ao("aim")


@pytest.fixture
def actor(ao):
    with open_scope(ao):
        return make_standing(ao, Role.AO_ADMIN)


@pytest.fixture
def sent(monkeypatch) -> list[int]:
    """The jobs handed to the queue, instead of a queue."""
    handed: list[int] = []
    monkeypatch.setattr(tasks.run_job, "delay", lambda ao_id, job_id: handed.append(job_id))
    return handed


def ask(ao, actor, kind="test.steps", key="k", **parameters) -> Job:
    with open_scope(ao):
        return start_job(actor=actor, kind=kind, title="Some work", key=key, parameters={"count": 3} | parameters)


def read(ao, job) -> Job:
    with open_scope(ao):
        return Job.objects.select_related("result_file").get(pk=job.pk)


def test_a_job_runs_to_its_end_and_tells_its_result(ao, actor):
    job = ask(ao, actor)
    perform_job(ao, job.pk)
    job = read(ao, job)
    assert (job.state, job.done, job.total, job.result) == (JobState.SUCCEEDED, 3, 3, {"centres": 3})
    assert job.attempts == 1 and job.started_at and job.finished_at
    with open_scope(ao):
        events = AuditRecord.objects.filter(target_id=job.pk, event__startswith="job.")
        assert sorted(events.values_list("event", flat=True)) == ["job.queued", "job.succeeded"]


def test_running_a_finished_job_again_does_nothing(ao, actor):
    job = ask(ao, actor)
    perform_job(ao, job.pk)
    perform_job(ao, job.pk)
    assert read(ao, job).attempts == 1
    with open_scope(ao):
        assert Centre.objects.count() == 3


def test_a_job_that_was_running_when_its_worker_died_goes_on_where_it_was(ao, actor):
    job = ask(ao, actor)
    with open_scope(ao):
        Job.objects.filter(pk=job.pk).update(state=JobState.RUNNING, attempts=1, done=1, total=3)
    perform_job(ao, job.pk)
    job = read(ao, job)
    assert job.state == JobState.SUCCEEDED and job.attempts == 2
    with open_scope(ao):
        assert sorted(Centre.objects.values_list("number", flat=True)) == ["J0", "J1", "J2"]


def test_asking_twice_while_it_is_open_is_the_same_job(ao, actor, sent, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        first, second = ask(ao, actor), ask(ao, actor)
    assert first.pk == second.pk and sent == [first.pk]


def test_asking_again_after_its_end_is_a_new_job(ao, actor):
    first = ask(ao, actor)
    perform_job(ao, first.pk)
    assert ask(ao, actor).pk != first.pk


def test_nothing_is_queued_for_what_was_rolled_back(ao, actor, sent, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True), pytest.raises(RuntimeError), open_scope(ao):
        start_job(actor=actor, kind="test.steps", title="t", key="k", parameters={})
        raise RuntimeError
    assert sent == []


def test_a_fault_written_for_people_is_shown(ao, actor):
    job = ask(ao, actor, "test.fails_plainly")
    perform_job(ao, job.pk)
    job = read(ao, job)
    assert job.state == JobState.FAILED and job.fault.startswith("Learner 3 has no ULN")


def test_any_other_fault_shows_no_internals(ao, actor):
    job = ask(ao, actor, "test.breaks")
    perform_job(ao, job.pk)
    job = read(ao, job)
    assert job.state == JobState.FAILED and job.fault and "hunter2" not in job.fault


def test_an_unknown_kind_fails_instead_of_waiting_for_ever(ao, actor):
    job = ask(ao, actor, "test.nobody_knows")
    perform_job(ao, job.pk)
    assert read(ao, job).state == JobState.FAILED


def test_the_file_of_a_result_hangs_on_the_job(ao, actor):
    job = ask(ao, actor, "test.makes_a_file")
    perform_job(ao, job.pk)
    job = read(ao, job)
    assert job.result_file.name == "results.csv" and "file" not in job.result


def test_a_worker_that_dies_over_and_over_is_told_in_the_end(ao, actor):
    job = ask(ao, actor)
    with open_scope(ao):
        Job.objects.filter(pk=job.pk).update(state=JobState.RUNNING, attempts=MAX_ATTEMPTS)
    perform_job(ao, job.pk)
    job = read(ao, job)
    assert job.state == JobState.FAILED and str(MAX_ATTEMPTS) in job.fault


def test_a_cancelled_job_in_the_queue_never_runs(ao, actor):
    job = ask(ao, actor)
    with open_scope(ao):
        cancel_job(actor=actor, job=job)
    perform_job(ao, job.pk)
    assert read(ao, job).state == JobState.CANCELLED
    with open_scope(ao):
        assert not Centre.objects.exists()


def test_a_running_job_stops_at_its_next_step_and_keeps_what_it_did(ao, actor, monkeypatch):
    from awarding.jobs import progress

    monkeypatch.setattr(progress, "WRITE_EVERY_SECONDS", 0)
    job = ask(ao, actor)
    works = services.find_handler("test.steps")

    def cancelled_in_between(running, reports):
        with open_scope(ao):
            cancel_job(actor=actor, job=running)
        return works(running, reports)

    monkeypatch.setattr(services, "find_handler", lambda kind: cancelled_in_between)
    perform_job(ao, job.pk)
    assert read(ao, job).state == JobState.CANCELLED


def test_cancelling_a_finished_job_changes_nothing(ao, actor):
    job = ask(ao, actor)
    perform_job(ao, job.pk)
    with open_scope(ao):
        cancel_job(actor=actor, job=job)
    assert read(ao, job).state == JobState.SUCCEEDED


def test_a_queue_that_is_away_loses_no_job(ao, actor, monkeypatch, sent, django_capture_on_commit_callbacks):
    def no_queue(*args):
        raise QueueError("away")

    with monkeypatch.context() as patch:
        patch.setattr(tasks.run_job, "delay", no_queue)
        with django_capture_on_commit_callbacks(execute=True) as callbacks:
            job = ask(ao, actor)
    assert len(callbacks) == 1
    assert read(ao, job).state == JobState.QUEUED
    assert requeue_lost_jobs(ao) == []
    age(ao, job, queued_at=services.QUEUED_AGAIN_AFTER)
    assert requeue_lost_jobs(ao) == [job.pk] and sent[-1] == job.pk


def test_the_sweep_finds_jobs_whose_worker_is_gone_and_leaves_the_living(ao, actor, sent):
    gone, alive = ask(ao, actor, key="gone"), ask(ao, actor, key="alive")
    with open_scope(ao):
        Job.objects.update(state=JobState.RUNNING, heartbeat_at=timezone.now())
    age(ao, gone, heartbeat_at=services.LOST_AFTER)
    tasks.sweep_jobs()
    assert sent == [gone.pk]
    assert read(ao, alive).state == JobState.RUNNING


@pytest.mark.django_db(transaction=True)
def test_two_workers_with_the_same_message_do_it_once():
    """The second finds the first's lock and leaves; nothing is done twice and nothing waits."""
    ao = make_ao("aim")
    with open_scope(ao):
        actor = make_standing(ao, Role.AO_ADMIN)
    with open_scope(ao):
        job = Job.objects.create(
            kind="test.steps", title="t", key="k", parameters={"count": 1}, started_by=actor.person
        )
    other = connections.create_connection("default")
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s, %s)", [LOCK_SPACE, job.pk])
        perform_job(ao, job.pk)
        assert read(ao, job).attempts == 0
    finally:
        other.close()
    # The server lets go of a closed session's lock a moment later.
    wait_for(lambda: perform_job(ao, job.pk) or read(ao, job).state == JobState.SUCCEEDED, 10, "lock given back")
    assert read(ao, job).attempts == 1


def age(ao, job, **fields: timedelta) -> None:
    """Makes a job's times older by a little more than the given spans."""
    with open_scope(ao), transaction.atomic():
        values = {name: timezone.now() - span - timedelta(seconds=5) for name, span in fields.items()}
        Job.objects.filter(pk=job.pk).update(**values)
