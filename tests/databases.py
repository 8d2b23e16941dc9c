"""The tests' databases: emptying one as the owner of its tables."""

from __future__ import annotations

import psycopg2.extensions

KEPT_TABLES = ("django_migrations", "django_content_type", "auth_permission")


def truncate(cursor: psycopg2.extensions.cursor) -> None:
    """Empties every table. The cursor is the owner's: the application's role may not."""
    cursor.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> ALL(%s)", [list(KEPT_TABLES)]
    )
    tables = ", ".join(f'"{name}"' for (name,) in cursor.fetchall())
    if tables:
        cursor.execute(f"TRUNCATE {tables} RESTART IDENTITY CASCADE")
