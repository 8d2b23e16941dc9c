"""What is due, who is told, and that nobody is told twice (QTG-10, HOC-03)."""

from __future__ import annotations

import datetime as dt
import io
import json

import pytest
from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as st

from awarding.accounts.roles import Role
from awarding.notices.models import Notice
from awarding.tenancy.scope import open_scope
from qtag.rules.deadlines import LATE, milestone_on
from qtag.tasks import check_deadlines
from tests.factories import make_membership, make_person
from tests.factories.qtags import make_moves

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
