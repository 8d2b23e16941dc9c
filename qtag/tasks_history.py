"""The jobs that check and load a workbook of earlier results."""

from __future__ import annotations

from typing import Any

from awarding.accounts.standing import Process
from awarding.files.models import StoredFile
from awarding.files.serving import open_stored
from awarding.jobs.models import Job
from awarding.jobs.progress import Progress
from awarding.jobs.registry import job_handler
from awarding.jobs.services import JobFaultError
from awarding.spreadsheets.limits import UnsafeFileError
from awarding.tenancy.scope import open_scope
from qtag.queries.history import CHECK_JOB, LOAD_JOB
from qtag.services.history import load_history, read_history_file

# So many faults are shown; the counts are of all.
KEPT = 200


@job_handler(CHECK_JOB)
def check_history(job: Job, progress: Progress) -> dict[str, Any]:
    """What a load would do, and every fault by its cell; stores nothing."""
    return _done(job, progress, dry_run=True)


@job_handler(LOAD_JOB)
def load_checked(job: Job, progress: Progress) -> dict[str, Any]:
    """Loads the good rows in one transaction. Run again, it finds them there and changes nothing."""
    return _done(job, progress, dry_run=False)


def _done(job: Job, progress: Progress, *, dry_run: bool) -> dict[str, Any]:
    progress.start(2)
    groups = bool(job.parameters["groups"])
    with open_scope(job.ao):
        content = open_stored(StoredFile.objects.get(pk=job.parameters["file"]))
    try:
        table = read_history_file(content, groups=groups)
    except UnsafeFileError as error:
        raise JobFaultError(str(error)) from error
    progress.advance()
    with open_scope(job.ao):
        report = load_history(actor=Process(job.kind), table=table, groups=groups, dry_run=dry_run)
    progress.advance()
    faults = report.faults
    kept = faults[:KEPT]
    return {
        **report.counts,
        "fault_count": len(faults),
        "faults": [f"{one.sheet} {one.cell}: {one.value} – {one.message} {one.fix}" for one in kept],
        "cells": [one.as_dict() for one in kept],
    }
