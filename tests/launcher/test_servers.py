"""The servers start once, survive kills, and stop with their last user."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
import pytest
import redis

from awarding.launcher import LauncherError, postgres, processes, servers, valkey
from awarding.launcher.state import REPOSITORY
from tests.launcher.conftest import User


def listening_addresses(pid: int) -> set[tuple[str, int]]:
    """Every (address, port) a process listens on over TCP, from the kernel's own tables."""
    inodes = {
        os.readlink(entry)[8:-1]
        for entry in Path(f"/proc/{pid}/fd").iterdir()
        if os.readlink(entry).startswith("socket:[")
    }
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and fields[9] in inodes:
                address, port = fields[1].split(":")
                loopback = address in {"0100007F", "00000000000000000000000001000000"}
                found.add(("127.0.0.1" if loopback else address, int(port, 16)))
    return found


def query(url: str, statement: str) -> list[tuple[object, ...]]:
    connection = psycopg2.connect(url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return list(cursor.fetchall()) if cursor.description else []
    finally:
        connection.close()


def test_two_starts_at_once_get_one_server_and_the_last_to_leave_stops_it(state_dir: Path) -> None:
    first, second = User(state_dir), User(state_dir)
    addresses = first.read_addresses()
    assert second.read_addresses() == addresses
    database, broker = postgres.find_running(state_dir), valkey.find_running(state_dir)
    assert database and broker
    assert query(addresses["DATABASE_URL"], "SELECT 1") == [(1,)]

    assert first.leave() == 0
    assert postgres.find_running(state_dir) == database
    assert valkey.find_running(state_dir) == broker

    assert second.leave() == 0
    assert not processes.read_command(database.pid)
    assert not processes.read_command(broker.pid)


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="reads the kernel's tables of Linux")
def test_only_free_loopback_ports_are_used(running: dict) -> None:
    database, broker = postgres.find_running(running["state_dir"]), valkey.find_running(running["state_dir"])
    assert database and broker
    assert listening_addresses(database.pid) == {("127.0.0.1", urlsplit(running["DATABASE_URL"]).port)}
    assert listening_addresses(broker.pid) == {("127.0.0.1", urlsplit(running["REDIS_URL"]).port)}
    assert not {database.port, broker.port} & processes.WELL_KNOWN_PORTS


def test_a_well_known_port_is_not_taken_even_when_asked_for() -> None:
    assert processes.find_free_port(5432) not in processes.WELL_KNOWN_PORTS


def test_strangers_are_not_let_in(running: dict) -> None:
    database, broker = urlsplit(running["DATABASE_URL"]), urlsplit(running["REDIS_URL"])
    with pytest.raises(psycopg2.OperationalError, match="password"):
        psycopg2.connect(f"postgres://{database.username}:wrong@127.0.0.1:{database.port}{database.path}")
    with socket.create_connection(("127.0.0.1", broker.port or 0)) as connection:
        connection.sendall(b"PING\r\n")
        assert connection.recv(100).startswith(b"-NOAUTH")


def test_killed_servers_come_back_at_the_same_address_with_what_was_stored(used_state_dir: Path) -> None:
    user = User(used_state_dir)
    addresses = user.read_addresses()
    query(addresses["DATABASE_OWNER_URL"], "CREATE TABLE kept (word text); INSERT INTO kept VALUES ('committed')")
    redis.Redis.from_url(addresses["REDIS_URL"]).rpush("queue", "task")
    database, broker = postgres.find_running(used_state_dir), valkey.find_running(used_state_dir)
    assert database and broker
    for pid in (database.pid, broker.pid):
        os.kill(pid, signal.SIGKILL)
    while processes.read_command(database.pid) or processes.read_command(broker.pid):
        time.sleep(0.01)
    assert postgres.find_running(used_state_dir) is None
    assert valkey.find_running(used_state_dir) is None

    again = User(used_state_dir)
    assert again.read_addresses() == addresses
    assert query(addresses["DATABASE_URL"], "SELECT word FROM kept") == [("committed",)]
    assert redis.Redis.from_url(addresses["REDIS_URL"]).lrange("queue", 0, -1) == [b"task"]
    user.leave()
    again.leave()


def test_a_stale_pid_file_that_names_another_program_is_recognised(used_state_dir: Path) -> None:
    data = postgres.data_directory(used_state_dir)
    bystander = subprocess.Popen(["sleep", "600"], **processes.server_account())
    try:
        stale = data / "postmaster.pid"
        stale.write_text(f"{bystander.pid}\n{data}\n1700000000\n54321\n\n127.0.0.1\n   1 1\nready   \n")
        processes.hand_over(stale)
        assert postgres.find_running(used_state_dir) is None
        user = User(used_state_dir)
        assert query(user.read_addresses()["DATABASE_URL"], "SELECT 1") == [(1,)]
        user.leave()
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


