"""Migration operations that put tenancy into the database itself: policies, composite keys, append-only tables."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.migrations.operations.base import Operation

from awarding.tenancy.models import TenantForeignKey

CURRENT_AO = "(SELECT nullif(current_setting('app.ao', true), '')::bigint)"
CURRENT_PERSON = "(SELECT nullif(current_setting('app.person', true), '')::bigint)"


class DatabaseOnly(Operation):
    """An operation that changes the database and not the models' state."""

    reduces_to_sql = True
    reversible = True

    def state_forwards(self, app_label: str, state: Any) -> None:
        return None


class InEachAO(DatabaseOnly):
    """Statements run AO by AO, since row-level security shows nothing where none is open. Backwards nothing is done."""

    reduces_to_sql = False

    def __init__(self, *statements: str) -> None:
        self.statements = statements

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return (type(self).__name__, list(self.statements), {})

    def describe(self) -> str:
        return "Data of each organisation"

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        with schema_editor.connection.cursor() as cursor:
            cursor.execute("SELECT id FROM tenancy_awardingorganisation WHERE slug IS NOT NULL")
            for (ao_id,) in cursor.fetchall():
                cursor.execute("SELECT set_config('app.ao', %s, true)", [str(ao_id)])
                for statement in self.statements:
                    cursor.execute(statement)
            cursor.execute("SELECT set_config('app.ao', '', true)")

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        return None


class _OfTables(DatabaseOnly):
    """An operation on the tables of the named models of the app."""

    def __init__(self, *models_: str) -> None:
        self.models = models_

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return (type(self).__name__, list(self.models), {})

    def tables(self, app_label: str, state: Any) -> list[str]:
        return [state.apps.get_model(app_label, name)._meta.db_table for name in self.models]


def _key_to_refer_to(table: str) -> str:
    """The SQL of the unique (ao_id, id) that same-tenant keys refer to."""
    return f'ALTER TABLE "{table}" ADD CONSTRAINT "{table}_ao_id_uniq" UNIQUE (ao_id, id)'


