"""The people page: who is on it, and how a role ends."""

from __future__ import annotations

import threading

import pytest
from django.db import connection
from django.urls import reverse

from awarding.accounts.models import Membership
from awarding.accounts.roles import Role
from awarding.accounts.services.memberships import MembershipError, end_membership
from awarding.audit.models import AuditRecord
from awarding.tenancy.scope import open_scope
from tests.factories import make_ao, make_centre, make_membership, make_person, make_standing
from tests.factories.sign_in import sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def ao():
    return make_ao("aim")


@pytest.fixture
def admin(ao):
    with open_scope(ao):
        return make_standing(ao, Role.AO_ADMIN)


def membership_of(ao, standing) -> Membership:
    with open_scope(ao):
        return Membership.objects.get(person=standing.person)


def end_address(membership, ao="aim") -> str:
    return reverse("people:end", kwargs={"ao": ao, "membership_id": membership.pk})


def test_an_admin_sees_all_and_a_quality_contact_their_centre_only(client, ao, admin):
    with open_scope(ao):
        here, there = make_centre("Here"), make_centre("There")
        contact = make_standing(ao, Role.QUALITY_CONTACT, here)
        make_standing(ao, Role.TEACHER, here, make_person("Tess Here"))
        make_standing(ao, Role.TEACHER, there, make_person("Tom There"))
    address = reverse("people:list", kwargs={"ao": "aim"})
    sign_in(client, admin.person)
    page = client.get(address).content.decode()
    assert "Tess Here" in page and "Tom There" in page
    sign_in(client, contact.person)
    page = client.get(address).content.decode()
    assert "Tess Here" in page and "Tom There" not in page and admin.person.email not in page


def test_another_aos_people_are_not_there(client, ao, admin):
    other = make_ao("other")
    with open_scope(other):
        make_standing(other, Role.AO_ADMIN, person=make_person("Olga Other"))
    sign_in(client, admin.person)
    assert "Olga Other" not in client.get(reverse("people:list", kwargs={"ao": "aim"})).content.decode()
    assert client.get(reverse("people:list", kwargs={"ao": "other"})).status_code == 404


def test_a_role_ends_at_once_and_stays_on_record(client, ao, admin):
    with open_scope(ao):
        teacher = make_standing(ao, Role.TEACHER, make_centre())
    membership = membership_of(ao, teacher)
    sign_in(client, admin.person)
    assert "End this role" in client.get(end_address(membership)).content.decode()
    assert client.post(end_address(membership)).status_code == 302
    sign_in(client, teacher.person)
    assert client.get("/ao/aim/").status_code == 404
    with open_scope(ao):
        membership.refresh_from_db()
        assert membership.ended_at is not None
        assert AuditRecord.objects.filter(event="membership.ended", actor=admin.person).count() == 1


def test_the_last_admin_stays(client, ao, admin):
    sign_in(client, admin.person)
    answer = client.post(end_address(membership_of(ao, admin)), {"confirmed": "on"})
    assert answer.status_code == 200 and "last AO admin" in answer.content.decode()
    with open_scope(ao):
        assert Membership.objects.get(person=admin.person).ended_at is None


def test_with_a_second_admin_the_first_can_go(client, ao, admin):
    with open_scope(ao):
        make_standing(ao, Role.AO_ADMIN)
    sign_in(client, admin.person)
    client.post(end_address(membership_of(ao, admin)), {"confirmed": "on"})
    with open_scope(ao):
        assert Membership.objects.get(person=admin.person).ended_at is not None


def test_ones_own_role_does_not_end_by_accident(client, ao, admin):
    with open_scope(ao):
        make_standing(ao, Role.AO_ADMIN)
        with pytest.raises(MembershipError, match="your own"):
            end_membership(actor=admin, membership=Membership.objects.get(person=admin.person))
    sign_in(client, admin.person)
    assert client.post(end_address(membership_of(ao, admin))).context["form"].errors["confirmed"]
    with open_scope(ao):
        assert Membership.objects.get(person=admin.person).ended_at is None


def test_a_quality_contact_ends_teachers_but_not_the_head_of_centre(client, ao):
    with open_scope(ao):
        centre, elsewhere = make_centre(), make_centre("Elsewhere")
        contact = make_standing(ao, Role.QUALITY_CONTACT, centre)
        teacher, head = make_standing(ao, Role.TEACHER, centre), make_standing(ao, Role.HEAD_OF_CENTRE, centre)
        stranger = make_standing(ao, Role.TEACHER, elsewhere)
    sign_in(client, contact.person)
    assert client.post(end_address(membership_of(ao, teacher))).status_code == 302
    assert client.post(end_address(membership_of(ao, head))).status_code == 403
    assert client.post(end_address(membership_of(ao, stranger))).status_code == 404
    with open_scope(ao):
        assert Membership.objects.get(person=teacher.person).ended_at is not None
        assert Membership.objects.get(person=head.person).ended_at is None
        assert Membership.objects.get(person=stranger.person).ended_at is None


def test_ending_twice_changes_nothing(ao, admin):
    with open_scope(ao):
        teacher = make_standing(ao, Role.TEACHER, make_centre())
        membership = Membership.objects.get(person=teacher.person)
        first = end_membership(actor=admin, membership=membership).ended_at
        assert end_membership(actor=admin, membership=membership).ended_at == first
        assert AuditRecord.objects.filter(event="membership.ended").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_admins_who_remove_each_other_at_once_leave_one():
    ao = make_ao("aim")
    with open_scope(ao):
        admins = [make_standing(ao, Role.AO_ADMIN) for _ in range(2)]
        memberships = [Membership.objects.get(person=admin.person) for admin in admins]
    start, outcomes = threading.Barrier(2), []

    def remove(actor, membership) -> None:
        start.wait(10)
        try:
            with open_scope(ao):
                end_membership(actor=actor, membership=membership)
            outcomes.append("ended")
        except MembershipError:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [
        threading.Thread(target=remove, args=(admins[0], memberships[1])),
        threading.Thread(target=remove, args=(admins[1], memberships[0])),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes) == ["ended", "refused"]
    with open_scope(ao):
        assert Membership.objects.filter(role=Role.AO_ADMIN, ended_at=None).count() == 1


def test_the_page_costs_the_same_for_one_and_for_three(client, ao, admin, django_assert_num_queries):
    from django.test.utils import CaptureQueriesContext

    address = reverse("people:list", kwargs={"ao": "aim"})
    sign_in(client, admin.person)
    with CaptureQueriesContext(connection) as one:
        client.get(address)
    with open_scope(ao):
        for _ in range(2):
            make_membership(make_person(), Role.TEACHER, make_centre())
    with django_assert_num_queries(len(one)):
        assert client.get(address).content.decode().count("<tr") == 4


def test_the_pages_of_people_without_permission(client, ao):
    with open_scope(ao):
        verifier = make_standing(ao, Role.EXTERNAL_VERIFIER)
    sign_in(client, verifier.person)
    assert client.get(reverse("people:list", kwargs={"ao": "aim"})).status_code == 403
