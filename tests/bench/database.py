"""A database of the bench's own, on the servers of the tests: copied from theirs, filled and emptied here."""

from __future__ import annotations

import os
import tempfile

import psycopg2

from awarding.launcher.servers import ensure_servers
from tests.databases import KEPT_TABLES, prepare_test_database

NAME = "awarding_portal_bench"


def prepare() -> None:
    """Servers, database and settings; afterwards Django can be set up."""
    if not os.environ.get("DATABASE_ADMIN_URL"):
        ensure_servers("test")
    owner_url, app_url = prepare_test_database(os.environ["DATABASE_ADMIN_URL"], NAME)
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
            tables = tuple(name for (name,) in cursor.fetchall() if name not in KEPT_TABLES)
        cursor.execute("TRUNCATE " + ", ".join(f'"{name}"' for name in tables) + " RESTART IDENTITY CASCADE")
    connection.close()


def analyse() -> None:
    """Fresh statistics, as autovacuum would have made by the time that anybody looks."""
    connection = psycopg2.connect(os.environ["DATABASE_OWNER_URL"])
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    connection.close()
