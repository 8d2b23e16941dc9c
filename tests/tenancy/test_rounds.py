"""Every round of the clock goes on where one AO fails."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.conf import settings

from awarding.tenancy.rounds import one_by_one
from tests.factories import make_ao

# What each scheduled task asks of every AO. A task that goes over AOs and is not here fails the last test.
ASKS = {
    "centres.tasks.remind_of_monitorings": "remind_of_monitoring",
    "awarding.jobs.tasks.sweep_jobs": "requeue_lost_jobs",
    "awarding.notices.tasks.sweep_notices": "send_waiting_emails",
    "awarding.accounts.tasks.sweep_invitations": "send_waiting_invitations",
    "awarding.enquiries.tasks.remind_overdue": "remind_of_overdue",
    "mitigations.tasks.watch_conditions": "fallen_due",
    "mitigations.tasks.end_appeals": "end_lapsed_appeals",
    "mitigations.tasks_impact.chase_centres": "chase_ao",
    "qtag.tasks.check_deadlines": "tell_deadlines",
    "qtag.tasks.check_every_ao": "has_history",
    "qtag.tasks_characteristics.erase_learners_groups": "forgotten_uploads",
}
OVER_NO_AO = {"awarding.accounts.tasks.clear_sessions"}


@pytest.mark.django_db
@pytest.mark.parametrize(("task", "asked"), ASKS.items())
def test_an_ao_that_fails_keeps_none_of_the_others_waiting(task, asked, monkeypatch, caplog):
    make_ao("aaa"), make_ao("zzz")
    module, _, name = task.rpartition(".")
    tasks, calls = import_module(module), []

    def stumble(*_args):
        calls.append(1)
        raise ValueError("this AO's rows are odd")

    monkeypatch.setattr(tasks, asked, stumble)
    getattr(tasks, name)()
    assert len(calls) == 2
    assert [record.exc_info[0] for record in caplog.records if record.exc_info] == [ValueError, ValueError]


def test_what_fails_is_named_and_the_rest_is_done(caplog):
    done = []

    def halve(number):
        done.append(6 // number)

    one_by_one(halve, [1, 0, 2])
    assert done == [6, 3]
    assert "halve failed for 0" in caplog.text


def test_every_scheduled_task_is_known_here():
    assert {row["task"] for row in settings.CELERY_BEAT_SCHEDULE.values()} == set(ASKS) | OVER_NO_AO
