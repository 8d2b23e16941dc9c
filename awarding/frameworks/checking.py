"""What is wrong with a framework file: where, what, and how to mend it.

The schema says what a file may hold; the checks below say what must hang together: codes that are referred to exist,
sources are listed, windows open before they close, and whatever is left open is the organisation's to decide.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from awarding.findings.catalogue import all_rules, source_codes
from awarding.frameworks.bounds import fault_of_value
from awarding.frameworks.faults import Fault
from awarding.frameworks.plain import UnknownEntryError, full_path, value_at

# jsonschema is loaded with the first file that is checked: every process starts, few of them check a file.
if TYPE_CHECKING:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import ValidationError

SCHEMA_FILE = Path(__file__).with_name("data") / "schema.json"
_CODED_LISTS = (
    "sources",
    "categories",
    "outcomes",
    "evidence_types",
    "component_states",
    "statements",
    "steps",
    "releases",
    "checkpoints",
)


@lru_cache(maxsize=1)
def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of framework files."""
    return json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def _validator() -> Draft202012Validator:
    from jsonschema import Draft202012Validator, FormatChecker

    return Draft202012Validator(schema(), format_checker=FormatChecker(["date"]))


def faults_of(data: Any, file: str) -> list[Fault]:
    """Everything wrong with plain framework data. ``file`` is the name to give in messages."""
    found = [_schema_fault(error, data, file) for error in _validator().iter_errors(data)]
    if not found:
        # Only data of the right shape can be asked whether it hangs together.
        found = [Fault(file, path, what, fix) for path, what, fix in _loose_ends(data)]
    return sorted(found, key=lambda fault: fault.path)


def _schema_fault(error: ValidationError, data: Any, file: str) -> Fault:
    from jsonschema.exceptions import best_match

    while error.context and (inner := best_match(error.context)):
        error = inner
    return Fault(file, ".".join(_named_steps(data, list(error.absolute_path))), *_words(error))


def _named_steps(data: Any, steps: list[str | int]) -> Iterator[str]:
    """The steps to an error; a row of a list goes by its code where it has one, else by its place from 1."""
    place = data
    for step in steps:
        place = place[step]
        yield step if isinstance(step, str) else _row_name(place) or str(step + 1)


def _row_name(row: Any) -> str:
    if not isinstance(row, Mapping):
        return ""
    return next((row[key] for key in ("code", "id", "path") if isinstance(row.get(key), str)), "")


def _words(error: ValidationError) -> tuple[str, str]:
    """The validator's complaint as what and fix."""
    value = error.instance
    match error.validator:
        case "required":
            missing = [name for name in error.validator_value if name not in value]
            return f"lacks {', '.join(missing)}.", "Add what is missing."
        case "additionalProperties":
            allowed = ", ".join(sorted(error.schema.get("properties", {}))) or "nothing"
            return (
                f"holds something unknown ({error.message}).",
                f"Remove it or correct the spelling; known are: {allowed}.",
            )
        case "enum" | "const":
            choices = error.validator_value if isinstance(error.validator_value, list) else [error.validator_value]
            return f"is {value!r}.", f"Choose one of: {', '.join(str(choice) for choice in choices)}."
        case "pattern" | "format" | "type":
            hint = error.schema.get("description", "") if isinstance(error.schema, Mapping) else ""
            return f"is {value!r}, which is not of the form asked for.", hint or "Correct its form."
        case _:
            return f"{error.message}.", "Correct the value."


_Complaint = tuple[str, str, str]


def _loose_ends(data: Mapping[str, Any]) -> Iterator[_Complaint]:
    yield from _repeated_codes(data)
    yield from _unlisted_sources(data)
    yield from _change_log(data)
    yield from _unknown_rules(data)
    yield from _needed_by_rules(data)
    yield from _windows_and_dates(data)
    yield from _permissions(data)
    yield from _settings(data)


