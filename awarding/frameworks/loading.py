"""Reading framework files: YAML to validated, immutable documents. Pure: no database.

The YAML is read by the rules of YAML 1.2: ``no`` is a word and not false, 08:00 is not a number, a day stays text.
A key given twice is refused, because YAML would silently keep the second.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

import yaml

from awarding.frameworks.checking import faults_of
from awarding.frameworks.document import FrameworkDocument
from awarding.frameworks.faults import Fault, FrameworkError
from awarding.frameworks.overrides import OverrideError, apply_overrides, list_changes

__all__ = [
    "DATA_FOLDER",
    "Fault",
    "FrameworkDocument",
    "FrameworkError",
    "OverrideError",
    "apply_overrides",
    "check_framework_files",
    "list_changes",
    "load_framework_files",
    "load_framework_text",
    "make_document",
]

DATA_FOLDER = Path(__file__).with_name("data")


class _PlainLoader(yaml.SafeLoader):
    """SafeLoader that resolves only null, true, false and numbers."""

    yaml_implicit_resolvers: dict[str, Any] = {}

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _value in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key.value!r} is given twice", key.start_mark
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def _resolve_plain(tag: str, pattern: str, first: list[str]) -> None:
    _PlainLoader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(pattern), first)


_resolve_plain("null", r"^(?:null|~|)$", ["n", "~", ""])
_resolve_plain("bool", r"^(?:true|false)$", ["t", "f"])
_resolve_plain("int", r"^-?(?:0|[1-9][0-9]*)$", list("-0123456789"))
_resolve_plain("float", r"^-?(?:0|[1-9][0-9]*)\.[0-9]+$", list("-0123456789"))


def load_framework_files(folder: Path | str = DATA_FOLDER) -> list[FrameworkDocument]:
    """Every ``*.yaml`` of the folder as a document, by file name. Raises FrameworkError listing all faults."""
    documents, faults = check_framework_files(folder)
    if faults:
        raise FrameworkError(faults)
    return documents


def check_framework_files(folder: Path | str = DATA_FOLDER) -> tuple[list[FrameworkDocument], list[Fault]]:
    """The documents that are sound, and every fault of the others."""
    documents: list[FrameworkDocument] = []
    faults: list[Fault] = []
    for path in sorted(Path(folder).glob("*.yaml")):
        try:
            document = load_framework_text(path.read_text(encoding="utf-8"), path.name)
        except FrameworkError as error:
            faults.extend(error.faults)
            continue
        except UnicodeDecodeError:
            faults.append(Fault(path.name, "", "is not text in UTF-8.", "Save it as UTF-8."))
            continue
        if document.id != path.stem:
            fix = f"Rename the file to {document.id}.yaml, or correct the id."
            faults.append(Fault(path.name, "id", f"is {document.id!r}, unlike the file's name.", fix))
        documents.append(document)
    if not documents and not faults:
        faults.append(Fault(str(Path(folder).name), "", "holds no framework file.", "Add at least one .yaml file."))
    return documents, faults


def load_framework_text(text: str, file: str) -> FrameworkDocument:
    """One framework from YAML text; ``file`` is the name to give in messages. Raises FrameworkError."""
    try:
        # Not yaml.load's unsafe kind: the loader derives from SafeLoader and resolves even less.
        data = yaml.load(text, Loader=_PlainLoader)  # noqa: S506
    except yaml.YAMLError as error:
        raise FrameworkError([_yaml_fault(error, file)]) from error
    return make_document(data, file)


def make_document(data: Any, file: str = "framework") -> FrameworkDocument:
    """A document from plain data (as parsed from YAML or JSON), validated. Raises FrameworkError."""
    if not isinstance(data, Mapping):
        raise FrameworkError([Fault(file, "", "is empty or not a mapping.", "Begin it with schema: 1 and id: ….")])
    if faults := faults_of(data, file):
        raise FrameworkError(faults)
    return FrameworkDocument.from_stored(data)


def _yaml_fault(error: yaml.YAMLError, file: str) -> Fault:
    mark = getattr(error, "problem_mark", None)
    place = "" if mark is None else f"line {mark.line + 1}, column {mark.column + 1}"
    problem = getattr(error, "problem", None) or "it cannot be read"
    return Fault(file, place, f"is not sound YAML: {problem}.", "Mend the line: look at its indent, colons and quotes.")
