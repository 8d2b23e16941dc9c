"""Framework data as plain values: one canonical text, its digest, and paths into it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any


class UnknownEntryError(KeyError):
    """The document holds no entry of that code; the message lists those it has."""

    def __str__(self) -> str:
        return str(self.args[0])


def canonical_json(data: Any) -> str:
    """The one way to write this data: keys sorted, no spaces, whole numbers without a point."""
    return json.dumps(_plain(data), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def digest_of(data: Any) -> str:
    """SHA-256 (hex) of the canonical JSON; the same whatever the order of keys."""
    return hashlib.sha256(canonical_json(data).encode("utf-8")).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def frozen(value: Any) -> Any:
    """The same data that nobody can change in place."""
    if isinstance(value, Mapping):
        return MappingProxyType({key: frozen(inner) for key, inner in value.items()})
    if isinstance(value, list | tuple):
        return tuple(frozen(inner) for inner in value)
    return value


# Entries whose one plain value may be meant by the short path to them: dates.impact stands for dates.impact.on.
_VALUE_FIELDS = {"dates": "on", "thresholds": "value"}


def full_path(path: str) -> tuple[str, ...]:
    """The steps of a path with the short form written out."""
    steps = tuple(path.split("."))
    if len(steps) == 2 and steps[0] in _VALUE_FIELDS:
        return (*steps, _VALUE_FIELDS[steps[0]])
    return steps


def value_at(data: Any, path: str) -> Any:
    """The plain value at a path; lists are entered by the ``code`` of their rows. Raises UnknownEntryError."""
    place = data
    for step in full_path(path):
        place = _entered(place, step, path)
    if isinstance(place, Mapping | list | tuple):
        raise UnknownEntryError(f"{path} is a group of values, not one; name the field inside it.")
    return place


def _entered(place: Any, step: str, path: str) -> Any:
    if isinstance(place, Mapping) and step in place:
        return place[step]
    if isinstance(place, list | tuple):
        for row in place:
            if isinstance(row, Mapping) and row.get("code") == step:
                return row
    raise UnknownEntryError(f"{path} leads nowhere: there is no {step!r} at that place.")
