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
        ("ALTER TABLE centres_registration DROP CONSTRAINT centres_registration_learner_id_same_place", "loose_references"),
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
