"""Real servers for every test: PostgreSQL as the role the portal runs as, and a real broker.

Each test process has a database of its own, migrated by its owner. Nothing here touches the portal's own data.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

import django
import psycopg2
import pytest

from awarding.launcher.database import prepare_database
from awarding.launcher.servers import ensure_servers
from tests.databases import truncate

ROOT = Path(__file__).resolve().parent.parent
SLOTS = 12


def _take_slot() -> tuple[str, IO[str]]:
    """A name that no other test process on this machine holds: two runs at once would empty each other's tables.

    The lock lasts as long as the process, however it ends.
    """
    for number in range(SLOTS):
        handle = open(  # noqa: SIM115 - held open on purpose: closing it would give the slot away
            Path(tempfile.gettempdir()) / f"awarding-portal-tests-{number}.lock", "w"
        )
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            handle.close()
            continue
        return f"slot{number}", handle
    raise RuntimeError(f"{SLOTS} test processes run on this machine already: wait for one to end.")


WORKER, _slot = _take_slot()


def _prepare() -> None:
    """Servers, this process's database, and the settings that keep it apart from everything else."""
    given_admin = os.environ.get("DATABASE_ADMIN_URL")
    if not given_admin:
        ensure_servers("test")
    admin = os.environ["DATABASE_ADMIN_URL"]
    name = f"awarding_portal_test_{WORKER}"
    owner_url, app_url = prepare_database(admin, name, secret="test")
    os.environ |= {
        "DATABASE_OWNER_URL": owner_url,
        "DATABASE_URL": app_url,
        # A database of the broker's own too: emptying the cache between tests empties all of it, queues included.
        "REDIS_URL": urlsplit(os.environ["REDIS_URL"])._replace(path=f"/{WORKER.removeprefix('slot')}").geturl(),
        "PORTAL_ENV": "test",
        "PORTAL_DEMO": "0",
        "CACHE_PREFIX": f"test-{WORKER}",
        "CELERY_QUEUE": f"test-{WORKER}",
        "PRIVATE_FILES_DIR": tempfile.mkdtemp(prefix="portal-test-files-"),
        "DJANGO_SETTINGS_MODULE": "awarding.settings",
    }
    _migrate(owner_url, name)


def _migrate(owner_url: str, name: str) -> None:
    """Migrates unless the database already has exactly these migrations; then only empties its tables."""
    paths = sorted(ROOT.glob("*/migrations/*.py")) + sorted(ROOT.glob("awarding/*/migrations/*.py"))
    paths.append(ROOT / "awarding/tenancy/operations.py")
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()
    with psycopg2.connect(owner_url) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", [name])
        if cursor.fetchone() == (digest,):
            truncate(cursor)
            return
        cursor.execute("SELECT 'DROP TABLE IF EXISTS \"' || tablename || '\" CASCADE' FROM pg_tables "
                       "WHERE schemaname = 'public'")  # fmt: skip
        for (statement,) in cursor.fetchall():
            cursor.execute(statement)
        # Until it is migrated the database says nothing: a run that is killed here must not look finished.
        cursor.execute(f'COMMENT ON DATABASE "{name}" IS NULL')
    environment = os.environ | {"PORTAL_DATABASE_ROLE": "owner"}
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity", "0", "--skip-checks"],
        cwd=ROOT,
        env=environment,
        check=True,
        timeout=300,
    )
    with psycopg2.connect(owner_url) as connection, connection.cursor() as cursor:
        cursor.execute(f'COMMENT ON DATABASE "{name}" IS %s', [digest])


_prepare()
django.setup()


def pytest_configure(config: pytest.Config) -> None:
    """Processes started by this one choose their own database.

    With the settings module in their environment Django would be set up before this file is read there, on the database
    of the process that started them: all of them would share one.
    """
    if config.getoption("dist", "no") != "no" and not hasattr(config, "workerinput"):
        os.environ.pop("DJANGO_SETTINGS_MODULE", None)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Side by side, a file stays on one process, and the browser's tests on two: each of these seeds a portal.

    The sweep of every page takes as long at 320 pixels as at 1280, so these are apart; what needs no portal evens out.
    """
    for item in items:
        group = str(item.path.relative_to(ROOT))
        if item.get_closest_marker("system"):
            group = "narrow" if "320 pixels" in item.name or "ui" in item.path.parts else "wide"
        item.add_marker(pytest.mark.xdist_group(group))


@pytest.fixture(scope="session")
def django_db_setup() -> None:
    """The database is ready already (`_prepare`), under its own name."""


@pytest.fixture(scope="session", autouse=True)
def _flush_as_owner() -> Iterator[None]:
    """Tests that commit are cleaned up by the owner: the application's role cannot truncate."""
    from django.db import connections
    from django.test import TransactionTestCase

    def teardown(self: TransactionTestCase) -> None:
        connections.close_all()
        with psycopg2.connect(os.environ["DATABASE_OWNER_URL"]) as connection, connection.cursor() as cursor:
            truncate(cursor)

    original = TransactionTestCase._fixture_teardown
    TransactionTestCase._fixture_teardown = teardown
    yield
    TransactionTestCase._fixture_teardown = original


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    """Rate limits and locks of one test do not reach the next."""
    yield
    from django.core.cache import cache

    cache.clear()
