"""What set-up checks and changes on the way."""

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from awarding.launcher import LauncherError, __main__, assets, bootstrap, checks, libraries
from awarding.launcher.state import REPOSITORY

LOCKED = re.findall(r"^([A-Za-z0-9._-]+)==", (REPOSITORY / "requirements.lock").read_text(), re.MULTILINE)


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_every_declared_dependency_is_locked_with_hashes() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())
    declared = [*project["project"]["dependencies"], *project["dependency-groups"]["embedded"]]
    declared += project["dependency-groups"]["dev"]
    names = {canonical(re.match(r"[A-Za-z0-9._-]+", line).group()) for line in declared}  # type: ignore[union-attr]
    assert names <= {canonical(name) for name in LOCKED}
    entries = re.split(r"\n(?=[a-z])", (REPOSITORY / "requirements.lock").read_text())
    assert [entry.split()[0] for entry in entries if "==" in entry and "--hash=sha256:" not in entry] == []


def test_a_python_that_is_too_old_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 1))
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(SystemExit, match=r"needs Python 3\.11 or later; .* is version 3\.9\b"):
        __main__.main()


def test_a_python_without_venv_is_told_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "PYTHON", tmp_path / "none")
    monkeypatch.setitem(sys.modules, "ensurepip", None)
    with pytest.raises(LauncherError, match=r"apt-get install python3\.\d+-venv"):
        bootstrap._make_environment()


def test_a_changed_lock_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lock = tmp_path / "requirements.lock"
    lock.write_text("one")
    monkeypatch.setattr(bootstrap, "LOCK", lock)
    before = bootstrap._fingerprint()
    assert bootstrap._fingerprint() == before
    lock.write_text("two")
    assert bootstrap._fingerprint() != before


def test_where_no_embedded_server_exists_the_rest_is_installed_without_it() -> None:
    lock = (REPOSITORY / "requirements.lock").read_text()
    reduced = bootstrap.without_packages(lock, bootstrap.EMBEDDED)
    assert set(re.findall(r"^([A-Za-z0-9._-]+)==", reduced, re.MULTILINE)) == set(LOCKED) - bootstrap.EMBEDDED
    assert set(LOCKED) >= bootstrap.EMBEDDED
    assert bootstrap.without_packages(lock, ()) == lock


def test_missing_libraries_are_named_in_one_message(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libraries, "_can_load", lambda file, _name: file != "libpangoft2-1.0.so.0")
    monkeypatch.setattr(libraries, "_has_font", lambda: False)
    monkeypatch.setattr(libraries, "install_packages", lambda _packages: False)
    with pytest.raises(LauncherError, match="apt-get install -y libpangoft2-1.0-0 fonts-dejavu-core"):
        libraries.ensure_pdf_libraries()


def test_nothing_is_installed_where_nothing_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libraries, "find_missing_packages", list)
    monkeypatch.setattr(libraries, "install_packages", lambda _packages: pytest.fail("nothing was missing"))
    libraries.ensure_pdf_libraries()


CSS = (
    "@font-face{font-family:GDS Transport;src:url(/assets/fonts/a.woff2)}"
    ".a{font-family:GDS Transport,arial,sans-serif;color:red}.b{mask-image:url(/assets/images/crest.svg)}"
    "\n/*# sourceMappingURL=x.css.map */"
)


def test_font_and_crest_leave_the_stylesheet_and_the_rest_stays() -> None:
    assert assets.transform_css(CSS) == (
        ".a{font-family:var(--portal-font,arial,sans-serif);color:red}.b{mask-image:none}\n"
    )


def test_a_release_that_names_its_font_otherwise_is_noticed() -> None:
    with pytest.raises(LauncherError, match="GDS Transport"):
        assets.transform_css(".a{font-family:'GDS Transport',helvetica}")


AFFECTED = {"name": "django", "version": "1.0", "vulns": [{"id": "CVE-1", "fix_versions": ["1.1"]}]}
UNKNOWN = {"name": "celery", "skip_reason": "not found"}
SOUND = {"name": "redis", "version": "8.1", "vulns": []}


@pytest.mark.parametrize(
    ("output", "complaint", "passed", "text"),
    [
        (json.dumps({"dependencies": [SOUND]}), "", True, "No known"),
        (json.dumps({"dependencies": [SOUND, UNKNOWN]}), "", True, "celery"),
        (json.dumps({"dependencies": [AFFECTED, UNKNOWN]}), "", False, "CVE-1"),
        (json.dumps({"dependencies": [UNKNOWN]}), "", True, "Skipped"),
        ("", "ConnectionError: Max retries exceeded", True, "Skipped"),
        ("", "error: invalid requirement", False, "failed"),
    ],
)
def test_the_audit_fails_on_findings_and_only_on_them(output: str, complaint: str, passed: bool, text: str) -> None:
    judged, message = checks.judge_audit(output, complaint)
    assert judged is passed
    assert text in message


def test_the_makefile_offers_every_promised_target() -> None:
    for target in ("setup", "run", "test", "test-long", "check", "bench", "bench-sense", "clean"):
        command = ["make", "--dry-run", "--no-print-directory", target]
        answer = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True, env=os.environ)
        assert answer.stdout.strip().endswith(f"-m awarding.launcher {target}")
