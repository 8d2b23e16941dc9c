"""Production refuses to start with anything that opens a door, and Django's own checks find nothing to say."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.deployment.compose import ROOT, filled, load

SECRET = "0123456789abcdef" * 4


def production(**changes: str | None) -> dict[str, str]:
    """The environment of the web container, on the test database, with changes (None takes a variable away)."""
    environment = {
        name: os.environ[name]
        for name in ("PATH", "DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL")
        if name in os.environ
    }
    environment |= {
        "PORTAL_ENV": "production",
        "SECRET_KEY": SECRET,
        "PUBLIC_URL": "https://portal.example.org",
        "ALLOWED_HOSTS": "portal.example.org",
        "PORTAL_DEMO": "0",
        "DEBUG": "0",
    }
    for name, value in changes.items():
        environment.pop(name, None)
        if value is not None:
            environment[name] = value
    return environment


def start(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "manage.py", *(arguments or ("check",))]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False)


def test_a_proper_environment_starts_and_the_deployment_checks_are_silent() -> None:
    answer = start(production(), "check", "--deploy", "--fail-level", "INFO")
    assert answer.returncode == 0, answer.stderr
    assert "no issues" in answer.stdout


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"SECRET_KEY": None}, "SECRET_KEY"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY"),
        ({"SECRET_KEY": "development-only-and-refused-in-production"}, "SECRET_KEY"),
        ({"DEBUG": "1"}, "DEBUG"),
        ({"PORTAL_DEMO": "1"}, "PORTAL_DEMO"),
        ({"PUBLIC_URL": "http://portal.example.org"}, "PUBLIC_URL"),
        ({"PUBLIC_URL": None}, "PUBLIC_URL"),
        ({"ALLOWED_HOSTS": None}, "ALLOWED_HOSTS"),
        ({"ALLOWED_HOSTS": " , "}, "ALLOWED_HOSTS"),
        ({"PORTAL_ENV": "prod"}, "PORTAL_ENV"),
        ({"DATABASE_URL": "sqlite:///portal.db"}, "postgres://"),
    ],
    ids=lambda value: "-".join(f"{k}={v}" for k, v in value.items()) if isinstance(value, dict) else "",
)
def test_production_refuses(changes: dict[str, str | None], says: str) -> None:
    answer = start(production(**changes))
    assert answer.returncode != 0
    assert "ImproperlyConfigured" in answer.stderr
    assert says in answer.stderr.splitlines()[-1]


def test_the_same_defaults_are_fine_on_a_developers_machine() -> None:
    """The negative of the above: it is production that refuses, not everything."""
    changes = {"PORTAL_ENV": "development", "SECRET_KEY": None, "PUBLIC_URL": None, "ALLOWED_HOSTS": None}
    answer = start(production(**changes))
    assert answer.returncode == 0, answer.stderr


def test_what_compose_hands_to_the_containers_is_a_proper_environment() -> None:
    services = load(filled())["services"]
    found: list[dict[str, str]] = []
    for name in ("web", "worker", "beat", "migrate", "prepare"):
        environment = services[name]["environment"]
        if environment in found:  # beat's is the worker's
            continue
        found.append(environment)
        answer = start({"PATH": os.environ["PATH"]} | environment, "check", "--deploy", "--fail-level", "WARNING")
        assert answer.returncode == 0, f"{name}: {answer.stderr}"
