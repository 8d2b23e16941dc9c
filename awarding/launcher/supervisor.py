"""`make run`: one parent for web server, worker and beat, and for the database and broker below them."""

import contextlib
import ctypes
import dataclasses
import fcntl
import hashlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

from awarding.launcher import LauncherError, postgres, processes, servers, valkey
from awarding.launcher.state import REPOSITORY, default_state_dir, make_directory, write_private

LOG_LIMIT = 5_000_000  # bytes; a longer log is set aside at the next start
STEADY = 30.0  # seconds a child must have lived for its back-off to be forgotten
LONGEST_PAUSE = 30.0
HEAD_START = 30.0  # seconds that worker and beat wait for the first answer at most
PATIENCE = 20.0  # seconds a child has to end by itself
PR_SET_PDEATHSIG = 1
# What is said of every start, task and question whether all is well stays in the log: it would push address and sign-ins
# off the screen.
EVERYDAY = (" [INFO] ", ": INFO/", '"GET /healthz ')


@dataclasses.dataclass
class Child:
    """One program under the supervisor, and when it may be started again."""

    name: str
    command: list[str]
    process: "subprocess.Popen[str] | None" = None
    started: float = 0.0
    pause: float = 0.5
    due: float = 0.0

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None


def read_port() -> int:
    """`PORT`, 8000 unless set."""
    text = os.environ.get("PORT") or "8000"
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise LauncherError(f"PORT is {text!r}: give a number from 1 to 65535, for example make run PORT=8001.")
    return int(text)


def require_free_port(port: int) -> None:
    """Raise LauncherError when another program listens there."""
    if not processes.is_port_free(port):
        raise LauncherError(
            f"Port {port} of 127.0.0.1 is taken by another program (or may not be used by you). "
            f"Stop that program, or choose another port: make run PORT={port + 1 if port < 65535 else 8001}"
        )


@contextlib.contextmanager
def sole_run(state_dir: Path) -> Iterator[None]:
    """One run per state directory: two beats would send everything twice."""
    make_directory(state_dir)
    with (state_dir / "run.lock").open("a+") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LauncherError(
                f"The portal is already running from here (its state is in {state_dir}). Stop it with Ctrl-C first, or "
                "give this one a place of its own: PORTAL_STATE_DIR=/some/where make run PORT=8001"
            ) from None
        yield


def supervise(port: int, given: dict[str, str]) -> int:
    """Serve until Ctrl-C or SIGTERM. `given` is the environment as the person set it, before servers were found."""
    stopping = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopping.set()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    logs = make_directory(default_state_dir() / "log", mode=0o755)
    make_directory(default_state_dir() / "static", mode=0o755)
    children = [Child(name, command) for name, command in _commands(port).items()]
    answered = threading.Event()
    greeting = threading.Thread(target=_greet, args=(port, stopping, answered), daemon=True)
    caretaker = _start_caretaker(given)
    try:
        _start(children[0], logs)
        greeting.start()
        _keep_alone(children[0], logs, answered, stopping)
        while not stopping.wait(0.5):
            if _servers_moved(given):
                _say("database or broker came back at another address; restarting what uses them")
                _stop(children)
            for child in children:
                _keep_alive(child, logs)
    finally:
        _say("stopping ...")
        _stop(children)
        if caretaker:
            caretaker.kill()
            caretaker.wait()
    _say("stopped.")
    return 0


def _start_caretaker(given: dict[str, str]) -> "subprocess.Popen[bytes] | None":
    """A process that stops our database and broker should this one be killed outright; it notices by a closed pipe."""
    if given.get("DATABASE_URL") and given.get("REDIS_URL"):
        return None
    command = [sys.executable, "-m", "awarding.launcher.supervisor", "caretaker"]
    return subprocess.Popen(command, cwd=REPOSITORY, stdin=subprocess.PIPE, start_new_session=True)


def _commands(port: int) -> dict[str, list[str]]:
    # Inside a container everything runs as root; that warning would be the first thing a newcomer reads.
    celery = [sys.executable, "-W", "ignore:You're running the worker", "-m", "celery", "--quiet", "-A", "awarding"]
    web = ["-k", "gthread", "-w", "2", "--threads", "4", "-b", f"127.0.0.1:{port}", "--timeout", "60"]
    web += [
        "--graceful-timeout",
        "10",
        "--no-control-socket",
        "--preload",
        "--access-logfile",
        "-",
        "awarding.wsgi:application",
    ]
    scheduler = "django_celery_beat.schedulers:DatabaseScheduler"
    return {
        "web": [sys.executable, "-m", "gunicorn", *web],
        "worker": [
            *celery,
            "worker",
            "--pool",
            "prefork",
            "--concurrency",
            "2",
            "--without-mingle",
            "--without-gossip",
            "--loglevel",
            "INFO",
        ],
        "beat": [*celery, "beat", "--scheduler", scheduler, "--pidfile=", "--loglevel", "INFO"],
    }


def _start(child: Child, logs: Path) -> None:
    """Start a child that dies with us, its lines copied to `log/<name>.log` and, unless EVERYDAY, to the console."""
    log = logs / f"{child.name}.log"
    if log.exists() and log.stat().st_size > LOG_LIMIT:
        log.replace(log.with_suffix(".log.1"))
    # The wrapper asks the kernel for SIGTERM on our death and becomes the program (no code between fork and exec).
    wrapper = [sys.executable, "-m", "awarding.launcher.supervisor", str(os.getpid()), *child.command]
    child.process = subprocess.Popen(
        wrapper,
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONUNBUFFERED": "1", "DJANGO_SETTINGS_MODULE": "awarding.settings"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,  # Ctrl-C reaches us alone; we pass it on in order
    )
    child.started = time.monotonic()
    threading.Thread(target=_copy_lines, args=(child.name, child.process, log), daemon=True).start()


