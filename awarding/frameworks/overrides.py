"""What an awarding organisation chooses within a framework, and what that would change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, time
from typing import Any

from awarding.frameworks.bounds import fault_of_value
from awarding.frameworks.checking import faults_of
from awarding.frameworks.document import FrameworkDocument
from awarding.frameworks.faults import Fault, FrameworkError
from awarding.frameworks.parts import Change
from awarding.frameworks.plain import full_path, value_at


class OverrideError(FrameworkError):
    """Choices that may not be made; ``faults`` says which, why, and what may be chosen instead."""


def apply_overrides(document: FrameworkDocument, overrides: Mapping[str, Any]) -> FrameworkDocument:
    """The document as the organisation runs it. ``overrides`` maps paths of ``ao_decides`` to values (days and
    times as ISO text, or as ``date`` and ``time``). ``.changes`` of the result lists what differs.

    Raises OverrideError when a path is not the organisation's to decide, a value is outside its bounds, or the
    result would not hang together (a window that closes before it opens). Nothing is applied in part.
    """
    chosen = {path: _as_plain(value) for path, value in overrides.items()}
    faults = [fault for path, value in chosen.items() if (fault := _fault_of(document, path, value))]
    if faults:
        raise OverrideError(faults)
    data = document.as_json()
    changes = []
    for path, value in chosen.items():
        before = value_at(data, path)
        if before != value:
            _put(data, path, value)
            changes.append(Change(path, document.ao_decides[path].label, before, value))
    if faults := faults_of(data, _name(document)):
        raise OverrideError(faults)
    return FrameworkDocument.from_stored(data, tuple(changes))


def list_changes(document: FrameworkDocument, overrides: Mapping[str, Any]) -> tuple[Change, ...]:
    """What the overrides would change, without running them. Raises OverrideError as ``apply_overrides`` does."""
    return apply_overrides(document, overrides).changes


def _name(document: FrameworkDocument) -> str:
    return f"{document.id} version {document.version}"


def _fault_of(document: FrameworkDocument, path: str, value: Any) -> Fault | None:
    setting = document.ao_decides.get(path)
    if setting is None:
        theirs = ", ".join(document.ao_decides) or "none"
        fix = f"Leave it as published. The organisation decides: {theirs}."
        return Fault(_name(document), path, "is set by the framework.", fix)
    if complaint := fault_of_value(asdict(setting), value):
        return Fault(_name(document), path, f"cannot be {value!r}:", complaint)
    return None


def _as_plain(value: Any) -> Any:
    if isinstance(value, time):
        return value.strftime("%H:%M")
    return value.isoformat() if isinstance(value, date) else value


def _put(data: Any, path: str, value: Any) -> None:
    *steps, last = full_path(path)
    place = data
    for step in steps:
        place = place[step] if isinstance(place, dict) else next(row for row in place if row["code"] == step)
    place[last] = value
