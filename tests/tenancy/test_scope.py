"""Tenancy's belts: the manager's scope, the row-level policy, and keys that cannot cross."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django_scopes import ScopeError, scopes_disabled

from awarding.accounts.models import Membership
from awarding.accounts.roles import Role
from awarding.audit.models import AuditRecord
from awarding.audit.services import record
from awarding.tenancy.scope import NoScopeError, as_person, open_scope
from awarding.tenancy.services import mint_number
from centres.models import Centre, Learner
from tests.factories import make_ao, make_centre, make_membership, make_person, make_standing
from tests.factories.awards import make_uln

pytestmark = pytest.mark.django_db


@pytest.fixture
def two_aos():
    aim, other = make_ao("aim"), make_ao("other")
    with open_scope(aim):
        make_centre("Aim centre", number="A1")
    with open_scope(other):
        make_centre("Other centre", number="O1")
    return aim, other


def test_a_scope_shows_its_own_rows_only(two_aos):
    aim, other = two_aos
    with open_scope(aim):
        assert [c.number for c in Centre.objects.all()] == ["A1"]
    with open_scope(other):
        assert [c.number for c in Centre.objects.all()] == ["O1"]


def test_without_a_scope_the_manager_refuses(two_aos):
    with pytest.raises(ScopeError):
        list(Centre.objects.all())


def test_without_a_scope_the_database_shows_nothing_even_when_the_manager_is_overruled(two_aos):
    with scopes_disabled():
        assert list(Centre.objects.all()) == []


def test_inside_a_scope_the_database_hides_foreign_rows_from_raw_sql(two_aos):
    aim, _other = two_aos
    with open_scope(aim), connection.cursor() as cursor:
        cursor.execute("SELECT number FROM centres_centre")
        assert cursor.fetchall() == [("A1",)]


def test_after_a_scope_the_setting_is_gone(two_aos):
    aim, other = two_aos
    with open_scope(aim):
        with open_scope(other):
            assert Centre.objects.get().number == "O1"
        assert Centre.objects.get().number == "A1"
    with scopes_disabled():
        assert not Centre.objects.exists()


def test_a_row_cannot_be_written_for_another_ao(two_aos):
    aim, other = two_aos
    with open_scope(aim), pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
        centre = Centre.objects.get()
        Learner.objects.create(ao=other, centre=centre, uln=make_uln(1), given_names="A", family_name="B",
                               date_of_birth="2000-01-01")  # fmt: skip


def test_a_reference_to_another_aos_row_cannot_be_stored(two_aos):
    aim, other = two_aos
    with open_scope(other):
        foreign = Centre.objects.get()
    with pytest.raises(IntegrityError, match="same_ao"), transaction.atomic(), open_scope(aim):
        Learner.objects.create(centre_id=foreign.pk, uln=make_uln(2), given_names="A", family_name="B",
                               date_of_birth="2000-01-01")  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_making_a_row_without_a_scope_is_refused():
    with pytest.raises(NoScopeError):
        Centre(number="X")


def test_a_read_only_scope_refuses_a_write_and_lets_the_next_one_write(two_aos):
    aim, _other = two_aos
    with pytest.raises(Exception, match="read-only"), open_scope(aim, read_only=True):
        make_centre("Written by a GET")
    with open_scope(aim):
        make_centre("Written later")
        assert Centre.objects.count() == 2


def test_a_scope_opened_for_a_person_shows_their_own_roles_elsewhere_and_nobody_elses(two_aos):
    aim, other = two_aos
    person, stranger = make_person(), make_person()
    for ao in two_aos:
        with open_scope(ao):
            make_membership(person, Role.PANEL_MEMBER)
            make_membership(stranger, Role.PANEL_MEMBER)
    with open_scope(aim, person_id=person.pk), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM accounts_membership WHERE ao_id = %s", [other.pk])
        assert cursor.fetchone() == (1,)
        assert Membership.objects.count() == 2
    with open_scope(aim), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM accounts_membership WHERE ao_id = %s", [other.pk])
        assert cursor.fetchone() == (0,)


def test_reading_as_a_person_inside_a_scope_of_theirs_costs_nothing_and_of_another_changes_it(
    two_aos, django_assert_num_queries
):
    aim, _other = two_aos
    person, stranger = make_person(), make_person()

    def asked() -> str:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('app.person', true)")
            return cursor.fetchone()[0]

    with open_scope(aim, person_id=person.pk):
        with django_assert_num_queries(1), as_person(person.pk):
            assert asked() == str(person.pk)
        with as_person(stranger.pk):
            assert asked() == str(stranger.pk)
        assert asked() == str(person.pk)
        with open_scope(aim), as_person(person.pk):
            assert asked() == str(person.pk)
    assert asked() in ("", None)


def test_clm_01_numbers_are_unique_in_their_ao_and_start_again_in_another(two_aos):
    aim, other = two_aos
    with open_scope(aim):
        assert [mint_number("erac"), mint_number("erac"), mint_number("cert")] == [1, 2, 1]
    with open_scope(other):
        assert mint_number("erac") == 1


def test_audit_rows_are_history(two_aos):
    aim, _other = two_aos
    with open_scope(aim):
        standing = make_standing(aim, Role.AO_ADMIN)
        record("centre.seen", actor=standing)
        row = AuditRecord.objects.get(event="centre.seen")
        with pytest.raises(IntegrityError, match="history"), transaction.atomic():
            row.event = "centre.forgotten"
            row.save()
        with pytest.raises(IntegrityError, match="history"), transaction.atomic():
            row.delete()


def test_audit_of_one_ao_is_not_seen_in_another_nor_outside(two_aos):
    aim, other = two_aos
    person = make_person()
    record("person.signed_in", actor=person)
    with open_scope(aim):
        record("centre.seen", actor=person)
        assert [r.event for r in AuditRecord.objects.all()] == ["centre.seen"]
    with open_scope(other):
        assert not AuditRecord.objects.exists()
    assert [r.event for r in AuditRecord.objects.all()] == ["person.signed_in"]
