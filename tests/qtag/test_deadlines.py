"""What is due, who is told, and that nobody is told twice (QTG-10, HOC-03)."""

from __future__ import annotations

import datetime as dt
import io
import json
import threading

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from awarding.accounts.models import Membership
from awarding.accounts.roles import Role
from awarding.notices.models import Notice
from awarding.tenancy.scope import current_ao, open_scope
from centres.models import Registration
from qtag import tasks
from qtag.models import DeclarationConcern, Judgement
from qtag.rules.deadlines import LATE, milestone_on
from qtag.services.deadlines import tell_deadlines
from qtag.tasks import check_deadlines
from tests.factories import make_ao, make_membership, make_person
from tests.factories.qtags import bring_to_agreed, make_moves
from tests.qtag.conftest import build_scene

CLOSES = dt.date(2021, 6, 18)
DAYS = st.sets(st.integers(0, 60), min_size=1)


@given(DAYS, st.integers(-40, 80))
def test_a_run_stands_for_the_nearest_milestone_not_over_yet(days, left):
    found = milestone_on(CLOSES - dt.timedelta(days=left), CLOSES, days)
    if left < 0:
        assert found == LATE
    else:
        assert found == min((day for day in days if day >= left), default=None)


@given(DAYS, st.sets(st.integers(0, 70)))
def test_missed_runs_are_made_up_for_and_doubled_ones_say_nothing_new(days, runs):
    """QTG-10: whichever days the run happened on, each milestone is said at most once and none is said early."""
    said = [milestone_on(CLOSES - dt.timedelta(days=left), CLOSES, days) for left in sorted(runs, reverse=True)]
    named = [milestone for milestone in said if milestone is not None]
    assert named == sorted(named, reverse=True)
    for left, milestone in zip(sorted(runs, reverse=True), said, strict=True):
        assert milestone is None or milestone >= left


def told(scene, role: Role) -> list[str]:
    with open_scope(scene.ao):
        rows = Notice.objects.filter(person=scene.people[role].person, key__startswith="qtag-due")
        return list(rows.order_by("pk").values_list("subject", flat=True))


def test_the_contact_is_told_at_each_milestone_once(scene, calendar):
    """QTG-10: fourteen, seven, three and one days before and once it is late; runs doubled, and one missed."""
    for day in (
        "2021-06-01",
        "2021-06-04",
        "2021-06-04",
        "2021-06-12",
        "2021-06-15",
        "2021-06-17",
        "2021-06-19",
        "2021-06-30",
    ):
        calendar.today = dt.date.fromisoformat(day)
        check_deadlines()
    assert told(scene, Role.QUALITY_CONTACT) == [
        "Q-TAGs to submit: 14 days left",
        "Q-TAGs to submit: 6 days left",  # the run of the seventh day before was missed
        "Q-TAGs to submit: 3 days left",
        "Q-TAGs to submit: 1 day left",
        "Q-TAGs to submit: late since 18 June 2021",
    ]
    assert told(scene, Role.AO_ADMIN) == ["Q-TAGs are late"]


def test_nothing_is_said_once_everything_is_submitted_and_signed_for(agreed, calendar):
    """HOC-03: what is submitted and not signed for is the head's; late, the AO hears of it."""
    with open_scope(agreed.ao):
        make_moves(agreed.people[Role.QUALITY_CONTACT], agreed.submission, "submit")
    calendar.today = dt.date(2021, 6, 17)
    check_deadlines()
    assert told(agreed, Role.HEAD_OF_CENTRE) == ["Declaration to sign: 1 day left"]
    calendar.today = dt.date(2021, 6, 20)
    check_deadlines()
    assert told(agreed, Role.AO_ADMIN) == ["Declarations are missing"]


def test_a_successor_is_told_what_their_predecessor_heard(scene, calendar):
    calendar.today = dt.date(2021, 6, 17)
    check_deadlines()
    with open_scope(scene.ao):
        new = make_person(name="New contact")
        make_membership(new, Role.QUALITY_CONTACT, scene.centre)
    check_deadlines()
    with open_scope(scene.ao):
        assert Notice.objects.filter(person=new).count() == 1
    assert len(told(scene, Role.QUALITY_CONTACT)) == 1


def test_a_dry_run_shows_everything_and_sends_nothing(scene):
    """QTG-10"""
    out = io.StringIO()
    call_command("check_deadlines", "--dry-run", "--json", "--on", "2021-06-17", "--ao", "aim", stdout=out)
    assert json.loads(out.getvalue().splitlines()[-1]) == {"due": 1, "sent": 0}
    assert scene.people[Role.QUALITY_CONTACT].person.email in out.getvalue()
    assert told(scene, Role.QUALITY_CONTACT) == []


