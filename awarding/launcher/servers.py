"""Keeps PostgreSQL and Valkey up for as long as anyone uses them.

Every process that uses the servers holds a *lease*: a shared lock on one file, which the kernel takes back however
the process ends. Whoever lets go of its lease and finds nobody else holding one stops the servers. After a kill of
the last user they run on until the next start, which adopts them and later stops them.
"""

import atexit
import contextlib
import fcntl
import json
import os
import signal
import sys
import threading
import time
from collections.abc import MutableMapping
from pathlib import Path
from types import FrameType
from urllib.parse import urlsplit

from awarding.launcher import LauncherError, postgres, valkey
from awarding.launcher.database import may_administer, prepare_database
from awarding.launcher.processes import is_root
from awarding.launcher.state import default_state_dir, held_lock, make_directory, read_secrets, write_private

DATABASE_NAMES = {"main": "awarding_portal", "test": "awarding_portal_test"}
# Raised whenever prepare_database changes: a database prepared by an older version is prepared again.
PREPARATION = 1

# Commands that change tables connect as the owner of the tables; everything else as the application role.
OWNER_COMMANDS = frozenset(
    {"migrate", "makemigrations", "sqlmigrate", "squashmigrations", "optimizemigration", "showmigrations", "flush"}
)
SERVERLESS_COMMANDS = frozenset(
    {"help", "version", "--help", "-h", "--version", "collectstatic", "findstatic", "makemessages", "compilemessages"}
)


