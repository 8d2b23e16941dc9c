"""Which function does which kind of job."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from awarding.jobs.models import Job
from awarding.jobs.progress import Progress

Handler = Callable[[Job, Progress], dict[str, Any]]
HANDLERS: dict[str, Handler] = {}


class UnknownJobKindError(LookupError):
    """No function is registered for this kind of job."""


def job_handler(kind: str) -> Callable[[Handler], Handler]:
    """Registers the body of a kind of job. Put handlers in an app's tasks.py, which Celery imports.

    A handler runs outside any transaction, with no scope open: it opens `open_scope(job.ao)` for each step, so that what is
    done stays done when it is killed; and it may be run again from the start at any time, so each step first looks at
    what is already there. It reports through `progress` and answers the job's result as JSON; the key "file" may hold
    the id of a StoredFile.
    """

    def register(handler: Handler) -> Handler:
        HANDLERS[kind] = handler
        return handler

    return register


def find_handler(kind: str) -> Handler:
    if kind not in HANDLERS:
        raise UnknownJobKindError(kind)
    return HANDLERS[kind]
