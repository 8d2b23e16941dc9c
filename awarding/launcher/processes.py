"""Small questions about processes, ports and the account a server runs under."""

import contextlib
import os
import pwd
import shutil
import socket
import stat
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from awarding.launcher.state import make_directory

# Servers somebody else may be running: a free port is still never one of these.
WELL_KNOWN_PORTS = frozenset({5432, 6379})
SHARED_ROOT = Path("/var/lib/awarding-portal")


def read_command(pid: int) -> str:
    """The command line of a running process, `''` when there is none (a zombie counts as none)."""
    if Path("/proc/self/stat").exists():
        with contextlib.suppress(OSError):
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
        return ""
    answer = subprocess.run(["ps", "-p", str(pid), "-o", "stat=,command="], capture_output=True, text=True, check=False)
    state, _, command = answer.stdout.strip().partition(" ")
    return "" if state.startswith("Z") else command.strip()


def is_port_free(port: int) -> bool:
    """Whether a server could listen on this port of 127.0.0.1 now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def find_free_port(preferred: int = 0) -> int:
    """`preferred` (the port of the last run) when it is free, else any free port of 127.0.0.1."""
    if preferred and preferred not in WELL_KNOWN_PORTS and is_port_free(preferred):
        return preferred
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        if port not in WELL_KNOWN_PORTS:
            return port


def is_root() -> bool:
    return os.geteuid() == 0


def server_account() -> dict[str, Any]:
    """Keyword arguments for `subprocess` that drop root: PostgreSQL refuses to run as root."""
    if not is_root():
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def is_reachable_by_all(path: Path) -> bool:
    """Whether an unprivileged account can pass through every directory above `path` and `path` itself."""
    path = path.resolve()
    return all(part.stat().st_mode & stat.S_IXOTH for part in (path, *path.parents))


def server_directory(state_dir: Path, name: str) -> Path:
    """The directory of one server (`postgres`, `valkey`), owned by the account it runs under.

    As root below a closed home the unprivileged account could not get there: the directory then lives under
    /var/lib, named after the state directory, and a link in the state directory leads to it.
    """
    make_directory(state_dir)
    place = state_dir / name
    if place.is_dir():
        return place.resolve()
    if is_root() and not is_reachable_by_all(state_dir):
        import hashlib

        make_directory(SHARED_ROOT, mode=0o755)
        digest = hashlib.sha256(str(state_dir.resolve()).encode()).hexdigest()[:16]
        make_directory(SHARED_ROOT / digest, mode=0o711)
        target = make_directory(SHARED_ROOT / digest / name, mode=0o700)
        if place.is_symlink():
            place.unlink()
        place.symlink_to(target)
    else:
        make_directory(place, mode=0o700)
    place = place.resolve()
    hand_over(place)
    return place


def remove_server_directories(state_dir: Path) -> None:
    """Delete the directories of stopped servers, wherever they are."""
    for name in ("postgres", "valkey"):
        place = state_dir / name
        target = place.resolve()
        shutil.rmtree(target, ignore_errors=True)
        if place.is_symlink():
            place.unlink()
            with contextlib.suppress(OSError):  # the other server's directory is still in it
                target.parent.rmdir()


def hand_over(path: Path) -> None:
    """Give a file or directory to the account the servers run under (nothing to do unless root)."""
    account = server_account()
    if account:
        os.chown(path, account["user"], account["group"])


def make_readable(base: Path, parts: Sequence[str], marker: str) -> Path:
    """`base`, or a copy of its `parts` under /var/lib when we are root and other accounts cannot read `marker` there.

    Parts keep their places relative to each other: programs find their shared libraries by them.
    """
    probe = base / marker
    if not is_root() or (is_reachable_by_all(probe) and probe.stat().st_mode & stat.S_IROTH):
        return base
    status = probe.stat()
    copy = make_directory(SHARED_ROOT, mode=0o755) / f"{probe.name}-{status.st_size:x}-{int(status.st_mtime):x}"
    if not copy.is_dir():
        fresh = make_directory(copy.with_name(f"{copy.name}.{os.getpid()}"), mode=0o755)
        for part in parts:
            if (base / part).is_dir():
                shutil.copytree(base / part, fresh / part, symlinks=True)
        for path in (fresh, *fresh.rglob("*")):
            if not path.is_symlink():
                mode = path.stat().st_mode
                path.chmod(mode | (0o555 if path.is_dir() or mode & stat.S_IXUSR else 0o444))
        try:
            fresh.rename(copy)
        except OSError:  # another start was quicker
            shutil.rmtree(fresh, ignore_errors=True)
    return copy