class TenantTables(_OfTables):
    """Row-level security for the named models of the app.

    For each table: row-level security enabled and forced; a policy that shows and accepts only rows of the open AO;
    and a unique (ao_id, id), which `SameTenantKeys` of this and other apps refer to.
    """

    policy_read = f"ao_id = {CURRENT_AO}"
    policy_write = f"ao_id = {CURRENT_AO}"

    def describe(self) -> str:
        return f"Tenant isolation for {', '.join(self.models)}"

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        for table in self.tables(app_label, to_state):
            schema_editor.execute(_key_to_refer_to(table))
            schema_editor.execute(f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY')
            schema_editor.execute(f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY')
            for statement in self.policies(table):
                schema_editor.execute(statement)

    def policies(self, table: str) -> list[str]:
        return [
            f'CREATE POLICY tenant_isolation ON "{table}" USING ({self.policy_read}) WITH CHECK ({self.policy_write})'
        ]

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        for table in self.tables(app_label, from_state):
            schema_editor.execute(f'DROP POLICY IF EXISTS tenant_isolation ON "{table}"')
            schema_editor.execute(f'ALTER TABLE "{table}" NO FORCE ROW LEVEL SECURITY')
            schema_editor.execute(f'ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY')
            schema_editor.execute(f'ALTER TABLE "{table}" DROP CONSTRAINT IF EXISTS "{table}_ao_id_uniq" CASCADE')


class NotReferredTo(_OfTables):
    """Drops the unique (ao_id, id) of tables of many rows to which nothing refers: every row that is written pays for it.

    Another index has to begin with the AO: whether an AO has any rows must not be answered by reading everybody's.
    A table that is to be referred to after all gets it back by reversing this, before its `SameTenantKeys`.
    """

    def describe(self) -> str:
        return f"No key for references to {', '.join(self.models)}"

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        for table in self.tables(app_label, to_state):
            schema_editor.execute(f'ALTER TABLE "{table}" DROP CONSTRAINT "{table}_ao_id_uniq"')

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        for table in self.tables(app_label, from_state):
            schema_editor.execute(_key_to_refer_to(table))


class PublicTenantTables(TenantTables):
    """As TenantTables, but anybody may read: published facts of an AO, such as its qualifications."""

    def policies(self, table: str) -> list[str]:
        return [
            f'CREATE POLICY tenant_isolation ON "{table}" USING ({self.policy_read}) WITH CHECK ({self.policy_write})',
            f'CREATE POLICY published ON "{table}" FOR SELECT USING (true)',
        ]


class AuditTables(TenantTables):
    """As TenantTables, for events of which some belong to no AO: those are seen only where no AO is open."""

    policy_read = f"ao_id IS NOT DISTINCT FROM {CURRENT_AO}"
    policy_write = policy_read


class PersonalTenantTables(TenantTables):
    """As TenantTables, but a person may also read their own rows across AOs (memberships, notices)."""

    def policies(self, table: str) -> list[str]:
        return [
            f'CREATE POLICY tenant_isolation ON "{table}" USING ({self.policy_read}) WITH CHECK ({self.policy_write})',
            f'CREATE POLICY own_rows ON "{table}" FOR SELECT USING (person_id = {CURRENT_PERSON})',
        ]


def composite_key(model: type[models.Model], field: TenantForeignKey) -> str:
    """The SQL of the same-tenant constraint for one reference. Deferred, as Django's own keys are."""
    table, target = model._meta.db_table, field.remote_field.model._meta.db_table
    return (
        f'ALTER TABLE "{table}" ADD CONSTRAINT "{table}_{field.column}_same_ao" '
        f'FOREIGN KEY (ao_id, "{field.column}") REFERENCES "{target}" (ao_id, id) DEFERRABLE INITIALLY DEFERRED'
    )


class SameTenantKeys(DatabaseOnly):
    """The composite keys (ao_id, x_id) -> (ao_id, id) of every `TenantForeignKey` of the named models.

    In a migration that depends on the `TenantTables` of every app referred to. With `fields`, only those
    (for a reference added later).
    """

    def __init__(self, *models_: str, fields: tuple[str, ...] = ()) -> None:
        self.models, self.fields = models_, tuple(fields)

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return (type(self).__name__, list(self.models), {"fields": self.fields} if self.fields else {})

    def describe(self) -> str:
        return f"Same-tenant keys of {', '.join(self.models)}"

    def _keys(self, app_label: str, state: Any) -> list[tuple[type[models.Model], TenantForeignKey]]:
        return [
            (model, field)
            for model in (state.apps.get_model(app_label, name) for name in self.models)
            for field in model._meta.local_fields
            if isinstance(field, TenantForeignKey) and (not self.fields or field.name in self.fields)
        ]

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        for model, field in self._keys(app_label, to_state):
            schema_editor.execute(composite_key(model, field))

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        for model, field in self._keys(app_label, from_state):
            table = model._meta.db_table
            schema_editor.execute(f'ALTER TABLE "{table}" DROP CONSTRAINT IF EXISTS "{table}_{field.column}_same_ao"')


class WiderKeys(DatabaseOnly):
    """Composite keys that hold more than the AO, so that one check of a row stands for several.

    ``WiderKeys("Registration", learner=("centre",))`` makes the key (ao_id, centre_id, learner_id) of a registration to
    (ao_id, centre_id, id) of a learner in the place of (ao_id, learner_id): the learner is then of the registration's own
    centre, which the learner's key holds in turn. What is thereby held already is named in `implied`: those fields'
    own keys go, and every row that is written costs fewer checks. Only for fields that are never null: a key with a
    null in it is not checked. `loose_references` follows the keys and tells when a reference is no longer held.
    """

    def __init__(self, model: str, *, implied: tuple[str, ...] = (), **with_fields: tuple[str, ...]) -> None:
        self.model, self.implied, self.with_fields = model, tuple(implied), with_fields

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return (type(self).__name__, [self.model], {"implied": self.implied, **self.with_fields})

    def describe(self) -> str:
        return f"Wider same-tenant keys of {self.model}"

    def _wider(self, model: type[models.Model]) -> list[tuple[Any, str, str, str]]:
        """For each field: the field, its target's table, the columns of the key here and of the target there."""
        found = []
        for name, others in self.with_fields.items():
            field: Any = model._meta.get_field(name)
            target = field.remote_field.model
            here = ["ao_id", *(f"{other}_id" for other in others), field.column]
            there = ["ao_id", *(f"{other}_id" for other in others), "id"]
            found.append((field, target._meta.db_table, ", ".join(here), ", ".join(there)))
        return found

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        model = to_state.apps.get_model(app_label, self.model)
        table = model._meta.db_table
        for field, target, here, there in self._wider(model):
            schema_editor.execute(
                f'ALTER TABLE "{target}" ADD CONSTRAINT "{target}_for_{table}_{field.column}" UNIQUE ({there})'
            )
            schema_editor.execute(
                f'ALTER TABLE "{table}" ADD CONSTRAINT "{table}_{field.column}_same_place" FOREIGN KEY ({here}) '
                f'REFERENCES "{target}" ({there}) DEFERRABLE INITIALLY DEFERRED'
            )
            schema_editor.execute(f'ALTER TABLE "{table}" DROP CONSTRAINT "{table}_{field.column}_same_ao"')
        for field in map(model._meta.get_field, self.implied):
            names = [f"{table}_{field.column}_same_ao"]
            if not isinstance(field, TenantForeignKey):
                names = schema_editor._constraint_names(model, [field.column], foreign_key=True)
            for name in names:
                schema_editor.execute(f'ALTER TABLE "{table}" DROP CONSTRAINT "{name}"')

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        model = from_state.apps.get_model(app_label, self.model)
        table = model._meta.db_table
        for field in map(model._meta.get_field, self.implied):
            if isinstance(field, TenantForeignKey):
                schema_editor.execute(composite_key(model, field))
            else:
                schema_editor.execute(schema_editor._create_fk_sql(model, field, "_fk_%(to_table)s_%(to_column)s"))
        for field, target, _here, _there in self._wider(model):
            schema_editor.execute(composite_key(model, field))
            schema_editor.execute(f'ALTER TABLE "{table}" DROP CONSTRAINT "{table}_{field.column}_same_place"')
            schema_editor.execute(f'ALTER TABLE "{target}" DROP CONSTRAINT "{target}_for_{table}_{field.column}"')


class AppendOnly(_OfTables):
    """A trigger that refuses every UPDATE and DELETE on the named models' tables, whoever asks."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        schema_editor.execute(
            """CREATE OR REPLACE FUNCTION portal_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN RAISE EXCEPTION 'Rows of % are history: they are added, never changed or deleted', TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation'; END $$""",
            params=None,  # the text has a percent sign of its own
        )
        for table in self.tables(app_label, to_state):
            schema_editor.execute(
                f'CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON "{table}" '
                "FOR EACH ROW EXECUTE FUNCTION portal_refuse_change()"
            )

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        for table in self.tables(app_label, from_state):
            schema_editor.execute(f'DROP TRIGGER IF EXISTS append_only ON "{table}"')


class AppendOnlyBesides(DatabaseOnly):
    """As `AppendOnly` for one model, but the named columns may change; a row itself is never deleted."""

    def __init__(self, model: str, *columns: str) -> None:
        self.model, self.columns = model, columns

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return (type(self).__name__, [self.model, *self.columns], {})

    def describe(self) -> str:
        return f"History in {self.model}, besides {', '.join(self.columns)}"

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        schema_editor.execute(
            """CREATE OR REPLACE FUNCTION portal_refuse_change_besides() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - TG_ARGV = to_jsonb(OLD) - TG_ARGV THEN RETURN NEW; END IF;
                RAISE EXCEPTION 'Rows of % are history: they are added, never changed or deleted', TG_TABLE_NAME
                USING ERRCODE = 'restrict_violation';
            END $$""",
            params=None,  # the text has a percent sign of its own
        )
        table = to_state.apps.get_model(app_label, self.model)._meta.db_table
        given = ", ".join(f"'{column}'" for column in self.columns)
        schema_editor.execute(f'DROP TRIGGER IF EXISTS append_only ON "{table}"')
        schema_editor.execute(
            f'CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON "{table}" '
            f"FOR EACH ROW EXECUTE FUNCTION portal_refuse_change_besides({given})"
        )

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        table = from_state.apps.get_model(app_label, self.model)._meta.db_table
        schema_editor.execute(f'DROP TRIGGER IF EXISTS append_only ON "{table}"')
        schema_editor.execute(
            f'CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON "{table}" '
            "FOR EACH ROW EXECUTE FUNCTION portal_refuse_change()"
        )
