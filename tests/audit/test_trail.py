"""The audit trail as a page."""

from __future__ import annotations

import pytest
from django.urls import reverse

from awarding.accounts.models import User
from awarding.accounts.roles import Role
from awarding.audit.models import AuditRecord
from awarding.audit.services import AnonymousActorError, record
from awarding.audit.words import event_in_words, facts_in_words, target_in_words
from awarding.tenancy.scope import open_scope
from tests.factories import make_ao, make_person, make_standing
from tests.factories.sign_in import sign_in

pytestmark = pytest.mark.django_db
URL = "/ao/aim/audit/"


@pytest.fixture
def officer(client) -> User:
    ao = make_ao("aim")
    with open_scope(ao):
        standing = make_standing(ao, Role.RESPONSIBLE_OFFICER)
        record("claim.submitted", actor=make_person("Ann Teak"), data={"number": "AIM-1"})
        record("centre.approved", actor=make_person("Bob Cat"))
    sign_in(client, standing.person)
    return standing.person


def test_the_trail_shows_who_did_what_and_finds_by_event_and_person(client, officer):
    assert reverse("audit_trail", kwargs={"ao": "aim"}) == URL
    page = client.get(URL).content.decode()
    assert "claim.submitted" in page and "Ann Teak" in page and "centre.approved" in page
    page = client.get(URL, {"event": "claim"}).content.decode()
    assert "claim.submitted" in page and "centre.approved" not in page
    page = client.get(URL, {"person": "bob"}).content.decode()
    assert "centre.approved" in page and "claim.submitted" not in page


def test_a_panel_member_may_not_read_it(client):
    ao = make_ao("aim")
    with open_scope(ao):
        person = make_standing(ao, Role.PANEL_MEMBER).person
    sign_in(client, person)
    assert client.get(URL).status_code == 403


def test_nobody_acts_anonymously():
    ao = make_ao("aim")
    with open_scope(ao), pytest.raises(AnonymousActorError):
        record("claim.submitted", actor=None)  # type: ignore[arg-type]


def test_the_list_costs_the_same_number_of_queries_for_one_row_and_for_three(client, officer):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counts = []
    for event in ("claim", ""):
        with CaptureQueriesContext(connection) as captured:
            client.get(URL, {"event": event})
        counts.append(len(captured))
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    ("event", "target_type", "data", "words", "about", "facts"),
    [
        (
            "claim.approve_in_principle", "mitigations.claim",
            {"from": "queued", "to": "approved_in_principle", "reason": "Wait"},
            "Claims (eRACs): Approved in principle", "Claim 7",
            ["From “Waiting for the panel” to “Approved in principle”", "Reason: Wait"],
        ),
        (
            "claim.a_move_of_long_ago", "mitigations.claim", {"from": "", "to": "gone", "reason": ""},
            "Claims (eRACs): A move of long ago", "Claim 7", ["gone"],
        ),
        (
            "evidence.requested", "mitigations.claim", {"pieces": [1, 2], "is_late": True, "more": {"a": "<b>"}, "none": None},
            "Evidence requested", "Claim 7", ["Pieces: 1, 2", "Is late: yes", "More: a: <b>"],
        ),
        ("account.signed_in", "", {}, "Account signed in", "7", []),
        ("old.thing", "dropped.model", {"n": 0}, "Old thing", "Dropped.model 7", ["N: 0"]),
    ],
)  # fmt: skip
def test_records_are_shown_in_words(event, target_type, data, words, about, facts):
    found = AuditRecord(event=event, target_type=target_type, target_id=7, data=data)
    assert event_in_words(found) == words
    assert target_in_words(found) == about
    assert facts_in_words(found) == facts
