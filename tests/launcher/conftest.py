"""Servers of these tests' own, in throw-away state directories; Django's database is not used here."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from awarding.launcher import processes, servers
from awarding.launcher.state import REPOSITORY, held_lock

# A user of the servers: takes them, tells their addresses, and stays until its standard input is closed.
USER = """
import json, sys
from pathlib import Path
from awarding.launcher import processes, servers
found = servers.ensure_servers("test", state_dir=Path(sys.argv[1]), environ={})
print(json.dumps(found), flush=True)
sys.stdin.read()
"""


class User:
    """One process that holds a lease."""

    def __init__(self, state_dir: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", USER, str(state_dir)],
            cwd=REPOSITORY,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def read_addresses(self) -> dict[str, str]:
        assert self.process.stdout
        return dict(json.loads(self.process.stdout.readline()))

    def leave(self) -> int:
        self.process.communicate()
        return self.process.returncode

    def end(self, number: int) -> None:
        self.process.send_signal(number)
        self.process.communicate()


def make_state_directory() -> Path:
    """Short (sockets live in it) and open to the account that servers run under, as a checkout is."""
    path = Path(tempfile.mkdtemp(prefix="awarding-", dir="/tmp"))
    path.chmod(0o755)
    return path


def remove_state_directory(path: Path) -> None:
    servers.leave_servers(path)
    with held_lock(path / "servers.lock"):
        servers.stop_servers(path)
    processes.remove_server_directories(path)
    shutil.rmtree(path)


@pytest.fixture
def state_dir() -> Iterator[Path]:
    path = make_state_directory()
    yield path
    remove_state_directory(path)


@pytest.fixture(scope="session")
def stopped_servers() -> Iterator[Path]:
    """A state directory whose servers ran once: to be copied, making a cluster takes as long as all else in a test."""
    path = make_state_directory()
    servers.ensure_servers("test", state_dir=path, environ={})
    servers.leave_servers(path)
    yield path
    remove_state_directory(path)


@pytest.fixture
def used_state_dir(stopped_servers: Path) -> Iterator[Path]:
    """As `state_dir`, after a first start."""
    path = make_state_directory()
    subprocess.run(["cp", "-a", f"{stopped_servers}/.", str(path)], check=True)
    yield path
    remove_state_directory(path)


@pytest.fixture(scope="module")
def running() -> Iterator[dict[str, Any]]:
    """Servers that stay up for a module: their addresses, and their state directory under `state_dir`."""
    path = make_state_directory()
    yield {**servers.ensure_servers("test", state_dir=path, environ={}), "state_dir": path}
    remove_state_directory(path)


@pytest.fixture(autouse=True)
def without_named_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(("DATABASE_", "REDIS_URL"))]:
        monkeypatch.delenv(name)
