"""The check of the database's own catalogue, and that it would notice."""

from __future__ import annotations

import os

import psycopg2
import pytest
from django.apps import apps
from django.core.management import call_command

from awarding.tenancy.isolation import inspect_isolation
from awarding.tenancy.models import TenantModel

pytestmark = pytest.mark.django_db


@pytest.fixture
def as_owner():
    """A cursor of the tables' owner in a transaction that other connections never see: rolled back at the end."""
    connection = psycopg2.connect(os.environ["DATABASE_OWNER_URL"])
    yield connection
    connection.rollback()
    connection.close()


def test_every_tenant_table_is_held_by_the_database():
    found = inspect_isolation()
    assert found.without_policy == []
    assert found.loose_references == []
    assert found.role_faults == []


def test_every_tenant_model_is_among_the_tables_looked_at():
    tables = set(inspect_isolation().tenant_tables)
    models = {m._meta.db_table for m in apps.get_models() if issubclass(m, TenantModel)}
    assert models and models <= tables


def test_the_command_says_it_is_sound(capsys):
    call_command("check_isolation", "--json")
    lines = capsys.readouterr().out.strip().splitlines()
    assert '"without_policy": []' in lines[-1]


@pytest.mark.parametrize(
    ("statement", "where"),
    [
        ("ALTER TABLE centres_learner NO FORCE ROW LEVEL SECURITY", "without_policy"),
        ("DROP POLICY tenant_isolation ON centres_learner", "without_policy"),
        ("ALTER TABLE centres_learner DROP CONSTRAINT centres_learner_centre_id_same_ao", "loose_references"),
        ("ALTER TABLE centres_learner ADD COLUMN twin_id bigint REFERENCES centres_centre (id)", "loose_references"),
        (
            "ALTER TABLE centres_registration DROP CONSTRAINT centres_registration_learner_id_same_place",
            "loose_references",
        ),
        ("CREATE VIEW all_learners AS SELECT * FROM centres_learner", "role_faults"),
        ("CREATE TABLE secret_notes (id bigint, ao_id bigint)", "without_policy"),
    ],
)
def test_a_weakened_database_is_noticed(as_owner, statement, where, monkeypatch):
    import awarding.tenancy.isolation as isolation

    class OwnersView:
        """Reads the catalogue inside the owner's open transaction, where the weakening is visible."""

        def cursor(self):
            return as_owner.cursor()

    with as_owner.cursor() as cursor:
        cursor.execute(statement)
    monkeypatch.setattr(isolation, "connection", OwnersView())
    # The owner's own powers are faults too here: only the one that was made counts.
    assert any("learner" in fault or "secret_notes" in fault for fault in getattr(inspect_isolation(), where))


@pytest.mark.parametrize(
    ("statements", "loose"),
    [
        # The registration's own key of the centre went when the learner's began to hold it: without that, nothing does.
        (
            ["ALTER TABLE centres_registration DROP CONSTRAINT centres_registration_learner_id_same_place"],
            {"centres_registration.learner_id"},
        ),
        (
            ["ALTER TABLE centres_registration DROP CONSTRAINT centres_registration_cohort_id_same_place"],
            {"centres_registration.cohort_id", "centres_registration.qualification_id"},
        ),
        # Two steps away: the learner's centre holds the registration's, unless the cohort's does.
        (
            [
                "ALTER TABLE centres_learner DROP CONSTRAINT centres_learner_centre_id_same_ao",
                "ALTER TABLE centres_cohort DROP CONSTRAINT centres_cohort_centre_id_same_ao",
            ],
            {"centres_learner.centre_id", "centres_cohort.centre_id", "centres_registration.centre_id"},
        ),
        # A key with a null in it is not checked, so what it implied is held no longer.
        (
            ["ALTER TABLE centres_registration ALTER COLUMN cohort_id DROP NOT NULL"],
            {"centres_registration.qualification_id"},
        ),
        (
            ["ALTER TABLE catalogue_qualification DROP CONSTRAINT catalogue_qualification_ao_id_uniq CASCADE"],
            {"centres_cohort.qualification_id", "centres_registration.qualification_id"},
        ),
    ],
)
def test_what_a_wider_key_implied_is_noticed_when_it_is_not_held_any_more(as_owner, statements, loose, monkeypatch):
    import awarding.tenancy.isolation as isolation

    with as_owner.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
    monkeypatch.setattr(isolation, "connection", as_owner)
    assert loose <= set(inspect_isolation().loose_references)


def test_whose_a_row_is_must_be_held_too(as_owner, monkeypatch):
    import awarding.tenancy.isolation as isolation

    with as_owner.cursor() as cursor:
        cursor.execute("ALTER TABLE centres_learner DROP CONSTRAINT centres_learner_centre_id_same_ao")
    monkeypatch.setattr(isolation, "connection", as_owner)
    assert "centres_learner.ao_id" in inspect_isolation().loose_references


def test_the_database_refuses_a_cohort_of_another_centre_or_qualification():
    from django.db import IntegrityError, connection, transaction

    from awarding.tenancy.scope import open_scope
    from centres.models import Cohort, Registration
    from tests.factories import make_ao, make_centre, make_qualification, make_registration

    ao = make_ao("aim")
    with open_scope(ao):
        here, there = make_centre(), make_centre()
        registration = make_registration(here, make_qualification())
        same = Cohort.objects.create(centre=here, qualification=registration.qualification, name="B")
        strangers = [
            Cohort.objects.create(centre=there, qualification=registration.qualification, name="A"),
            Cohort.objects.create(centre=here, qualification=make_qualification(), name="A"),
        ]
        for cohort in [same, *strangers]:
            try:
                with transaction.atomic():
                    Registration.objects.filter(pk=registration.pk).update(cohort=cohort)
                    with connection.cursor() as cursor:
                        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                is_taken = True
            except IntegrityError:
                is_taken = False
            assert is_taken == (cohort is same)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def test_every_tenant_table_has_an_index_that_begins_with_the_organisation(as_owner):
    """What an organisation has is found without reading everybody's rows, also where nothing refers to the table."""
    with as_owner.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'ao_id'"
            " WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND NOT EXISTS ("
            " SELECT 1 FROM pg_index i WHERE i.indrelid = c.oid AND i.indkey[0] = a.attnum AND i.indpred IS NULL)"
        )
        assert [name for (name,) in cursor.fetchall()] == []