@pytest.mark.parametrize(("typed", "status"), [("10, 2", 302), ("", 200), ("soon", 200), ("-3", 200), ("61", 200)])
def test_the_ao_says_when(scene, calendar, typed, status):
    """QTG-10: the AO's own days replace the portal's; what is no number of days is refused."""
    admin = scene.client(Role.AO_ADMIN)
    assert admin.post(scene.url("qtags/deadlines/"), {"days": typed}).status_code == status
    calendar.today = dt.date(2021, 6, 8)
    page = admin.get(scene.url("qtags/deadlines/")).content.decode()
    assert ("10 days left" in page) and ('value="10, 2"' in page) is (status == 302)
    calendar.today = dt.date(2021, 6, 7)
    assert ("11 days left" in admin.get(scene.url("qtags/deadlines/")).content.decode()) is (status == 200)


def test_nobody_is_reminded_of_a_learner_who_gets_none(scene, calendar):
    """QTG-10: who goes on, or was withdrawn, is not counted; when nobody else is left, nothing is said at all."""
    calendar.today = dt.date(2021, 6, 17)
    with open_scope(scene.ao):
        first, second, third = Judgement.objects.order_by("pk")
        Judgement.objects.filter(pk=first.pk).update(is_certificating=False)
        Registration.objects.filter(pk=second.registration_id).update(status=Registration.Status.WITHDRAWN)
    check_deadlines()
    with open_scope(scene.ao):
        assert (
            "1 learner is not submitted yet (qualifications: 1)" in Notice.objects.get(key__startswith="qtag-due").body
        )
        Judgement.objects.filter(pk=third.pk).update(was_absent=True)
    calendar.today = dt.date(2021, 6, 19)
    check_deadlines()
    assert len(told(scene, Role.QUALITY_CONTACT)) == 1 and told(scene, Role.AO_ADMIN) == []
    work = scene.client(Role.TEACHER).get("/").content.decode()
    assert "Q-TAG" not in work.split("Where I work")[0]


def test_an_ao_that_fails_keeps_none_of_the_others_waiting(scene, calendar, monkeypatch, caplog):
    """QTG-10: it is logged, nothing of it is kept, and the next run makes up for it."""
    calendar.today = dt.date(2021, 6, 17)
    make_ao("aaa", name="AAA, first by name")
    tell = tasks.tell_deadlines

    def stumble(today):
        sent = tell(today)
        if current_ao().slug == "aaa":
            raise RuntimeError("a fault")
        return sent

    monkeypatch.setattr(tasks, "tell_deadlines", stumble)
    check_deadlines()
    assert "failed for AAA, first by name" in caplog.text
    assert told(scene, Role.QUALITY_CONTACT) == ["Q-TAGs to submit: 1 day left"]


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        (("--on", "yesterday", "--dry-run"), "takes a day such as"),
        (("--on", "2021-06-17"), "with --dry-run only|--dry-run"),
        (("--ao", "nobody"), "No awarding organisation is called “nobody”"),
    ],
)
def test_the_command_says_what_it_cannot_do(scene, said, answer):
    with pytest.raises(CommandError, match=answer):
        call_command("check_deadlines", *said)


def test_the_page_names_who_gets_it_who_has_it_and_where_nobody_would(scene, calendar):
    """QTG-10: the dry run says who would get what; a centre without the role is not passed over silently."""
    calendar.today = dt.date(2021, 6, 17)
    admin, contact = scene.client(Role.AO_ADMIN), scene.people[Role.QUALITY_CONTACT].person.name
    page = admin.get(scene.url("qtags/deadlines/")).content.decode()
    assert contact in page and "With the next run" in page
    check_deadlines()
    page = admin.get(scene.url("qtags/deadlines/")).content.decode()
    assert contact in page and "With the next run" not in page and ">Told<" in page.replace("\n", "").replace("  ", "")
    with open_scope(scene.ao):
        Membership.objects.filter(role=Role.QUALITY_CONTACT).update(ended_at=timezone.now())
    assert "Nobody holds the role" in admin.get(scene.url("qtags/deadlines/")).content.decode()


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_the_same_instant_say_everything_once(calendar):
    """QTG-10 HOC-03: real connections; the second waits, raises no second concern and sends no second message."""
    scene = build_scene()
    with open_scope(scene.ao):
        bring_to_agreed(scene.people, scene.submission)
        make_moves(scene.people[Role.QUALITY_CONTACT], scene.submission, "submit")
    calendar.today = dt.date(2021, 6, 20)
    counts: list[int] = []
    start = threading.Barrier(2)

    def run() -> None:
        start.wait()
        with open_scope(scene.ao):
            counts.append(tell_deadlines(calendar.today))
        connection.close()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(counts) == [0, 3]  # the head, the contact, the AO
    with open_scope(scene.ao):
        assert DeclarationConcern.objects.count() == 1
