"""Entering an AO: its scope, the AO and the person's roles there come in one exchange, and end with the transaction."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext
from django_scopes import get_scope

from awarding.accounts.models import Membership
from awarding.accounts.queries import open_standing
from awarding.accounts.roles import Role
from awarding.tenancy.scope import open_scope
from centres.models import Centre
from tests.factories import make_ao, make_centre, make_person, make_standing

pytestmark = pytest.mark.django_db(transaction=True)


def _settings() -> tuple[str, str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(current_setting('app.ao', true), ''), coalesce(current_setting('app.person', true), '')"
        )
        return cursor.fetchone()


@pytest.fixture
def places():
    cache.clear()
    aim, other = make_ao("aim"), make_ao("other")
    person = make_person("Sam Okafor")
    with open_scope(aim):
        centre = make_centre("Mine")
        make_standing(aim, Role.TEACHER, centre, person)
        make_standing(aim, Role.LEAD_INTERNAL_VERIFIER, centre, person)
    with open_scope(other):
        make_centre("Theirs")
    return aim, other, person


def test_scope_organisation_and_roles_come_in_one_exchange(places):
    aim, _other, person = places
    with open_standing(person, "aim", read_only=True):
        pass
    with CaptureQueriesContext(connection) as asked, open_standing(person, "aim", read_only=True) as (ao, standing):
        pass
    # The other two begin and end the transaction.
    assert [query["sql"].split(" ")[0] for query in asked.captured_queries] == ["BEGIN", "SELECT", "COMMIT"]
    assert (ao, standing.person) == (aim, person)
    assert {(role, at is None) for role, at in standing.grants} == {
        (Role.TEACHER, False),
        (Role.LEAD_INTERNAL_VERIFIER, False),
    }
    # Every column of the AO is there: nothing of it is fetched later.
    assert {name: getattr(ao, name) for name in vars(aim) if name != "_state"} == {
        name: value for name, value in vars(aim).items() if name != "_state"
    }
    assert not ao.get_deferred_fields()


def test_inside_only_that_organisation_is_seen_and_outside_none(places):
    aim, _other, person = places
    with open_standing(person, "aim", read_only=False) as (_ao, _standing):
        assert [centre.name for centre in Centre.objects.all()] == ["Mine"]
        assert _settings() == (str(aim.pk), str(person.pk))
    assert _settings() == ("", "")
    assert get_scope().get("ao") is None


def test_read_only_means_that_the_database_refuses(places):
    _aim, _other, person = places
    with pytest.raises(DatabaseError, match="read-only"), open_standing(person, "aim", read_only=True):
        Centre.objects.update(name="Changed")
    with open_standing(person, "aim", read_only=False):
        assert Centre.objects.update(name="Changed") == 1


def test_without_a_role_there_is_the_organisation_and_no_standing(places):
    _aim, other, person = places
    with open_standing(person, "other", read_only=True) as (ao, standing):
        assert (ao, standing) == (other, None)
        assert [centre.name for centre in Centre.objects.all()] == ["Theirs"]


def test_a_role_that_has_ended_opens_nothing(places):
    aim, _other, person = places
    with open_scope(aim):
        Membership.objects.filter(role=Role.TEACHER).update(ended_at="2026-01-01T00:00Z")
    with open_standing(person, "aim", read_only=True) as (_ao, standing):
        assert {role for role, _at in standing.grants} == {Role.LEAD_INTERNAL_VERIFIER}
    with open_scope(aim):
        Membership.objects.update(ended_at="2026-01-01T00:00Z")
    with open_standing(person, "aim", read_only=True) as (ao, standing):
        assert (ao, standing) == (aim, None)


def test_where_nobody_is_called_so_nothing_is_opened(places):
    _aim, _other, person = places
    with open_standing(person, "nobody", read_only=True) as (ao, standing):
        assert (ao, standing) == (None, None)
        assert get_scope().get("ao") is None
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM centres_centre")
            assert cursor.fetchone() == (0,)


def test_inside_another_scope_that_one_is_there_again_afterwards(places):
    _aim, other, person = places
    with open_scope(other):
        with open_standing(person, "aim", read_only=False):
            assert [centre.name for centre in Centre.objects.all()] == ["Mine"]
        assert [centre.name for centre in Centre.objects.all()] == ["Theirs"]
        assert _settings() == (str(other.pk), "")