class _Lease:
    """This process's share in the servers of one state directory."""

    def __init__(self, state_dir: Path) -> None:
        self.state_dir = state_dir
        self.pid = os.getpid()
        self.descriptor = os.open(state_dir / "servers.lease", os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(self.descriptor, fcntl.LOCK_SH)

    def leave(self) -> None:
        if self.pid != os.getpid():  # a fork shares the lock; only the process that took it gives it back
            return
        if not self.state_dir.is_dir():  # deleted under us, and with it whatever there was to stop
            os.close(self.descriptor)
            return
        with held_lock(self.state_dir / "servers.lock"):
            os.close(self.descriptor)
            _stop_if_unused(self.state_dir)


_leases: dict[Path, _Lease] = {}


def ensure_servers(
    profile: str = "main", *, state_dir: Path | None = None, environ: MutableMapping[str, str] = os.environ
) -> dict[str, str]:
    """Make sure database and broker answer, put their addresses in `environ`, and return what was put there.

    `profile` is `main`, or `test` (a state directory of its own, no safety against power cuts, and
    `DATABASE_ADMIN_URL` for making databases). Servers named by the person in DATABASE_URL and REDIS_URL are used
    instead of ours. The servers stop when the last process that asked for them ends. Raises LauncherError.
    """
    if state_dir is None:
        state_dir = default_state_dir() / ("test-servers" if profile == "test" else "")
    found: dict[str, str] = {}
    own_database, own_broker = not environ.get("DATABASE_URL"), not environ.get("REDIS_URL")
    if environ.get("PORTAL_ENV") == "production" and (own_database or own_broker):
        raise LauncherError(
            "PORTAL_ENV=production: set DATABASE_URL, DATABASE_OWNER_URL (for migrate) and REDIS_URL. "
            "The servers that the launcher brings along are for development and tests."
        )
    if own_database or own_broker:
        _require_writable(state_dir)
        with held_lock(state_dir / "servers.lock"):
            _take_lease(state_dir)
            if own_database:
                found |= _start_database(profile, state_dir)
            if own_broker:
                found["REDIS_URL"] = valkey.redis_url(state_dir, valkey.start_valkey(state_dir).port)
    if not own_database:
        found |= _adopt_database(profile, environ)
    environ.update(found)
    return found


def leave_servers(state_dir: Path) -> None:
    """Give back this process's lease now instead of at its end."""
    lease = _leases.pop(state_dir, None)
    if lease:
        lease.leave()


def stop_servers(state_dir: Path) -> None:
    """Stop both servers of a state directory. The caller holds the start lock."""
    valkey.stop_valkey(state_dir)
    postgres.stop_postgres(state_dir)


def wait_and_stop(state_dir: Path) -> None:
    """Wait until nobody holds a lease any more, then stop the servers. For whoever outlives a killed user of them."""
    while True:
        with held_lock(state_dir / "servers.lock"):
            if _stop_if_unused(state_dir):
                return
        time.sleep(0.3)


def take_inherited_lease(state_dir: Path) -> None:
    """A lease that stays with this process through exec, and goes when it and all its forks have gone."""
    descriptor = os.open(state_dir / "servers.lease", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    os.set_inheritable(descriptor, True)


def prepare_command(arguments: list[str], environ: MutableMapping[str, str] = os.environ) -> None:
    """What `manage.py` needs before Django loads: servers, and the role that the command connects as."""
    command = arguments[1] if len(arguments) > 1 else "help"
    if command in OWNER_COMMANDS:
        environ.setdefault("PORTAL_DATABASE_ROLE", "owner")
    if command in SERVERLESS_COMMANDS or "--help" in arguments or "-h" in arguments:
        return
    if environ.get("PORTAL_ENV") == "production":
        return  # the deployment names its servers; settings complain about what is missing
    ensure_servers("main", environ=environ)


def _stop_if_unused(state_dir: Path) -> bool:
    """Stop the servers if nobody holds a lease; returns whether that was so. The caller holds the start lock."""
    descriptor = os.open(state_dir / "servers.lease", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    stop_servers(state_dir)
    return True


def _require_writable(state_dir: Path) -> None:
    try:
        make_directory(state_dir)
        writable = os.access(state_dir, os.W_OK | os.X_OK)
    except PermissionError:
        writable = False
    if writable and not (is_root() and state_dir.stat().st_uid != 0):
        return
    owner = "another account" if writable else "an account other than yours, or is read-only"
    raise LauncherError(
        f"{state_dir} belongs to {owner}; starting the servers from two accounts would lock one of them out. Use the "
        "account that set the portal up, or name another place: PORTAL_STATE_DIR=/some/where"
    )


def _take_lease(state_dir: Path) -> None:
    lease = _leases.get(state_dir)
    if lease and lease.pid == os.getpid():
        return
    _leases[state_dir] = _Lease(state_dir)
    atexit.register(leave_servers, state_dir)
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is signal.SIG_DFL:
                signal.signal(number, _end)


def _end(number: int, _frame: FrameType | None) -> None:
    """Python dies of SIGTERM without running exit handlers unless told otherwise."""
    sys.exit(128 + number)


def _start_database(profile: str, state_dir: Path) -> dict[str, str]:
    running = postgres.start_postgres(state_dir, durable=profile != "test")
    admin = postgres.admin_url(state_dir, running.port)
    found = {"DATABASE_ADMIN_URL": admin} if profile == "test" else {}
    name = DATABASE_NAMES[profile]
    stamp = postgres.data_directory(state_dir).with_name(f"prepared-{name}.json")
    with contextlib.suppress(OSError, ValueError):
        known = json.loads(stamp.read_text())
        if known["version"] == PREPARATION and known["port"] == running.port:
            return found | {"DATABASE_OWNER_URL": known["owner"], "DATABASE_URL": known["app"]}
    owner, app = prepare_database(admin, name, secret=read_secrets(state_dir)["database_roles"])
    write_private(stamp, json.dumps({"version": PREPARATION, "port": running.port, "owner": owner, "app": app}))
    return found | {"DATABASE_OWNER_URL": owner, "DATABASE_URL": app}


def _adopt_database(profile: str, environ: MutableMapping[str, str]) -> dict[str, str]:
    """The person's own server: both URLs as they are, or one login that may make the two roles."""
    given = environ["DATABASE_URL"]
    if urlsplit(given).scheme not in {"postgres", "postgresql"}:
        raise LauncherError("DATABASE_URL must begin with postgres:// - the portal runs on PostgreSQL only.")
    if environ.get("DATABASE_OWNER_URL"):
        return {}
    if not may_administer(given):
        raise LauncherError(
            "DATABASE_URL names a login that may not create roles and databases, and DATABASE_OWNER_URL is not set. "
            "Set DATABASE_OWNER_URL to the role that owns the tables and DATABASE_URL to one that owns nothing, or "
            "give DATABASE_URL a login with CREATEROLE and CREATEDB and the portal makes both roles itself."
        )
    owner, app = prepare_database(given, DATABASE_NAMES[profile])
    found = {"DATABASE_OWNER_URL": owner, "DATABASE_URL": app}
    return found | ({"DATABASE_ADMIN_URL": given} if profile == "test" else {})
