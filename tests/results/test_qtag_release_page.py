"""Setting, moving and bringing forward the release of Q-TAG results, on its page (RES-01, RES-02, QTG-17)."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from awarding.accounts.roles import Role
from awarding.tenancy.scope import open_scope
from results.models import QtagRelease
from results.queries.results import visible_results
from tests.factories.qtag_results import award, sign_for, submission_release
from tests.factories.qtags import make_moves
from tests.qtag.conftest import Scene, agreed, calendar, scene  # noqa: F401 - fixtures


@pytest.fixture
def where(agreed: Scene) -> str:  # noqa: F811 - the fixture
    """Submitted and signed for; the address of the release of its level."""
    with open_scope(agreed.ao):
        make_moves(agreed.people[Role.QUALITY_CONTACT], agreed.submission, "submit")
        sign_for(agreed.people[Role.HEAD_OF_CENTRE], agreed.centre, agreed.submission)
        code = submission_release(agreed.submission)
    return agreed.url(f"results/qtags/release/{agreed.submission.adoption_id}/{code}/")


def said(day: dt.date, time: str = "08:00", reason: str = "") -> dict[str, str]:
    return {
        "day-day": str(day.day), "day-month": str(day.month), "day-year": str(day.year), "time": time, "reason": reason,
    }  # fmt: skip


def test_what_cannot_be_is_refused_with_what_to_do(agreed, where):  # noqa: F811
    """RES-01 RES-02: over already; later than published without a reason; half an instant; nobody but who processes."""
    client, soon = agreed.client(Role.AO_ADMIN), timezone.localdate() + dt.timedelta(days=9)
    for posted, words in (
        (said(dt.date(2020, 1, 1)), "That instant is over"),
        (said(dt.date(2031, 1, 1)), "later than the framework"),
        (said(dt.date(2031, 1, 1), time="at eight"), "Write the time with hours and minutes"),
        (said(dt.date(2031, 1, 1), time=""), "Give the day and the hour"),
        ({}, "Give the day and the hour"),
    ):
        answer = client.post(where, posted)
        assert answer.status_code == 200 and words in answer.content.decode()
    for role in (Role.QUALITY_CONTACT, Role.HEAD_OF_CENTRE, Role.TEACHER):
        assert agreed.client(role).post(where, said(soon, reason="Mine")).status_code == 403
    with open_scope(agreed.ao):
        assert not QtagRelease.objects.exists()


def test_it_is_set_in_london_time_moved_and_brought_forward_and_then_stands(agreed, where):  # noqa: F811
    """RES-01: eight o'clock is London's, in summer and in winter; at once cannot be taken back."""
    client, contact = agreed.client(Role.AO_ADMIN), agreed.people[Role.QUALITY_CONTACT]
    for day, utc in ((dt.date(2031, 7, 1), 7), (dt.date(2031, 1, 7), 8)):
        assert client.post(where, said(day, reason="A test")).status_code == 302
        with open_scope(agreed.ao):
            assert QtagRelease.objects.get().release_at.astimezone(dt.UTC).hour == utc
    with open_scope(agreed.ao):
        award(agreed.people[Role.AO_ADMIN], agreed.submission)
        assert not visible_results(contact).exists()
    page = client.get(where).content.decode()
    assert "3 results wait for this release" in page and "7 January 2031, 08:00" in page
    assert client.post(where, {"at_once": "on", "reason": "Out now"}).status_code == 302
    with open_scope(agreed.ao):
        assert visible_results(contact).count() == 3
    page = client.get(where).content.decode()
    assert "These results are released" in page and "Set the release" not in page
    again = client.post(where, said(dt.date(2031, 1, 7), reason="Too soon"))
    assert "cannot be taken back" in again.content.decode()