def _copy_lines(name: str, process: "subprocess.Popen[str]", log: Path) -> None:
    with log.open("a", encoding="utf-8") as handle:
        for line in process.stdout or ():
            handle.write(line)
            handle.flush()
            if any(mark in line for mark in EVERYDAY):
                continue
            with contextlib.suppress(OSError):  # the terminal may be gone; the log is not
                print(f"{name:>6} | {line}", end="", flush=True)


def _keep_alive(child: Child, logs: Path) -> None:
    """Start a child that died again, after a pause that doubles while it keeps dying."""
    now = time.monotonic()
    if child.is_running():
        if now - child.started > STEADY:
            child.pause = 0.5
        return
    if child.process is not None:
        code = child.process.returncode
        child.process = None
        child.due = now + child.pause
        _say(f"{child.name} ended (status {code}); starting it again in {child.pause:g} s")
        child.pause = min(child.pause * 2, LONGEST_PAUSE)
    if now >= child.due:
        _start(child, logs)


def _keep_alone(web: Child, logs: Path, answered: threading.Event, stopping: threading.Event) -> None:
    """The pages first: worker and beat would take the processors from the web server until it has answered once."""
    deadline = time.monotonic() + HEAD_START
    while not answered.is_set() and time.monotonic() < deadline and not stopping.wait(0.1):
        _keep_alive(web, logs)


def _stop(children: list[Child]) -> None:
    """SIGTERM to all at once, SIGKILL to the process group of whoever is still there after its patience."""
    running = [child for child in children if child.is_running()]
    for child in running:
        if child.process:
            child.process.terminate()
    deadline = time.monotonic() + PATIENCE
    for child in running:
        if child.process:
            try:
                child.process.wait(timeout=max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                _say(f"{child.name} does not end by itself; killing it")
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(child.process.pid, signal.SIGKILL)
                child.process.wait()
    for child in children:
        child.process = None


def _servers_moved(given: dict[str, str]) -> bool:
    """Restart our database or broker if it died; returns whether its address changed by that."""
    state_dir = default_state_dir()
    lost = [
        name
        for name, module, variable in (("database", postgres, "DATABASE_URL"), ("broker", valkey, "REDIS_URL"))
        if not given.get(variable) and not module.find_running(state_dir)
    ]
    if not lost:
        return False
    _say(f"{' and '.join(lost)} went away; starting again")
    environ = dict(given)
    try:
        found = servers.ensure_servers("main", environ=environ)
    except LauncherError as error:
        _say(str(error))
        time.sleep(1)
        return False
    moved = any(os.environ.get(name) != value for name, value in found.items())
    os.environ.update(found)
    return moved


def _greet(port: int, stopping: threading.Event, answered: threading.Event) -> None:
    """When the portal answers, say so to `answered`, print where it is and how to sign in."""
    address = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + 120
    problem = ""
    while not stopping.wait(0.1):
        try:
            with urllib.request.urlopen(f"{address}/healthz", timeout=5) as answer:
                if answer.status == 200:
                    break
        except urllib.error.HTTPError as error:
            problem = f"HTTP {error.code}: {error.read(300).decode(errors='replace')}"
        except OSError as error:
            problem = str(error)
        if time.monotonic() > deadline:
            _say(f"{address}/healthz still does not say that all is well ({problem}); see var/log.")
            return
    if stopping.is_set():
        return
    answered.set()
    _say(f"\nThe portal is at {address}   (Ctrl-C stops it; logs: {default_state_dir() / 'log'})\n")
    if os.environ.get("PORTAL_DEMO") == "1":
        _say("\n".join(["", *_read_sign_ins(), ""]))


def _read_sign_ins() -> list[str]:
    """Who can sign in to the demonstration, a line each: kept, for asking Django takes as long as the whole start."""
    kept, wanted = default_state_dir() / "sign-ins.json", _sign_ins_fingerprint()
    with contextlib.suppress(OSError, ValueError, KeyError):
        known = json.loads(kept.read_text())
        if known["of"] == wanted:
            return [str(line) for line in known["lines"]]
    command = [sys.executable, str(REPOSITORY / "manage.py"), "seed_demo", "--print-sign-ins"]
    answer = subprocess.run(
        command, cwd=REPOSITORY, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if answer.returncode:
        return []
    lines = answer.stdout.rstrip().splitlines()
    write_private(kept, json.dumps({"of": wanted, "lines": lines}))
    return lines


def _sign_ins_fingerprint() -> str:
    """Changes with what the lines are made of: the people, the names of roles, and how they are written."""
    sources = [*sorted((REPOSITORY / "demonstration").rglob("*.py")), REPOSITORY / "awarding" / "accounts" / "roles.py"]
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in sources)).hexdigest()


def _say(text: str) -> None:
    with contextlib.suppress(OSError):
        print(text, flush=True)


def become(arguments: list[str]) -> None:
    """`PARENT COMMAND...`: become the command, to be told to end when the parent dies, however it dies."""
    parent = int(arguments[0])
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != parent:  # it died before we could ask
        sys.exit(1)
    servers.take_inherited_lease(default_state_dir())
    os.execv(arguments[1], arguments[1:])


def take_care() -> None:
    """Wait for the supervisor's end (end of file on the pipe from it), then for its children's; stop the servers."""
    sys.stdin.buffer.read()
    servers.wait_and_stop(default_state_dir())


if __name__ == "__main__":
    if sys.argv[1:] == ["caretaker"]:
        take_care()
    else:
        become(sys.argv[1:])
