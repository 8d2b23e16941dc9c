"""The inbox: one's own notices over all AOs, and nobody else's."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from awarding.accounts.models import Membership
from awarding.accounts.roles import Role
from awarding.notices.models import Notice, Urgency
from awarding.notices.queries import count_unread
from awarding.notices.services import notify_people, notify_roles
from awarding.tenancy.scope import open_scope
from tests.factories import make_ao, make_centre, make_membership, make_person, make_standing
from tests.factories.sign_in import sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def person():
    """A teacher at centres of two AOs."""
    person = make_person("Sam Okafor")
    for slug in ("aim", "other"):
        with open_scope(make_ao(slug)):
            make_membership(person, Role.TEACHER, make_centre())
    return person


def tell(slug: str, person, key: str, **fields) -> None:
    from awarding.tenancy.queries import find_tenant

    with open_scope(find_tenant(slug)):
        notify_people(people=[person], key=key, **({"subject": f"About {key}", "body": f"Body of {key}"} | fields))


def find(slug: str, key: str) -> Notice:
    from awarding.tenancy.queries import find_tenant

    with open_scope(find_tenant(slug)):
        return Notice.objects.get(key=key)


def test_notices_of_both_aos_stand_in_one_inbox(client, person):
    tell("aim", person, "one")
    tell("other", person, "two", urgency=Urgency.URGENT)
    tell("aim", make_person("Somebody Else"), "three")
    sign_in(client, person, second_factor=False)
    page = client.get("/inbox/").content.decode()
    assert "Body of one" in page and "Body of two" in page and "Urgent" in page
    assert "Body of three" not in page


def test_act_06_who_is_told_is_named_by_role_and_centre(client):
    """ACT-06: a role at a centre is told and reads it; another centre, another role and who did it are not."""
    ao = make_ao("aim")
    with open_scope(ao):
        here, there = make_centre(), make_centre()
        contact = make_standing(ao, Role.QUALITY_CONTACT, here)
        besides = make_standing(ao, Role.QUALITY_CONTACT, here)
        stranger, teacher = make_standing(ao, Role.QUALITY_CONTACT, there), make_standing(ao, Role.TEACHER, here)
        told = notify_roles(
            roles={Role.QUALITY_CONTACT},
            centre_id=here.pk,
            key="k",
            subject="s",
            besides=besides.person,
            body="Only for quality contacts here",
        )
        assert told == 1
        assert list(Notice.objects.values_list("person_id", flat=True)) == [contact.person.pk]
    for who, reads in ((contact, True), (besides, False), (stranger, False), (teacher, False)):
        sign_in(client, who.person)
        page = client.get("/inbox/").content.decode()
        assert ("Only for quality contacts here" in page) is reads and "/rules/ACT-06/" in page


def test_the_same_key_is_told_once(person):
    tell("aim", person, "one")
    tell("aim", person, "one", body="Changed")
    assert find("aim", "one").body == "Body of one"
    assert count_unread(person) == 1


def test_opening_one_marks_it_read_and_goes_to_its_page(client, person):
    tell("aim", person, "one", url="/ao/aim/")
    tell("other", person, "two")
    sign_in(client, person, second_factor=False)
    assert '<span class="portal-nav__count">2' in client.get("/inbox/").content.decode()
    answer = client.post(reverse("notices:open", kwargs={"notice_id": find("aim", "one").pk}))
    assert answer.headers["Location"] == "/ao/aim/"
    assert find("aim", "one").read_at is not None and find("other", "two").read_at is None
    assert '<span class="portal-nav__count">1' in client.get("/inbox/").content.decode()


def test_a_get_marks_nothing_read(client, person):
    tell("aim", person, "one")
    sign_in(client, person, second_factor=False)
    client.get("/inbox/")
    assert client.get(reverse("notices:open", kwargs={"notice_id": find("aim", "one").pk})).status_code == 405
    assert find("aim", "one").read_at is None


def test_somebody_elses_notice_cannot_be_opened(client, person):
    other = make_person("Somebody Else")
    with open_scope(find_ao("aim")):
        make_membership(other, Role.TEACHER, make_centre())
    tell("aim", other, "one")
    sign_in(client, person, second_factor=False)
    assert client.post(reverse("notices:open", kwargs={"notice_id": find("aim", "one").pk})).status_code == 404
    assert find("aim", "one").read_at is None


def test_a_notice_never_leads_to_another_site(client, person):
    tell("aim", person, "one", url="https://evil.example/")
    sign_in(client, person, second_factor=False)
    answer = client.post(reverse("notices:open", kwargs={"notice_id": find("aim", "one").pk}))
    assert answer.headers["Location"] == reverse("notices:inbox")


def test_marking_all_read_reaches_every_ao(client, person):
    tell("aim", person, "one")
    tell("other", person, "two")
    sign_in(client, person, second_factor=False)
    client.post(reverse("notices:mark_all"))
    assert count_unread(person) == 0
    assert "You have opened everything" in client.get("/inbox/?show=unread").content.decode()


def test_what_an_ao_told_is_gone_when_the_role_has_ended(client, person):
    tell("aim", person, "one")
    tell("other", person, "two")
    with open_scope(find_ao("aim")):
        from django.utils import timezone

        Membership.objects.filter(person=person).update(ended_at=timezone.now())
    sign_in(client, person, second_factor=False)
    page = client.get("/inbox/").content.decode()
    assert "Body of one" not in page and "Body of two" in page


def test_text_of_a_notice_is_shown_as_text(client, person):
    tell("aim", person, "one", subject="<script>alert(1)</script>", body="<b>x</b>\nsecond line")
    sign_in(client, person, second_factor=False)
    page = client.get("/inbox/").content.decode()
    assert "<script>alert" not in page and "&lt;b&gt;x&lt;/b&gt;<br>second line" in page


def test_the_inbox_costs_the_same_for_one_and_for_three(client, person, django_assert_num_queries):
    tell("aim", person, "one")
    sign_in(client, person, second_factor=False)
    with CaptureQueriesContext(connection) as one:
        client.get("/inbox/")
    tell("other", person, "two")
    tell("aim", person, "three")
    with django_assert_num_queries(len(one)):
        assert client.get("/inbox/").content.decode().count("portal-inbox__notice") == 3


def find_ao(slug: str):
    from awarding.tenancy.queries import find_tenant

    return find_tenant(slug)
