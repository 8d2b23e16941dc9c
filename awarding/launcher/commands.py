"""The commands behind the Makefile, run inside the virtual environment: `python -m awarding.launcher.commands NAME`."""

import hashlib
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from awarding.launcher import (
    LauncherError,
    assets,
    bootstrap,
    checks,
    libraries,
    postgres,
    processes,
    servers,
    supervisor,
)
from awarding.launcher.state import REPOSITORY, default_state_dir, held_lock, make_directory

EXIT_NOTHING_COLLECTED = 5  # pytest's


def main(arguments: list[str]) -> int:
    """Run one command and return its exit status; what a person can mend is told in a few lines."""
    commands: dict[str, Callable[[], int]] = {
        "setup": set_up,
        "run": serve,
        "test": lambda: run_tests("not long"),
        "test-long": lambda: run_tests("long"),
        "check": checks.run_checks,
        "bench": lambda: run_module("tests.bench"),
        "bench-sense": lambda: run_module("tests.bench.sense"),
        "clean": clean,
    }
    name = arguments[0] if arguments else "setup"
    if name not in commands:
        print(f"There is no command {name!r}. There are: {', '.join(commands)}.", file=sys.stderr)
        return 2
    try:
        return commands[name]()
    except LauncherError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def set_up() -> int:
    """`make setup`: assets, servers, tables; nothing is left running."""
    make_ready()
    print("Ready. `make run` serves the portal; `.venv/bin/python manage.py help` lists its commands.")
    return 0


def serve() -> int:
    """`make run`: everything ready, demonstration data loaded, then serve until Ctrl-C."""
    port = supervisor.read_port()
    supervisor.require_free_port(port)
    os.environ.setdefault("PORTAL_DEMO", "0" if os.environ.get("PORTAL_ENV") == "production" else "1")
    with supervisor.sole_run(default_state_dir()):
        given = dict(os.environ)
        make_ready()
        if os.environ["PORTAL_DEMO"] == "1":
            seed_demonstration()
        return supervisor.supervise(port, given)


def make_ready() -> None:
    """Assets, servers and migrated tables. Warm, this is a few file reads and a server start."""
    state_dir = default_state_dir()
    assets.ensure_assets(state_dir)
    servers.ensure_servers("main")
    fingerprint = _migrations_fingerprint()
    stamp = _stamp("migrated")
    if stamp.exists() and stamp.read_text() == fingerprint:
        return
    print("Bringing the database up to date (the first time this takes a minute or two) ...", flush=True)
    run_manage("migrate", "--noinput", "--verbosity", "0")
    stamp.write_text(fingerprint)


def seed_demonstration() -> None:
    """Load the demonstration data once; a start finds it there afterwards."""
    stamp = _stamp("seeded")
    if stamp.exists() or not has_command("seed_demo"):
        return
    print("Loading the demonstration data (about a minute) ...", flush=True)
    run_manage("seed_demo")
    stamp.write_text("done")


def run_tests(selection: str) -> int:
    """pytest on PostgreSQL, on every core: first what needs no browser, then what does.

    What `PYTEST_ARGS` holds comes last and wins; with a selection of its own (-m) there is one run.
    """
    extra = shlex.split(os.environ.get("PYTEST_ARGS", ""))
    assets.ensure_assets(default_state_dir())
    os.environ.pop("PORT", None)
    if "-m" in extra or selection == "long":
        runs = [[*_side_by_side(extra), "-m", selection]]
    else:
        # The browser's apart: beside the others' load a page would often be slower than a person would wait.
        runs = [[*_side_by_side(extra), "-m", f"{selection} and {part}"] for part in ("not system", "system")]
    if "not system" not in " ".join(extra):
        os.environ["PORTAL_CHROMIUM"] = libraries.ensure_browser()
    worst = 0
    for arguments in runs:
        status = subprocess.run(
            [sys.executable, "-m", "pytest", *arguments, *extra], cwd=REPOSITORY, check=False
        ).returncode
        if status == EXIT_NOTHING_COLLECTED:
            print(f"No test to run for: {' '.join(arguments)}")
            continue
        worst = max(worst, status)
    return worst


def _side_by_side(extra: list[str]) -> list[str]:
    """Every core takes a file at a time (tests/conftest says more): some share a world that is dear to build."""
    return [] if "-n" in extra else ["-n", str(min(os.cpu_count() or 1, 4)), "--dist", "loadfile"]


def run_module(module: str) -> int:
    """A measuring programme of the tests, as `python -m`; it makes a database of its own on the servers of the tests."""
    assets.ensure_assets(default_state_dir())
    return subprocess.run([sys.executable, "-m", module], cwd=REPOSITORY, check=False).returncode


def run_manage(*arguments: str) -> None:
    """A `manage.py` command on the servers of this process; raises LauncherError when it fails."""
    command = [sys.executable, str(REPOSITORY / "manage.py"), *arguments]
    if subprocess.run(command, cwd=REPOSITORY, check=False).returncode:
        raise LauncherError(f"`manage.py {' '.join(arguments)}` failed; what it said is above.")


def has_command(name: str) -> bool:
    """Whether one of our apps brings this management command."""
    patterns = (f"*/management/commands/{name}.py", f"awarding/*/management/commands/{name}.py")
    return any(next(REPOSITORY.glob(pattern), None) for pattern in patterns)


def clean() -> int:
    """Stop what a killed run left behind and delete everything generated."""
    state_dir = default_state_dir()
    for directory in (state_dir, state_dir / "test-servers"):
        if directory.is_dir():
            with held_lock(directory / "servers.lock"):
                servers.stop_servers(directory)
            processes.remove_server_directories(directory)
    for name in ("node_modules", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".import_linter_cache", ".hypothesis"):
        shutil.rmtree(REPOSITORY / name, ignore_errors=True)
    shutil.rmtree(state_dir, ignore_errors=True)
    bootstrap.remove_environment()
    print("Deleted: virtual environment, local database and queue, assets, caches.")
    return 0


def _stamp(name: str) -> Path:
    """A stamp that disappears with the database it speaks of; on servers of the person's own, one per URL."""
    state_dir = default_state_dir()
    if (state_dir / "servers.lease").exists() and postgres.find_running(state_dir):
        return postgres.data_directory(state_dir).with_name(name)
    digest = hashlib.sha256(os.environ.get("DATABASE_URL", "").encode()).hexdigest()[:12]
    return make_directory(state_dir) / f"{name}-{digest}"


def _migrations_fingerprint() -> str:
    digest = hashlib.sha256((REPOSITORY / "requirements.lock").read_bytes())
    for pattern in ("*/migrations/*.py", "awarding/*/migrations/*.py"):
        for path in sorted(REPOSITORY.glob(pattern)):
            digest.update(str(path.relative_to(REPOSITORY)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