@pytest.mark.parametrize(("number", "outlive"), [(signal.SIGTERM, False), (signal.SIGKILL, True)])
def test_a_user_that_is_ended_stops_the_servers_or_leaves_them_to_the_next(
    used_state_dir: Path, number: int, outlive: bool
) -> None:
    user = User(used_state_dir)
    user.read_addresses()
    database = postgres.find_running(used_state_dir)
    assert database
    user.end(number)
    assert postgres.find_running(used_state_dir) == (database if outlive else None)

    heir = User(used_state_dir)
    heir.read_addresses()
    assert (postgres.find_running(used_state_dir) == database) is outlive
    heir.leave()
    assert postgres.find_running(used_state_dir) is None
    assert valkey.find_running(used_state_dir) is None


def test_an_interrupted_initdb_leaves_nothing_that_looks_like_a_cluster(state_dir: Path) -> None:
    half = processes.server_directory(state_dir, "postgres") / "data.new"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    user = User(state_dir)
    assert query(user.read_addresses()["DATABASE_URL"], "SELECT 1") == [(1,)]
    user.leave()


def test_data_of_another_version_is_named_and_left_alone(state_dir: Path) -> None:
    data = postgres.data_directory(state_dir)
    data.mkdir()
    (data / "PG_VERSION").write_text("12\n")
    with pytest.raises(LauncherError, match="written by PostgreSQL 12"):
        postgres.start_postgres(state_dir)
    assert (data / "PG_VERSION").read_text() == "12\n"


@pytest.mark.skipif(not processes.is_root(), reason="only root hands its servers to another account")
def test_below_a_closed_home_the_servers_move_to_where_their_account_can_go(state_dir: Path) -> None:
    state_dir.chmod(0o700)
    user = User(state_dir)
    assert query(user.read_addresses()["DATABASE_URL"], "SELECT 1") == [(1,)]
    place = postgres.data_directory(state_dir)
    user.leave()
    assert place.is_relative_to(processes.SHARED_ROOT)
    assert (state_dir / "postgres").resolve() == place.parent
    processes.remove_server_directories(state_dir)
    assert not place.parent.parent.exists()


def test_a_warm_start_needs_neither_django_nor_the_driver(running: dict) -> None:
    script = (
        "import sys; from pathlib import Path; from awarding.launcher import servers;"
        "servers.ensure_servers('test', state_dir=Path(sys.argv[1]), environ={});"
        "print(sorted({'django', 'psycopg2', 'redis'} & set(sys.modules)))"
    )
    command = [sys.executable, "-c", script, str(running["state_dir"])]
    answer = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


def test_secrets_are_for_the_owner_alone(running: dict) -> None:
    assert (running["state_dir"] / "secrets.json").stat().st_mode & 0o777 == 0o600


def test_commands_that_change_tables_connect_as_the_owner() -> None:
    named = {"DATABASE_URL": "postgres://a@x/d", "DATABASE_OWNER_URL": "postgres://o@x/d", "REDIS_URL": "redis://x"}
    migrating, reading = dict(named), dict(named)
    servers.prepare_command(["manage.py", "migrate"], migrating)
    servers.prepare_command(["manage.py", "check_isolation"], reading)
    assert migrating["PORTAL_DATABASE_ROLE"] == "owner"
    assert reading == named


def test_production_never_starts_servers_of_its_own(state_dir: Path) -> None:
    with pytest.raises(LauncherError, match="set DATABASE_URL"):
        servers.ensure_servers("main", state_dir=state_dir, environ={"PORTAL_ENV": "production"})
    assert not (state_dir / "postgres").exists()


SYSTEM_POSTGRES = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
SYSTEM_BROKER = shutil.which("valkey-server") or shutil.which("redis-server")


@pytest.mark.skipif(not SYSTEM_POSTGRES or not SYSTEM_BROKER, reason="no system PostgreSQL and Valkey or Redis here")
def test_a_system_server_serves_where_there_is_no_wheel(state_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "find_spec", lambda _name: None)
    monkeypatch.setattr(valkey, "find_spec", lambda _name: None)
    found = servers.ensure_servers("test", state_dir=state_dir, environ={})
    assert query(found["DATABASE_URL"], "SELECT 'É' ILIKE 'é'") == [(True,)]
    redis.Redis.from_url(found["REDIS_URL"]).set("word", "kept")
    database = postgres.find_running(state_dir)
    assert database
    assert processes.read_command(database.pid).startswith(str(SYSTEM_POSTGRES[-1].parent))
    servers.leave_servers(state_dir)
    assert postgres.find_running(state_dir) is None
