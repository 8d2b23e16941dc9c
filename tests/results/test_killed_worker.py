"""A worker that is really killed, with the signal nobody can catch, while it makes certificates."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from awarding.files.serving import open_stored
from awarding.jobs.models import Job, JobState
from awarding.tenancy.scope import open_scope
from results.models import Certificate, QualificationResult, UnitResult
from results.services.processing import process_claim
from tests.factories import make_ao
from tests.factories.results import make_verified, run_job

ROOT = Path(__file__).resolve().parents[2]
WORKER = """
import sys, django
django.setup()
import results.tasks
from awarding.jobs.services import perform_job
from awarding.tenancy.queries import find_tenant
perform_job(find_tenant(sys.argv[1]), int(sys.argv[2]))
"""
LEARNERS = 12


def active(ao):
    with open_scope(ao):
        return Certificate.objects.filter(state=Certificate.State.ACTIVE).count()


@pytest.mark.django_db(transaction=True)
def test_clm_14_a_worker_killed_half_way_leaves_nothing_twice_and_nothing_missing():
    ao = make_ao("aim")
    with open_scope(ao):
        scene = make_verified(ao, learners=LEARNERS, units=2)
        job = process_claim(actor=scene.admin, claim=scene.claim)
    command = [sys.executable, "-c", WORKER, ao.slug, str(job.pk)]
    worker = subprocess.Popen(command, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)})
    try:
        give_up = time.monotonic() + 60
        while active(ao) < 2 and worker.poll() is None and time.monotonic() < give_up:
            time.sleep(0.02)
    finally:
        worker.send_signal(signal.SIGKILL)
        worker.wait(30)
    half_way = active(ao)
    assert 2 <= half_way < LEARNERS, "it was to be killed while it worked"
    with open_scope(ao):
        assert Job.objects.get(pk=job.pk).state == JobState.RUNNING
        before = dict(Certificate.objects.filter(state="active").values_list("number", "file__sha256"))
    # The database lets go of a dead worker's lock as soon as it notices that its connection is gone.
    deadline = time.monotonic() + 20
    while run_job(job).state == JobState.RUNNING and time.monotonic() < deadline:
        time.sleep(0.1)
    with open_scope(ao):
        assert Job.objects.get(pk=job.pk).state == JobState.SUCCEEDED
        assert (UnitResult.objects.count(), QualificationResult.objects.count()) == (2 * LEARNERS, LEARNERS)
        made = dict(Certificate.objects.filter(state="active").values_list("number", "file__sha256"))
        assert len(made) == LEARNERS == Certificate.objects.count()
        assert before.items() <= made.items(), "what was made stayed as it was"
        for certificate in Certificate.objects.select_related("file"):
            assert open_stored(certificate.file).startswith(b"%PDF-")
        scene.claim.refresh_from_db()
        assert scene.claim.state == "processed"
