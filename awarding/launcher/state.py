"""The state directory: where everything generated lives, and the secrets in it."""

import contextlib
import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]

SECRET_NAMES = ("postgres_admin", "database_roles", "valkey", "secret_key")


def default_state_dir() -> Path:
    """`PORTAL_STATE_DIR`, or `var` in the repository."""
    return Path(os.environ.get("PORTAL_STATE_DIR") or REPOSITORY / "var").absolute()


def make_directory(path: Path, *, mode: int = 0o711) -> Path:
    """Make `path` and set its mode, whatever the umask. Parents that exist keep theirs."""
    if not path.is_dir():
        path.mkdir(parents=True, exist_ok=True)
        path.chmod(mode)
    return path


@contextlib.contextmanager
def held_lock(path: Path) -> Iterator[None]:
    """Hold an exclusive file lock; waits for whoever has it. The kernel lets go when a holder dies."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def write_private(path: Path, text: str) -> None:
    """Replace a file in one step, readable by its owner only."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
        handle.write(text)
    fresh.replace(path)


def read_secrets(state_dir: Path) -> dict[str, str]:
    """The generated secrets of this installation, made on first use and kept (mode 600)."""
    path = make_directory(state_dir) / "secrets.json"
    known = _load(path)
    if all(name in known for name in SECRET_NAMES):
        return known
    with held_lock(state_dir / "secrets.lock"):
        known = _load(path)
        for name in SECRET_NAMES:
            known.setdefault(name, secrets.token_urlsafe(36))
        write_private(path, json.dumps(known, indent=1))
    return known


def _load(path: Path) -> dict[str, str]:
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return {}
