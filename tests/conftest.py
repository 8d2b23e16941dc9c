"""Real servers for every test: PostgreSQL as the role the portal runs as, and a real broker.

Each test process has a database of its own, a copy of one that its owner migrated. Nothing here touches the portal's own data.
"""

from __future__ import annotations

import fcntl
import gc
import hashlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

import django
import psycopg2
import pytest
from django.conf import settings as django_settings
from django.contrib.auth.hashers import Argon2PasswordHasher
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadFileScheduling

from awarding.launcher.servers import ensure_servers
from tests.databases import prepare_test_database, truncate

ROOT = Path(__file__).resolve().parent.parent
SLOTS = 12
# Files with tests that take ten seconds and more, the slowest first.
SLOWEST = (
    "tests/matrix/test_routes.py",
    "tests/matrix/test_queries.py",
    "tests/matrix/test_prepared.py",
    "tests/deployment/test_settings.py",
    "tests/demonstration/test_seed_demo.py",
    "tests/qtag/test_disclosure.py",
    "tests/mitigations/test_leaks.py",
    "tests/mitigations/test_round_trip.py",
    "tests/launcher/test_supervisor.py",
    "tests/results/test_killed_worker.py",
    "tests/jobs/test_worker.py",
)
gc.disable()  # until everything is loaded: none of that is garbage
# How long an example takes says how busy the machine is, and fails no test of what is right.
settings.register_profile("portal", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("portal")


def _take_slot(admin: str) -> tuple[str, IO[str]]:
    """A name that no other test process on these servers holds: two runs at once would empty each other's tables.

    The lock lasts as long as the process, however it ends.
    """
    servers = hashlib.sha256(urlsplit(admin).netloc.rpartition("@")[2].encode()).hexdigest()[:12]
    for number in range(SLOTS):
        handle = open(  # noqa: SIM115 - held open on purpose: closing it would give the slot away
            Path(tempfile.gettempdir()) / f"awarding-portal-tests-{servers}-{number}.lock", "w"
        )
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            handle.close()
            continue
        return f"slot{number}", handle
    raise RuntimeError(f"{SLOTS} test processes use these servers already: wait for one to end.")


def _prepare() -> IO[str]:
    """Servers, this process's database, and the settings that keep it apart from everything else. Answers its lock."""
    if not os.environ.get("DATABASE_ADMIN_URL"):
        ensure_servers("test")
    admin = os.environ["DATABASE_ADMIN_URL"]
    worker, lock = _take_slot(admin)
    owner_url, app_url = prepare_test_database(admin, f"awarding_portal_test_{worker}")
    os.environ |= {
        "DATABASE_OWNER_URL": owner_url,
        "DATABASE_URL": app_url,
        # A database of the broker's own too: emptying the cache between tests empties all of it, queues included.
        "REDIS_URL": urlsplit(os.environ["REDIS_URL"])._replace(path=f"/{worker.removeprefix('slot')}").geturl(),
        "PORTAL_ENV": "test",
        "PORTAL_DEMO": "0",
        "CACHE_PREFIX": f"test-{worker}",
        "CELERY_QUEUE": f"test-{worker}",
        "PRIVATE_FILES_DIR": tempfile.mkdtemp(prefix="portal-test-files-"),
        "DJANGO_SETTINGS_MODULE": "awarding.settings",
    }
    return lock


_slot = _prepare()
django.setup()
# Where production has its static files; each client's handler would warn that it is not there.
django_settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
# The portal's own way to keep passwords, each with less work: what is right does not depend on how long guessing takes.
Argon2PasswordHasher.time_cost, Argon2PasswordHasher.memory_cost, Argon2PasswordHasher.parallelism = 1, 64, 1


def pytest_configure(config: pytest.Config) -> None:
    """Processes started by this one choose their own database.

    With the settings module in their environment Django would be set up before this file is read there, on the database
    of the process that started them: all of them would share one.
    """
    if config.getoption("dist", "no") != "no" and not hasattr(config, "workerinput"):
        os.environ.pop("DJANGO_SETTINGS_MODULE", None)


def pytest_collection_finish() -> None:
    """What is loaded by now stays to the end: it is not looked through for garbage again and again."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    gc.enable()


class ByWorld(LoadFileScheduling):
    """Side by side, a file stays on one process: its tests share a world that is dear to build.

    The browser's tests stay on two, each of which seeds a portal. The sweep of every page takes as long at 320 pixels as at
    1280, so these are apart; what needs no portal evens out. (xdist's own groups are lost on pytest 9.2's node ids.)
    """

    def _split_scope(self, nodeid: str) -> str:
        path = str(super()._split_scope(nodeid))
        if not path.startswith(("tests/system/", "tests/ui/test_look", "tests/ui/test_grid_in_browser")):
            return path
        return "narrow" if "320 pixels" in nodeid or path.startswith("tests/ui/") else "wide"

    def _assign_work_unit(self, node: Any) -> None:
        """Of those that wait, the slowest first. xdist counts tests: two that take a minute each would come last."""
        slowest = next((path for path in SLOWEST if path in self.workqueue), None)
        if slowest:
            self.workqueue.move_to_end(slowest, last=False)
        super()._assign_work_unit(node)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadFileScheduling:
    return ByWorld(config, log)


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
