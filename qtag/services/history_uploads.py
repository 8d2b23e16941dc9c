"""A workbook of earlier results as it comes in through the page: checked by one job, loaded by another.

It has no row of its own, as files of registrations and of learners' groups have (awarding/spreadsheets/uploads.py): the two jobs
hold its state, its faults and its counts, and nothing waits for a centre.
"""

from __future__ import annotations

from typing import IO, Any

from django.db import transaction
from django.utils.translation import gettext as _

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from awarding.files.models import StoredFile
from awarding.files.services import store_file
from awarding.jobs.models import Job, JobState
from awarding.jobs.services import start_job
from awarding.workflow.services import StalePageError
from qtag.queries.history import CHECK_JOB, LOAD_JOB

PURPOSE = "history"
_TYPE = "application/octet-stream"


@transaction.atomic
def receive_history(*, actor: Standing, name: str, content: IO[bytes] | Any, groups: bool, back_to: str) -> Job:
    """Stores the file and asks for its check; nothing of it is loaded yet. Raises PermissionMissingError."""
    actor.require(Permission.SENSE_MANAGE)
    stored = store_file(actor=actor, purpose=PURPOSE, name=name, content=content, media_type=_TYPE)
    return start_job(
        actor=actor, kind=CHECK_JOB, title=_("Check of %(file)s") % {"file": stored.name}, key=f"{CHECK_JOB}-{stored.pk}",
        parameters={"file": stored.pk, "groups": groups}, back_to=back_to,
    )  # fmt: skip


@transaction.atomic
def load_checked_history(*, actor: Standing, check: Job, back_to: str) -> Job:
    """Asks for the load of what was checked; asking twice answers the same job. StalePageError unless it was checked."""
    actor.require(Permission.SENSE_MANAGE)
    if check.kind != CHECK_JOB or check.state != JobState.SUCCEEDED:
        raise StalePageError(_("This file has not been checked. Upload it again."))
    stored = StoredFile.objects.get(pk=check.parameters["file"])
    return start_job(
        actor=actor, kind=LOAD_JOB, title=_("Load of %(file)s") % {"file": stored.name}, key=f"{LOAD_JOB}-{stored.pk}",
        parameters=check.parameters, back_to=back_to,
    )  # fmt: skip
