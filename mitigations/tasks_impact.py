"""The queue's and the clock's side of notices to centres and of delayed assessments; part of `mitigations.tasks`."""

from __future__ import annotations

import datetime as dt
from typing import Any

from celery import shared_task
from django.utils import timezone
from django.utils.translation import gettext as _

from awarding.frameworks.queries import adopted_document
from awarding.jobs.models import Job
from awarding.jobs.progress import Progress
from awarding.jobs.registry import job_handler
from awarding.jobs.services import JobFaultError
from awarding.tenancy.models import AwardingOrganisation
from awarding.tenancy.rounds import in_every_ao
from awarding.tenancy.scope import open_scope
from mitigations.models import CentreNotice, NoticeRound
from mitigations.queries.centre_notices import contents_of, impacted_centre_ids
from mitigations.services.centre_notices import RESEND_JOB, ROUND_JOB, MadeNotice, RoundSupersededError, make_notices
from mitigations.services.chasing import chase_notice, chase_question, due_notice_ids, due_question_ids
from mitigations.workbooks_impact import notice_workbook

# Centres whose notices are read, drawn and stored together: a kill costs at most so many workbooks.
BATCH = 125


@job_handler(ROUND_JOB)
def make_round(job: Job, progress: Progress) -> dict[str, Any]:
    """Makes and sends the notices of a round (MIT-09). May be killed at any instant and run again: each centre has one.

    Result: counts of the notices and of those that have nobody to go to.
    """
    round_id = job.parameters["round"]
    with open_scope(job.ao):
        round_ = NoticeRound.objects.select_related("adoption__framework").get(pk=round_id)
        document = adopted_document(round_.adoption)
        there = set(CentreNotice.objects.filter(round=round_).values_list("centre_id", flat=True))
        waiting = [pk for pk in impacted_centre_ids(document) if pk not in there]
    progress.start(len(there) + len(waiting))
    progress.advance(len(there))
    for start in range(0, len(waiting), BATCH):
        ids = waiting[start : start + BATCH]
        with open_scope(job.ao):
            contents = contents_of(document, ids)
        made = [MadeNotice(one, notice_workbook(one, round_, document.short_title)) for one in contents if one.learners]
        try:
            with open_scope(job.ao):
                make_notices(round_id=round_id, made=made)
        except RoundSupersededError as error:
            raise JobFaultError(_("A newer round was begun; what was left of this one is not sent.")) from error
        progress.advance(len(ids))
    with open_scope(job.ao):
        rows = CentreNotice.objects.filter(round_id=round_id)
        return {"notices": rows.count(), "without_a_quality_contact": rows.filter(state="made").count()}


@job_handler(RESEND_JOB)
def write_again(job: Job, progress: Progress) -> dict[str, Any]:
    """Writes again to the centres chosen (MIT-10). Run twice on one day it writes to nobody twice."""
    ids = job.parameters["notices"]
    progress.start(len(ids))
    today, written = timezone.localdate(), 0
    for pk in ids:
        with open_scope(job.ao):
            written += chase_notice(notice_id=pk, today=today, is_asked_for=True)
        progress.advance()
    return {"written": written, "nobody_to_write_to_or_written_today": len(ids) - written}


@shared_task(ignore_result=True)
def chase_centres() -> None:
    """In working hours (settings): reminds of notices and questions that wait, and sends those that had nobody to go to.

    Safe when it was missed, comes late or runs twice: what is due follows from the day of the last letter, under the
    row's lock (MIT-10, MIT-16).
    """
    in_every_ao(chase_ao)


def chase_ao(ao: AwardingOrganisation, today: dt.date | None = None) -> int:
    """One AO's reminders; answers how many were sent. Each is a transaction of its own."""
    today, sent = today or timezone.localdate(), 0
    with open_scope(ao):
        notices, questions = due_notice_ids(today), due_question_ids(today)
    for pk in notices:
        with open_scope(ao):
            sent += chase_notice(notice_id=pk, today=today)
    for pk in questions:
        with open_scope(ao):
            sent += chase_question(question_id=pk, today=today)
    return sent
