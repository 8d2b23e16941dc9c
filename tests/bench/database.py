"""A database of the bench's own, on the servers of the tests: made, migrated, filled and emptied here."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg2

from awarding.launcher.database import prepare_database
from awarding.launcher.servers import ensure_servers

ROOT = Path(__file__).resolve().parent.parent.parent
NAME = "awarding_portal_bench"
KEPT = {"django_migrations", "django_content_type", "auth_permission"}


def prepare() -> None:
    """Servers, database and settings; afterwards Django can be set up."""
    if not os.environ.get("DATABASE_ADMIN_URL"):
        ensure_servers("test")
    owner_url, app_url = prepare_database(os.environ["DATABASE_ADMIN_URL"], NAME, secret="bench")
    os.environ |= {
        "DATABASE_OWNER_URL": owner_url,
        "DATABASE_URL": app_url,
        "PORTAL_ENV": "test",
        "PORTAL_DEMO": "0",
        "DEBUG": "0",
        "CACHE_PREFIX": "bench",
        "CELERY_QUEUE": "bench",
        "PRIVATE_FILES_DIR": tempfile.mkdtemp(prefix="portal-bench-files-"),
        "DJANGO_SETTINGS_MODULE": "awarding.settings",
    }
    _migrate(owner_url)
    empty()


def _migrate(owner_url: str) -> None:
    paths = sorted(ROOT.glob("*/migrations/*.py")) + sorted(ROOT.glob("awarding/*/migrations/*.py"))
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()
    with psycopg2.connect(owner_url) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", [NAME])
        if cursor.fetchone() == (digest,):
            return
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(f'DROP TABLE IF EXISTS "{table}" CASCADE')
        cursor.execute(f'COMMENT ON DATABASE "{NAME}" IS NULL')
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
        cwd=ROOT,
        env=os.environ | {"PORTAL_DATABASE_ROLE": "owner"},
        check=True,
    )
    with psycopg2.connect(owner_url) as connection, connection.cursor() as cursor:
        cursor.execute(f'COMMENT ON DATABASE "{NAME}" IS %s', [digest])


def as_owner(*statements: str) -> None:
    with psycopg2.connect(os.environ["DATABASE_OWNER_URL"]) as connection, connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
    connection.close()


def empty(*tables: str) -> None:
    """Empties these tables, or every table."""
    with psycopg2.connect(os.environ["DATABASE_OWNER_URL"]) as connection, connection.cursor() as cursor:
        if not tables:
            cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
            tables = tuple(name for (name,) in cursor.fetchall() if name not in KEPT)
        cursor.execute("TRUNCATE " + ", ".join(f'"{name}"' for name in tables) + " RESTART IDENTITY CASCADE")
    connection.close()


def analyse() -> None:
    """Fresh statistics, as autovacuum would have made by the time that anybody looks."""
    connection = psycopg2.connect(os.environ["DATABASE_OWNER_URL"])
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    connection.close()
