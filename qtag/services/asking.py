"""Asking for a run of the sense check as a job."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Actor, Process, Standing
from awarding.jobs.models import Job
from awarding.jobs.services import start_job
from qtag.models import PastResults, Submission
from qtag.queries.differences import has_been_run
from qtag.queries.sense_gate import history_is_open

SENSE_CHECK = "sense_check"
NIGHTLY = Process("nightly sense check")
JUDGED = Process("sense check of a judged group")


def has_history() -> bool:
    """Whether the open AO has any earlier results to compare with."""
    return PastResults.objects.exists()


def ask_for_sense_check(
    *, actor: Actor, whole: bool = False, centres: Sequence[int] | None = None, back_to: str = ""
) -> Job:
    """Queues a run over the open AO: whole, what changed, or some centres. Asking again while one waits answers that one.

    A centre's own people may ask for their centres, not for a whole run. Raises PermissionMissingError.
    """
    if isinstance(actor, Standing) and not actor.can(Permission.SENSE_MANAGE):
        if whole or not centres:
            actor.require(Permission.SENSE_MANAGE)
        for centre_id in centres or ():
            actor.require(Permission.SENSE_EXPLAIN, centre_id)
    wanted = None if centres is None else sorted(set(centres))
    key = "sense-check-whole" if whole else "sense-check"
    if wanted is not None:
        key = f"sense-check-{'-'.join(map(str, wanted))}"[:120]
    return start_job(
        actor=actor, kind=SENSE_CHECK, title=_("Sense check of all centres") if whole else _("Sense check of what changed"),
        key=key, parameters={"whole": whole, "centres": wanted}, back_to=back_to,
    )  # fmt: skip


def compare_once_judged(submission: Submission) -> Job | None:
    """Has a centre compared as soon as the last judgement of a group is recorded, and again once it is submitted.

    Only after the AO has run the check itself: before, there is nothing to compare under. Grades are only read (SNS-10).
    """
    if not has_been_run() or not history_is_open(submission.centre_id, submission.qualification_id):
        return None
    return ask_for_sense_check(actor=JUDGED, centres=[submission.centre_id])
