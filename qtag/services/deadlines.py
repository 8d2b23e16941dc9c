"""Telling those concerned what is due, once per milestone; setting when they are told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from awarding.accounts.queries import holders
from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from awarding.audit.services import record
from awarding.notices.models import Notice, Urgency
from awarding.notices.services import notify_people
from awarding.tenancy.scope import current_ao
from awarding.workflow.services import ReasonMissingError
from qtag.models import ReminderPlan
from qtag.queries.deadlines import due_reminders
from qtag.queries.submissions import running_adoptions
from qtag.rules.deadlines import LATE
from qtag.services.concerns import raise_concerns

MOST_DAYS = 60
# First half of the advisory lock's key; the second half is the AO's id.
LOCK_SPACE = 7306


@transaction.atomic
def tell_deadlines(today: date) -> int:
    """Sends what is due in the open AO and has not been sent (QTG-10, HOC-03). Answers how many notices were new.

    The notice's key names adoption, matter, centre and milestone: the same message never reaches anybody twice, however
    often or late this runs. Somebody who took over a role since the last run is told, too.
    """
    new = 0
    with connection.cursor() as cursor:  # two runs at once: the second waits, and finds everything told
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK_SPACE, current_ao().pk])
    for adoption in running_adoptions():
        raise_concerns(adoption, today)
        for reminder in due_reminders(adoption, today):
            centre_id = reminder.centre.pk if reminder.centre else None
            told = Notice.objects.filter(key=reminder.key).values("person_id")
            people = list(holders(set(reminder.roles), centre_id).exclude(pk__in=told))
            urgency = Urgency.URGENT if reminder.milestone in (LATE, 0, 1) else Urgency.GENERAL
            new += notify_people(
                people=people, centre_id=centre_id, key=reminder.key, subject=reminder.subject, body=reminder.body,
                url=reminder.url, urgency=urgency,
            )  # fmt: skip
    return new


@transaction.atomic
def set_reminder_days(*, actor: Standing, days: Sequence[int]) -> ReminderPlan:
    """When the AO's centres are reminded: days before a deadline, from 0 to `MOST_DAYS`."""
    actor.require(Permission.QTAGS_TERMS)
    wanted = sorted(set(days), reverse=True)
    if not wanted or wanted[0] > MOST_DAYS or wanted[-1] < 0:
        raise ReasonMissingError(_("Give at least one number of days, from 0 to %(most)d.") % {"most": MOST_DAYS})
    plan, _made = ReminderPlan.objects.select_for_update(of=("self",)).get_or_create(ao=actor.ao)
    plan.days_before, plan.updated_by, plan.updated_at = wanted, actor.person, timezone.now()
    plan.save()
    record("reminder_plan.set", actor=actor, target=plan, data={"days_before": wanted})
    return plan
