"""How a running job tells how far it is, and hears that it should stop."""

from __future__ import annotations

import time

from django.db.models import F
from django.utils import timezone

from awarding.jobs.models import Job, JobState
from awarding.tenancy.scope import open_scope

WRITE_EVERY_SECONDS = 0.5


class JobCancelledError(Exception):
    """Somebody asked the job to stop; what is done stays done."""


class Progress:
    """Writes done/total to the job's row, at most twice a second, each time in a short transaction of its own."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self._done = 0
        self._written_at = 0.0

    def start(self, total: int) -> None:
        """Says how many steps there are (and that none is done yet in this run)."""
        self._done = 0
        self._write(done=0, total=total)

    def advance(self, steps: int = 1) -> None:
        """Counts steps as done. Call outside a transaction. Raises JobCancelledError when a stop was asked for."""
        self._done += steps
        if time.monotonic() - self._written_at >= WRITE_EVERY_SECONDS:
            self._write(done=self._done)

    def finish(self) -> None:
        self._write(done=F("total"))

    def _write(self, **values: object) -> None:
        self._written_at = time.monotonic()
        with open_scope(self.job.ao):
            rows = Job.objects.filter(pk=self.job.pk)
            rows.update(heartbeat_at=timezone.now(), **values)
            asked = rows.filter(cancel_asked_at__isnull=False, state=JobState.RUNNING).exists()
        if asked:
            raise JobCancelledError
