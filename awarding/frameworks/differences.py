"""What a newer version of a framework says otherwise than an older one, value by value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from awarding.frameworks.document import FrameworkDocument
from awarding.frameworks.parts import Change

# The change log says these itself.
_APART = frozenset({"version", "changes", "schema"})


def list_differences(before: FrameworkDocument, after: FrameworkDocument) -> tuple[Change, ...]:
    """Every plain value that differs, those that the organisation chooses left out: it sees these as its own choices.

    An entry that only one of them has differs in each of its values. In the order of the newer version.
    """
    old, new = dict(_values(before.data)), dict(_values(after.data))
    chosen = {*before.ao_decides, *after.ao_decides}
    paths = [*new, *(path for path in old if path not in new)]
    return tuple(
        Change(".".join(path), _label(after, before, path), old.get(path), new.get(path))
        for path in paths
        if old.get(path) != new.get(path) and not _is_chosen(path, chosen)
    )


def _is_chosen(path: tuple[str, ...], chosen: set[str]) -> bool:
    return ".".join(path) in chosen or (path[-1] in ("on", "value") and ".".join(path[:-1]) in chosen)


def _values(data: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    if isinstance(data, Mapping):
        for key, value in data.items():
            if path or key not in _APART:
                yield from _values(value, (*path, key))
    elif isinstance(data, tuple) and data and isinstance(data[0], Mapping):
        for place, row in enumerate(data, start=1):
            yield from _values(row, (*path, _name(row) or str(place)))
    else:
        yield path, ", ".join(map(str, data)) if isinstance(data, tuple) else data


def _name(row: Mapping[str, Any]) -> str:
    return next((row[key] for key in ("code", "id", "path") if key in row), "")


def _label(after: FrameworkDocument, before: FrameworkDocument, path: tuple[str, ...]) -> str:
    """The words of the entry that a value belongs to, and the field in it."""
    for document in (after, before):
        place: Any = document.data
        for step in path[:-1]:
            place = _entered(place, step)
        if isinstance(place, Mapping) and "label" in place:
            return f"{place['label']}: {path[-1].replace('_', ' ')}"
    return " ".join(path).replace("_", " ")


def _entered(place: Any, step: str) -> Any:
    if isinstance(place, Mapping):
        return place.get(step)
    if isinstance(place, tuple):
        return next((row for row in place if isinstance(row, Mapping) and _name(row) == step), None)
    return None
