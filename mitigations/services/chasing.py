"""Reminding centres that have not answered, at the interval that the AO set; never the same reminder twice."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import DateField, ExpressionWrapper, F, QuerySet
from django.db.models.functions import Coalesce, TruncDate
from django.utils import timezone

from mitigations.models import CentreNotice, DelayQuestion
from mitigations.services.centre_notices import remind_notice
from mitigations.services.delays import remind_question

WAITING = ("sent", "settled")


def _due(rows: QuerySet[Any], every: str, today: dt.date) -> list[int]:
    """Ids of the rows whose last letter is `every` days old or older."""
    last = Coalesce("reminded_on", TruncDate("sent_at", tzinfo=timezone.get_default_timezone()))
    # The database adds days to a date as whole numbers.
    next_on = ExpressionWrapper(last + F(every), output_field=DateField())
    return list(rows.annotate(next_on=next_on).filter(next_on__lte=today).order_by("pk").values_list("pk", flat=True))


def due_notice_ids(today: dt.date) -> list[int]:
    """The notices of open rounds to remind about today, and those that were never sent."""
    rows = CentreNotice.objects.filter(round__superseded_at=None)
    unsent = list(rows.filter(state="made").order_by("pk").values_list("pk", flat=True))
    return unsent + _due(rows.filter(state__in=WAITING), "round__remind_every_days", today)


def due_question_ids(today: dt.date) -> list[int]:
    """The questions about delayed assessments to remind about today."""
    return _due(DelayQuestion.objects.filter(state="asked"), "remind_every_days", today)


@transaction.atomic
def chase_notice(*, notice_id: int, today: dt.date, is_asked_for: bool = False) -> bool:
    """Reminds of one notice if it still waits and is due, or asked for and not written about today; answers whether.

    The row is locked: what somebody else chases at this moment is left to them.
    """
    rows = CentreNotice.objects.select_for_update(of=("self",), skip_locked=True).select_related(
        "round", "ao", "centre"
    )
    notice = rows.filter(pk=notice_id, round__superseded_at=None, state__in=("made", *WAITING)).first()
    if notice is None:
        return False
    if notice.state != "made" and not _is_due(notice, notice.round.remind_every_days, today, is_asked_for):
        return False
    return remind_notice(notice=notice, on=today)


@transaction.atomic
def chase_question(*, question_id: int, today: dt.date) -> bool:
    """Reminds of one question about a delayed assessment if it still waits and is due; answers whether."""
    rows = DelayQuestion.objects.select_for_update(of=("self",), skip_locked=True)
    question = rows.select_related("ao", "centre", "qualification").filter(pk=question_id, state="asked").first()
    if question is None or not _is_due(question, question.remind_every_days, today, is_asked_for=False):
        return False
    return remind_question(question=question, on=today)


def _is_due(row: CentreNotice | DelayQuestion, every: int, today: dt.date, is_asked_for: bool) -> bool:
    last = row.reminded_on or timezone.localdate(row.sent_at)
    if is_asked_for:
        return row.reminded_on is None or row.reminded_on < today
    return last + dt.timedelta(days=every) <= today
