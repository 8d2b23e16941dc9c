"""Reads docker-compose.yml as Docker Compose would: anchors merged, variables put in or refused."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent.parent
FILE = ROOT / "docker-compose.yml"
VARIABLE = re.compile(r"\$(?:\$|\{(?P<name>[A-Z0-9_]+)(?:(?P<kind>:-|:\?)(?P<rest>[^}]*))?\})")


class MissingVariableError(ValueError):
    """A required variable is not set."""


def interpolate(text: str, values: dict[str, str]) -> str:
    def put_in(found: re.Match[str]) -> str:
        name, kind, rest = found["name"], found["kind"], found["rest"] or ""
        if name is None:
            return "$"
        if values.get(name):
            return values[name]
        if kind == ":?":
            raise MissingVariableError(rest)
        return rest if kind == ":-" else ""

    return VARIABLE.sub(put_in, text)


def load(values: dict[str, str]) -> dict[str, Any]:
    """The file with these variables set."""

    def walk(node: Any) -> Any:
        if isinstance(node, str):
            return interpolate(node, values)
        if isinstance(node, list):
            return [walk(one) for one in node]
        if isinstance(node, dict):
            return {key: walk(value) for key, value in node.items()}
        return node

    answer: dict[str, Any] = walk(yaml.safe_load(FILE.read_text()))
    return answer


def example_variables() -> tuple[dict[str, str], list[str]]:
    """The variables of .env.example: those set there, and all its names in order."""
    lines = [line for line in (ROOT / ".env.example").read_text().splitlines() if re.match(r"(# )?[A-Z0-9_]+=", line)]
    pairs = [line.partition("=") for line in lines]
    given = {name: value for name, _, value in pairs if not name.startswith("# ")}
    return given, [name.removeprefix("# ") for name, _, _value in pairs]


def required() -> list[str]:
    """The variables without which Compose refuses to start."""
    return sorted({found["name"] for found in VARIABLE.finditer(FILE.read_text()) if found["kind"] == ":?"})


def filled() -> dict[str, str]:
    """Something fit for every required variable."""
    return {name: f"{name.lower().replace('_', '-')}-{'x' * 44}" for name in required()} | {
        "PORTAL_HOST": "portal.example.org"
    }
