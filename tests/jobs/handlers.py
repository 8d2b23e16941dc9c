"""Kinds of job that only the tests know. Each step writes a centre, looking first whether it is there."""

from __future__ import annotations

import time
from typing import Any

from awarding.accounts.standing import Process
from awarding.files.services import store_file
from awarding.jobs.models import Job
from awarding.jobs.progress import Progress
from awarding.jobs.registry import job_handler
from awarding.jobs.services import JobFaultError
from awarding.tenancy.scope import open_scope
from centres.models import Centre
from tests.factories import make_centre


@job_handler("test.steps")
def steps(job: Job, progress: Progress) -> dict[str, Any]:
    """`count` steps of `seconds` each; every step is done once however often the job runs."""
    count = job.parameters["count"]
    progress.start(count)
    for n in range(count):
        with open_scope(job.ao):
            if not Centre.objects.filter(number=f"J{n}").exists():
                make_centre(f"Step {n}", number=f"J{n}")
        time.sleep(job.parameters.get("seconds", 0))
        progress.advance()
    return {"centres": count}


@job_handler("test.fails_plainly")
def fails_plainly(job: Job, progress: Progress) -> dict[str, Any]:
    raise JobFaultError("Learner 3 has no ULN. Add it and ask for this again.")


@job_handler("test.breaks")
def breaks(job: Job, progress: Progress) -> dict[str, Any]:
    raise ValueError("secret internals: password=hunter2")


@job_handler("test.makes_a_file")
def makes_a_file(job: Job, progress: Progress) -> dict[str, Any]:
    with open_scope(job.ao):
        stored = store_file(
            actor=Process("jobs"), purpose="test", name="results.csv", content=b"a,b\n", media_type="text/csv"
        )
    return {"file": stored.pk, "rows": 1, "faults": ["Row 4: no ULN"]}
