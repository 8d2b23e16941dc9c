"""Reads from the database's own catalogue whether tenants are kept apart: policies, same-tenant keys, the role's powers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.apps import apps
from django.db import connection

TENANT_TABLES = """
    SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity,
           EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid AND p.polcmd = '*'
                   AND pg_get_expr(p.polqual, p.polrelid) LIKE '%app.ao%'
                   AND pg_get_expr(p.polwithcheck, p.polrelid) LIKE '%app.ao%')
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'ao_id' AND NOT a.attisdropped
    WHERE c.relkind IN ('r', 'p') AND n.nspname = 'public' ORDER BY c.relname
"""
FOREIGN_KEYS = """
    SELECT c.conrelid::regclass::text, c.confrelid::regclass::text,
           (SELECT array_agg(a.attname::text ORDER BY k.n) FROM unnest(c.conkey) WITH ORDINALITY k(attnum, n)
            JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.attnum),
           (SELECT array_agg(a.attname::text ORDER BY k.n) FROM unnest(c.confkey) WITH ORDINALITY k(attnum, n)
            JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.attnum),
           ARRAY(SELECT a.attname::text FROM pg_attribute a
                 WHERE a.attrelid = c.conrelid AND a.attnum = ANY(c.conkey) AND NOT a.attnotnull)
    FROM pg_constraint c WHERE c.contype = 'f' AND c.connamespace = 'public'::regnamespace AND c.convalidated
"""
ROLE = """
    SELECT r.rolsuper, r.rolbypassrls, r.rolcreaterole, r.rolcreatedb,
           (SELECT count(*) FROM pg_class c WHERE c.relowner = r.oid),
           has_schema_privilege(r.oid, 'public', 'CREATE'),
           (SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public'
            AND c.relkind = 'r' AND has_table_privilege(r.oid, c.oid, 'TRUNCATE'))
    FROM pg_roles r WHERE r.rolname = current_user
"""
VIEWS_WITHOUT_INVOKER = """
    SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND (c.relkind = 'm' OR c.relkind = 'v' AND NOT coalesce(
        (SELECT option_value::boolean FROM pg_options_to_table(c.reloptions) WHERE option_name = 'security_invoker'), false))
"""


class Key(NamedTuple):
    """A foreign key: its columns, the target's in the same order, and those of its own that can be null."""

    table: str
    target: str
    columns: list[str]
    targets: list[str]
    nullable: list[str]


@dataclass
class Isolation:
    """What was found. Empty lists are good news."""

    tenant_tables: list[str] = field(default_factory=list)
    without_policy: list[str] = field(default_factory=list)
    loose_references: list[str] = field(default_factory=list)
    role_faults: list[str] = field(default_factory=list)

    @property
    def is_sound(self) -> bool:
        return bool(self.tenant_tables) and not (self.without_policy or self.loose_references or self.role_faults)

    def summary(self) -> dict[str, Any]:
        return {
            "tenant_tables": len(self.tenant_tables),
            "without_policy": self.without_policy,
            "loose_references": self.loose_references,
            "role_faults": self.role_faults,
        }


def inspect_isolation() -> Isolation:
    """Looks at the database as the role the portal runs as. Reads only."""
    found = Isolation()
    with connection.cursor() as cursor:
        cursor.execute(TENANT_TABLES)
        for table, is_forced, has_policy in cursor.fetchall():
            found.tenant_tables.append(table)
            if not (is_forced and has_policy):
                found.without_policy.append(table)
        cursor.execute(FOREIGN_KEYS)
        keys = [Key(*row) for row in cursor.fetchall()]
        cursor.execute(ROLE)
        powers = cursor.fetchone()
        cursor.execute(VIEWS_WITHOUT_INVOKER)
        found.role_faults += [f"the view {name} reads with its owner's rights" for (name,) in cursor.fetchall()]
    found.loose_references = loose_references(set(found.tenant_tables), keys)
    labels = ("is a superuser", "bypasses row-level security", "may create roles", "may create databases")
    found.role_faults += [label for label, has in zip(labels, powers[:4], strict=True) if has]
    if powers[4]:
        found.role_faults.append(f"owns {powers[4]} relations")
    if powers[5]:
        found.role_faults.append("may create tables")
    if powers[6]:
        found.role_faults.append(f"may truncate {powers[6]} tables")
    return found


def loose_references(tenant_tables: set[str], keys: list[Key]) -> list[str]:
    """References between tenant tables that another AO's row could satisfy, as "table.column".

    From the database's keys: a single-column key to a tenant table with nothing tighter beside it. From the models: a
    reference that Django knows and the database does not hold. And of every tenant table the column that says whose a
    row is. A key may hold a reference itself, or by way of another row: see `_Held`.
    """
    held = _Held(tenant_tables, keys)
    asked = {
        (key.table, key.columns[0], key.target)
        for key in keys
        if key.table in tenant_tables and key.target in tenant_tables and len(key.columns) == 1
    }
    for model in apps.get_models():
        table = model._meta.db_table
        if table not in tenant_tables:
            continue
        for one in model._meta.local_fields:
            target = one.related_model._meta.db_table if one.is_relation and one.related_model is not None else None
            if one.column and target is not None and (target in tenant_tables or one.column == "ao_id"):
                asked.add((table, one.column, target))
    return sorted({f"{table}.{column}" for table, column, target in asked if not held.holds(table, column, target)})


class _Held:
    """Which references the database's keys hold, directly or through the row that another key leads to.

    A registration's key to (ao_id, centre_id, id) of a learner holds its learner. It holds its centre too, as long as
    the learner's own key holds the learner's centre. A key that leads on counts only while none of its columns can be
    null, for a key with a null in it is not checked.
    """

    def __init__(self, tenant_tables: set[str], keys: list[Key]) -> None:
        self.tenant_tables = tenant_tables
        self.keys: dict[str, list[Key]] = {}
        for key in keys:
            self.keys.setdefault(key.table, []).append(key)

    def holds(self, table: str, column: str, target: str, seen: frozenset[tuple[str, str]] = frozenset()) -> bool:
        """Whether the column leads to the target's id, and to a row of the same AO if the target is a tenant table."""
        if (table, column) in seen:
            return False
        seen |= {(table, column)}
        return any(self._holds(key, column, target, seen) for key in self.keys.get(table, ()) if column in key.columns)

    def _holds(self, key: Key, column: str, target: str, seen: frozenset[tuple[str, str]]) -> bool:
        there = dict(zip(key.columns, key.targets, strict=True))
        if key.target == target and there[column] == "id":
            same_ao = target not in self.tenant_tables or there.get("ao_id") == "ao_id"
            return same_ao and not set(key.nullable) - {column, "ao_id"}
        if key.target not in self.tenant_tables or there.get("ao_id") != "ao_id" or key.nullable:
            return False
        return self.holds(key.target, there[column], target, seen)
