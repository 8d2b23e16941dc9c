"""The tests' databases: migrated once, copied for each test process, emptied by the owner of the tables."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2.extensions

from awarding.launcher.database import prepare_database

ROOT = Path(__file__).resolve().parent.parent
KEPT_TABLES = ("django_migrations", "django_content_type", "auth_permission")
TEMPLATE = "awarding_portal_test_template"
# One pair of roles for all: a copy's tables belong to whom the template's belong.
ROLES = "awarding_portal_tests"
_LOCK = 0x74657374
_MOST_SECONDS = 1200  # a busy machine needs minutes for what takes half of one otherwise


def prepare_test_database(admin: str, name: str) -> tuple[str, str]:
    """Makes database `name` with exactly these migrations and no rows; answers `(owner_url, app_url)`.

    Migrating takes longer than most runs of tests, so it is done once, in a template, and each process takes a copy. Whoever
    comes meanwhile waits. Killed at any instant, it leaves nothing that looks finished.
    """
    digest = _digest()
    with _turn(admin) as cursor:
        if _said_of(cursor, name) == digest:
            urls = prepare_database(admin, name, roles=ROLES, secret="test")
            with psycopg2.connect(urls[0]) as connection, connection.cursor() as owner:
                truncate(owner)
            return urls
        if _said_of(cursor, TEMPLATE) != digest:
            _migrate(*prepare_database(admin, TEMPLATE, roles=ROLES, secret="test", recreate=True))
            cursor.execute(f'COMMENT ON DATABASE "{TEMPLATE}" IS %s', [digest])
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{TEMPLATE}" OWNER "{ROLES}_owner"')
        urls = prepare_database(admin, name, roles=ROLES, secret="test")
        cursor.execute(f'COMMENT ON DATABASE "{name}" IS %s', [digest])
        return urls


def truncate(cursor: psycopg2.extensions.cursor) -> None:
    """Empties every table. The cursor is the owner's: the application's role may not."""
    cursor.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> ALL(%s)", [list(KEPT_TABLES)]
    )
    tables = ", ".join(f'"{name}"' for (name,) in cursor.fetchall())
    if tables:
        cursor.execute(f"TRUNCATE {tables} RESTART IDENTITY CASCADE")


def _digest() -> str:
    """Of everything that makes the tables what they are; a database's comment says of which digest it is."""
    paths = sorted(ROOT.glob("*/migrations/*.py")) + sorted(ROOT.glob("awarding/*/migrations/*.py"))
    paths += [ROOT / "awarding/tenancy/operations.py", Path(__file__)]
    return hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()


@contextmanager
def _turn(admin: str) -> Iterator[psycopg2.extensions.cursor]:
    """A cursor outside any transaction, once nobody else prepares; the server lets go when the process ends."""
    connection = psycopg2.connect(urlsplit(admin)._replace(path="/postgres").geturl())
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
            yield cursor
    finally:
        connection.close()


def _said_of(cursor: psycopg2.extensions.cursor, name: str) -> str | None:
    cursor.execute("SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", [name])
    row = cursor.fetchone()
    return row[0] if row else None


def _migrate(owner_url: str, app_url: str) -> None:
    named = {"DATABASE_OWNER_URL": owner_url, "DATABASE_URL": app_url, "PORTAL_DATABASE_ROLE": "owner",
             "PORTAL_ENV": "test", "PORTAL_DEMO": "0", "DJANGO_SETTINGS_MODULE": "awarding.settings"}  # fmt: skip
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity", "0", "--skip-checks"],
        cwd=ROOT,
        env=os.environ | named,
        check=True,
        timeout=_MOST_SECONDS,
    )
