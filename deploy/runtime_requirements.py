"""Cuts the lock file down to what a server needs: `python runtime_requirements.py requirements.lock [PACKAGE ...]`.

The lock holds everything, the tools of development and the embedded database included; an image should carry neither.
Every entry says by whom it is wanted ("via"), so the part that the portal itself needs can be followed from there, with
the same versions and hashes. Named packages are taken instead of the portal's. Standard library only.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

PORTAL = "awarding-portal (pyproject.toml)"


def read_entries(lock: str) -> dict[str, tuple[str, list[str]]]:
    """Each package's text in the lock and the names it is there for."""
    entries = {}
    for text in re.split(r"\n(?=[A-Za-z0-9])", lock):
        name = text.partition("==")[0].strip()
        if not name or name.startswith("#"):
            continue
        comments = [line.strip().lstrip("#").strip() for line in text.splitlines() if line.strip().startswith("#")]
        wanted_by = [comment.removeprefix("via").strip() for comment in comments]
        entries[name] = (text, [one for one in wanted_by if one])
    return entries


def runtime_lock(lock: str, packages: list[str] | None = None) -> str:
    """The lock's entries that the portal (or else the named packages) needs, directly or through others."""
    entries = read_entries(lock)
    missing = [name for name in packages or [] if name not in entries]
    if missing:
        raise SystemExit(f"The lock holds no {', '.join(missing)}.")
    kept = set(packages or [name for name, (_text, wanted_by) in entries.items() if PORTAL in wanted_by])
    if not kept:
        raise SystemExit(f"Nothing in the lock says that it is there for {PORTAL}.")
    while True:
        more = {name for name, (_text, wanted_by) in entries.items() if kept.intersection(wanted_by)} - kept
        if not more:
            break
        kept |= more
    return "\n".join(entries[name][0] for name in sorted(kept)) + "\n"


if __name__ == "__main__":
    sys.stdout.write(runtime_lock(Path(sys.argv[1]).read_text(), sys.argv[2:]))