def _codes(data: Mapping[str, Any], section: str) -> list[str]:
    return [row["code"] for row in data.get(section, ())]


def _repeated_codes(data: Mapping[str, Any]) -> Iterator[_Complaint]:
    for section in _CODED_LISTS:
        for code, times in Counter(_codes(data, section)).items():
            if times > 1:
                yield f"{section}.{code}", f"appears {times} times.", "Give each entry a code of its own."
    for key, section in (("id", "rules"), ("path", "ao_decides")):
        for code, times in Counter(row[key] for row in data.get(section, ())).items():
            if times > 1:
                yield f"{section}.{code}", f"appears {times} times.", "Keep one of them."


def _unlisted_sources(data: Mapping[str, Any]) -> Iterator[_Complaint]:
    listed = set(_codes(data, "sources"))
    for path, reference in _source_fields(data, ""):
        for code in source_codes(reference):
            if code not in listed:
                yield path, f"names the source {code}, which is not listed.", "List it under sources or correct it."


def _source_fields(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            here = f"{path}.{key}" if path else key
            if key == "source" and isinstance(inner, str):
                yield here, inner
            else:
                yield from _source_fields(inner, here)
    elif isinstance(value, list | tuple):
        for place, row in enumerate(value, start=1):
            yield from _source_fields(row, f"{path}.{_row_name(row) or place}")


def _change_log(data: Mapping[str, Any]) -> Iterator[_Complaint]:
    versions = [row["version"] for row in data["changes"]]
    if versions != sorted(set(versions)):
        yield "changes", f"lists versions {versions}.", "List each version once, newest last."
    if versions[-1] != data["version"]:
        fix = "Say in the change log what this version changed and why."
        yield "changes", f"ends with version {versions[-1]} but the file is version {data['version']}.", fix


def _unknown_rules(data: Mapping[str, Any]) -> Iterator[_Complaint]:
    known = {rule.id for rule in all_rules()}
    for row in data["rules"]:
        if row["id"] not in known:
            fix = "Correct the id, or describe the rule in findings/rules.yaml first."
            yield f"rules.{row['id']}", "is not a rule of the catalogue.", fix


# What the check of a rule asks the document for. Without it the rule could not be kept, and pages would fail.
_NEEDED = {
    "MIT-01": ("outcomes",),
    "MIT-06": ("dates.impact",),
    "MIT-11": ("windows.application",),
    "CLM-03": ("component_states",),
    "CLM-05": ("component_states", "evidence_types"),
    "CLM-06": ("component_states", "thresholds.evidence_complete_share"),
}


def _needed_by_rules(data: Mapping[str, Any]) -> Iterator[_Complaint]:
    for row in data["rules"]:
        for path in _NEEDED.get(row["id"], ()):
            section, _point, name = path.partition(".")
            held = data.get(section) or ()
            if not held or (name and name not in held):
                yield (
                    f"rules.{row['id']}",
                    f"asks for {path}, which the file does not have.",
                    f"Add {path}, or the rule goes.",
                )


def _windows_and_dates(data: Mapping[str, Any]) -> Iterator[_Complaint]:
    dates = data["dates"]
    for code, window in data.get("windows", {}).items():
        ends = {end: window[end] for end in ("opens", "closes") if window[end] is not None}
        for end, named in ends.items():
            if named not in dates:
                yield f"windows.{code}.{end}", f"names the date {named}, which does not exist.", "Add it under dates."
        days = [dates[named]["on"] for named in ends.values() if named in dates]
        if len(ends) == 2 and len(days) == 2 and all(days) and days[0] > days[1]:
            yield f"windows.{code}", f"opens on {days[0]}, after it closes on {days[1]}.", "Put the two days in order."
    for release in data.get("releases", ()):
        for end in ("to_centres", "to_learners"):
            if release[end] is not None and release[end] not in dates:
                yield (
                    f"releases.{release['code']}.{end}",
                    f"names the date {release[end]}, which does not exist.",
                    ("Add it under dates."),
                )
    for checkpoint in data.get("checkpoints", ()):
        if checkpoint["window"] not in data.get("windows", {}):
            what = f"names the window {checkpoint['window']}, which does not exist."
            yield f"checkpoints.{checkpoint['code']}.window", what, "Add it under windows."


def _permissions(data: Mapping[str, Any]) -> Iterator[_Complaint]:
    categories = {row["code"]: row.get("part_of") for row in data.get("categories", ())}
    for code, wider in categories.items():
        if wider is not None and (wider not in categories or categories[wider] is not None):
            yield f"categories.{code}.part_of", f"is {wider}, which is no outermost category.", "Name a wider category."
    statements = set(_codes(data, "statements"))
    for outcome in data.get("outcomes", ()):
        path = f"outcomes.{outcome['code']}"
        for code in outcome["categories"]:
            if code not in categories:
                yield f"{path}.categories.{code}", "is not one of the categories.", "Add the category or remove it."
        for code in outcome.get("last_resort_statements", ()):
            if code not in statements:
                yield f"{path}.last_resort_statements", f"names {code}, which is not a statement.", "Add the statement."
    outcomes = set(_codes(data, "outcomes"))
    tags = data.get("component_tags")
    if tags is not None and tags["outcome"] not in outcomes:
        yield "component_tags.outcome", f"is {tags['outcome']}, which is no outcome.", "Name one of the outcomes."
    if tags is not None and tags["window"] not in data.get("windows", {}):
        yield "component_tags.window", f"is {tags['window']}, which is no window.", "Add it under windows."
    for code in data.get("carries_on", {}).get("outcomes", ()):
        if code not in outcomes:
            yield "carries_on.outcomes", f"names {code}, which is no outcome.", "Name one of the outcomes."
    if "carries_on" in data and not data.get("follows"):
        yield "carries_on", "carries on from nothing.", "Name the earlier framework under follows."
    for row in data.get("evidence_types", ()):
        if row["may_stand_alone"] and not row["is_evidence"]:
            path = f"evidence_types.{row['code']}"
            yield path, "may stand alone although it is not evidence.", "Set may_stand_alone to false."


def _settings(data: Mapping[str, Any]) -> Iterator[_Complaint]:
    decided = {full_path(row["path"]) for row in data.get("ao_decides", ())}
    for code, row in data["dates"].items():
        if row.get("ao_sets") and ("dates", code, "on") not in decided and ("dates", code, "at") not in decided:
            path = f"dates.{code}"
            yield path, "is left to the organisation but not listed.", f"List {path} under ao_decides, with its bounds."
    for path in _open_values(data):
        if full_path(path) not in decided:
            yield path, "has no value and nobody may set it.", "Give the value, or list it under ao_decides."
    for row in data.get("ao_decides", ()):
        yield from _setting(data, row)


def _open_values(data: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"dates.{code}" for code, row in data["dates"].items() if row["on"] is None)
    yield from (f"thresholds.{code}" for code, row in data.get("thresholds", {}).items() if row["value"] is None)
    for section, names in (("retention", ["months_after_issue"]), ("sampling", ["learners", "units"])):
        yield from (f"{section}.{name}" for name in names if data.get(section, {}).get(name, 0) is None)


def _setting(data: Mapping[str, Any], row: Mapping[str, Any]) -> Iterator[_Complaint]:
    path = f"ao_decides.{row['path']}"
    try:
        value = value_at(data, row["path"])
    except UnknownEntryError as error:
        yield path, str(error), "Correct the path."
        return
    if "min" in row and "max" in row and row["min"] > row["max"]:
        yield path, f"has a smallest value {row['min']} above its largest {row['max']}.", "Put the bounds in order."
    elif value is not None and (fault := fault_of_value(row, value)):
        yield path, f"is {value!r} in the file, outside its own bounds: {fault}", "Widen the bounds or mend the value."
