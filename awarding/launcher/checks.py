"""`make check`: every tool is run, however many of them fail, and a summary says which did."""

import json
import subprocess
import sys
from pathlib import Path

from awarding.launcher.state import REPOSITORY

BIN = Path(sys.executable).parent
PACKAGES = ("awarding", "centres", "mitigations", "qtag", "qa_sampling", "results", "demonstration", "tests",
            "manage.py")  # fmt: skip


def run_checks() -> int:
    """Run all checks; 0 when none failed."""
    python = [path for path in PACKAGES if (REPOSITORY / path).exists()]
    commands: dict[str, list[str | Path]] = {
        "style": [BIN / "ruff", "check", "--output-format", "concise", *python],
        "format": [BIN / "ruff", "format", "--check", *python],
        "types": [BIN / "mypy"],
        "templates": [BIN / "djlint", "templates", "--lint", "--quiet"],
        "imports": [BIN / "lint-imports", "--no-cache"],
        "migrations": [sys.executable, "manage.py", "makemigrations", "--check", "--dry-run"],
    }
    results = {name: _run(name, list(map(str, command))) for name, command in commands.items()}
    results["dependencies"] = audit_dependencies()
    print("\n" + "\n".join(f"{name:>12}: {'passed' if passed else 'FAILED'}" for name, passed in results.items()))
    return 0 if all(results.values()) else 1


def _run(name: str, command: list[str]) -> bool:
    print(f"--- {name}", flush=True)
    return subprocess.run(command, cwd=REPOSITORY, stdin=subprocess.DEVNULL, check=False).returncode == 0


def audit_dependencies() -> bool:
    """Known vulnerabilities of the locked versions. Without its service this is said and counts as passed."""
    print("--- dependencies", flush=True)
    command = [str(BIN / "pip-audit"), "-r", "requirements.lock", "--disable-pip", "--require-hashes"]
    command += ["--format", "json", "--progress-spinner", "off", "--timeout", "10"]
    answer = subprocess.run(
        command, cwd=REPOSITORY, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    passed, text = judge_audit(answer.stdout, answer.stderr)
    print(text, flush=True)
    return passed


def judge_audit(output: str, complaint: str) -> tuple[bool, str]:
    """pip-audit's JSON and its messages, as `(passed, what to print)`."""
    try:
        packages = json.loads(output)["dependencies"]
    except (ValueError, KeyError):
        signs = (
            "ConnectionError",
            "connect",
            "timed out",
            "Timeout",
            "Max retries",
            "ServiceError",
            "SSLError",
            "Proxy",
        )
        last = complaint.strip().splitlines()[-1:] or ["no answer"]
        if any(sign in complaint for sign in signs):
            return True, f"Skipped: the service that knows vulnerabilities could not be reached ({last[0][:200]})."
        return False, f"pip-audit failed:\n{complaint.strip()[-2000:]}"
    found = [
        f"{package['name']} {package['version']}: {problem['id']}, mended in {problem['fix_versions'] or 'no version'}"
        for package in packages
        for problem in package.get("vulns", [])
    ]
    skipped = [package["name"] for package in packages if "skip_reason" in package]
    if found:
        return False, "\n".join(["Known vulnerabilities:", *found, "Raise these versions in requirements.lock."])
    if packages and len(skipped) == len(packages):
        return True, "Skipped: the service that knows vulnerabilities could not be reached (it knew no package at all)."
    note = f" {len(skipped)} packages are unknown to it: {', '.join(skipped)}." if skipped else ""
    return True, f"No known vulnerabilities in {len(packages) - len(skipped)} packages.{note}"
