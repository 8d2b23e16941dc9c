"""Kept writes: what the ORM would store, in the open organisation alone, all of it or none; and what they refuse."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, connection, models, transaction
from django.db.models.signals import post_save
from django.test.utils import CaptureQueriesContext
from django_scopes import ScopeError

from awarding.accounts.models import Membership
from awarding.accounts.roles import Role
from awarding.audit.models import AuditRecord
from awarding.tenancy import prepared_writes
from awarding.tenancy.models import NumberSequence
from awarding.tenancy.prepared import NotPreparableError
from awarding.tenancy.prepared_writes import inserting, prepared_update, write
from awarding.tenancy.scope import open_scope
from centres.models import Centre, Learner
from tests.factories import make_ao, make_centre, make_membership, make_person
from tests.factories.awards import make_uln

pytestmark = pytest.mark.django_db


@pytest.fixture
def two_aos():
    aim, other = make_ao("aim"), make_ao("other")
    for ao in (aim, other):
        with open_scope(ao):
            make_centre("Ash")
    return aim, other


@prepared_update("name", "number")
def renamed(*, centre_id):
    return Centre.objects.filter(pk=centre_id)


@prepared_update("ended_at", "centre")
def ended(*, role):
    return Membership.objects.filter(role=role).order_by("-id")


def test_an_update_stores_its_values_whichever_they_are(two_aos):
    with open_scope(two_aos[0]):
        centre = Centre.objects.get()
        for name in ("Birch", "100%", "'; --", "\ue0000\ue001"):
            write(renamed.to(name, "B1", centre_id=centre.pk))
            centre.refresh_from_db()
            assert (centre.name, centre.number) == (name, "B1")


def test_an_update_of_nothing_and_of_moments_and_references(two_aos):
    with open_scope(two_aos[0]):
        centre = Centre.objects.get()
        row = make_membership(make_person(), Role.TEACHER, centre)
        then = dt.datetime(2021, 6, 1, tzinfo=dt.UTC)
        for moment, at in ((then, None), (None, centre.pk)):
            write(ended.to(moment, at, role=Role.TEACHER))
            row.refresh_from_db()
            assert (row.ended_at, row.centre_id) == (moment, at)


def test_another_organisations_row_is_out_of_reach(two_aos):
    aim, other = two_aos
    with open_scope(other):
        theirs = Centre.objects.get()
    with open_scope(aim):
        own = Centre.objects.get()
        write(renamed.to("Mine", "M1", centre_id=own.pk))
        with CaptureQueriesContext(connection) as queries:
            write(renamed.to("Stolen", "S1", centre_id=theirs.pk))
    assert f'"ao_id" = {aim.pk}' in queries.captured_queries[-1]["sql"]
    with open_scope(other):
        write(renamed.to("Yew", "Y1", centre_id=own.pk))
        assert Centre.objects.get().name == "Ash"
    with open_scope(aim):
        assert Centre.objects.get().name == "Mine"
    with pytest.raises(ScopeError):
        renamed.to("Nobody's", "N1", centre_id=own.pk)


def test_a_new_row_is_that_of_the_orm(two_aos):
    aim, _other = two_aos
    with open_scope(aim):
        person, data = make_person(), {"a": [1, None, "é"], "b": {"c": 0.1}}
        AuditRecord.objects.create(event="by.orm", actor=person, target_type="x", target_id=7, data=data)
        write(inserting(AuditRecord, event="by.hand", actor_id=person.pk, target_type="x", target_id=7, data=data))
        mine, theirs = AuditRecord.objects.filter(target_id=7).order_by("id").values()
        for row in (mine, theirs):
            assert row.pop("at") is not None
            row.pop("id"), row.pop("event")
        assert mine == theirs
        assert mine["ao_id"] == aim.pk


def test_a_row_that_points_into_another_organisation_cannot_be_stored(two_aos):
    aim, other = two_aos
    with open_scope(other):
        theirs = Centre.objects.get()
    with open_scope(aim), pytest.raises(IntegrityError), transaction.atomic():
        names = {"given_names": "A", "family_name": "B", "name_key": "b a"}
        write(inserting(Learner, centre_id=theirs.pk, uln=make_uln(1), **names))
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_several_statements_hold_together_or_not_at_all(two_aos):
    with open_scope(two_aos[0]):
        centre = Centre.objects.get()
        with CaptureQueriesContext(connection) as queries:
            write(renamed.to("Birch", "B1", centre_id=centre.pk), inserting(NumberSequence, kind="erac", last=3))
        assert len(queries) == 1
        with pytest.raises(IntegrityError), transaction.atomic():
            write(renamed.to("Cedar", "C1", centre_id=centre.pk), inserting(NumberSequence, kind="erac", last=4))
        centre.refresh_from_db()
        assert centre.name == "Birch"
        assert NumberSequence.objects.get().last == 3


def test_a_value_of_no_column_and_a_value_made_when_saved_are_refused(two_aos):
    with open_scope(two_aos[0]):
        with pytest.raises(TypeError, match="no column kinds"):
            inserting(NumberSequence, kind="erac", kinds="erac")
        assert not NumberSequence.objects.exists()
    with pytest.raises(NotPreparableError, match="save it"):
        inserting(Stamped, name="a")


class Stamped(models.Model):
    """A row that says itself when it was saved."""

    name = models.TextField()
    saved_at = models.DateTimeField(auto_now=True)

    class Meta:
        app_label = "tests"
        managed = False


def test_a_row_for_which_somebody_waits_is_refused(two_aos):
    def heard(**_about):
        raise AssertionError

    post_save.connect(heard, sender=NumberSequence)
    prepared_writes._insert_of.cache_clear()
    try:
        with open_scope(two_aos[0]), pytest.raises(NotPreparableError, match="save it"):
            inserting(NumberSequence, kind="erac")
    finally:
        post_save.disconnect(heard, sender=NumberSequence)
        prepared_writes._insert_of.cache_clear()


@prepared_update("name")
def among_none(*, centre_ids):
    return Centre.objects.filter(pk__in=centre_ids)


def test_an_update_that_can_mean_no_row_is_refused(two_aos):
    with open_scope(two_aos[0]), pytest.raises(NotPreparableError, match="no row"):
        among_none.to("Birch", centre_ids=())
