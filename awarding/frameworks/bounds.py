"""Whether a value may be chosen for a setting: its type and its bounds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time
from typing import Any


def fault_of_value(setting: Mapping[str, Any], value: Any) -> str:
    """What is wrong with a plain JSON value for a setting (a row of ``ao_decides``); empty when nothing is.

    Days are ISO text (2020-03-20), times "08:00", numbers are numbers; a boolean is never a number.
    """
    kind = setting["type"]
    complaint = _fault_of_type(kind, value)
    if complaint:
        return complaint
    if kind == "choice" and value not in setting["choices"]:
        return f"choose one of: {', '.join(setting['choices'])}."
    # ISO days and times sort as text in the order of time, so one comparison serves all kinds.
    if setting.get("min") is not None and value < setting["min"]:
        return f"it may not be less than {setting['min']}."
    if setting.get("max") is not None and value > setting["max"]:
        return f"it may not be more than {setting['max']}."
    return ""


def _fault_of_type(kind: str, value: Any) -> str:
    match kind:
        case "integer":
            fits = isinstance(value, int) and not isinstance(value, bool)
            return "" if fits else "it takes a whole number."
        case "number":
            fits = isinstance(value, int | float) and not isinstance(value, bool)
            return "" if fits else "it takes a number."
        case "date":
            return "" if _is_iso(date, value, length=10) else "it takes a day written as 2020-03-20."
        case "time":
            return "" if _is_iso(time, value, length=5) else 'it takes a London time written as "08:00".'
        case "text":
            fits = isinstance(value, str) and bool(value.strip())
            return "" if fits else "it takes some words."
        case _:
            return "" if isinstance(value, str) else "it takes one of the values listed."


def _is_iso(kind: type[date] | type[time], value: Any, *, length: int) -> bool:
    if not isinstance(value, str) or len(value) != length:
        return False
    try:
        kind.fromisoformat(value)
    except ValueError:
        return False
    return True
