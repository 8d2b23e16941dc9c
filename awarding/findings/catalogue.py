"""The catalogue of rules: what the portal holds people to, and the words that explain it.

The text lives in ``rules.yaml`` so that a person who knows the field can correct it without touching code. A rule's
id is the same in the check that enforces it, in what the user is told, in the test that proves it and in the address
of the page that explains it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

CATALOGUE_FILE = Path(__file__).with_name("rules.yaml")
RULE_ID = re.compile(r"^[A-Z]{3}-\d{2}$")
_TEXTS = ("title", "says", "why", "mend", "source")
_KEYS = {*_TEXTS, "framework_families"}


class CatalogueError(ValueError):
    """``rules.yaml`` is not usable; the message names the entry and what it lacks."""


class UnknownRuleError(KeyError):
    """A rule id that the catalogue does not hold: a slip of the programmer, never of the user."""

    def __str__(self) -> str:
        return str(self.args[0])


@dataclass(frozen=True, slots=True)
class Area:
    """A chapter of the catalogue, named by the three letters its rules begin with."""

    code: str
    title: str
    about: str


@dataclass(frozen=True, slots=True)
class Source:
    """A published document (or a named practice) that rules are taken from."""

    code: str
    title: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. ``says`` is what it asks, ``why`` its reason, ``mend`` what to do when it stops somebody.

    Texts are English; a page translates them when it shows them. ``framework_families`` are the families of
    frameworks the rule was published for, or ``("any",)``.
    """

    id: str
    title: str
    says: str
    why: str
    mend: str
    source: str
    framework_families: tuple[str, ...]

    @property
    def area(self) -> str:
        return self.id[:3]


@dataclass(frozen=True, slots=True)
class Catalogue:
    rules: Mapping[str, Rule]
    areas: Mapping[str, Area]
    sources: Mapping[str, Source]


def read_catalogue(path: Path) -> Catalogue:
    """Read one catalogue file. Raises CatalogueError naming the entry when something is missing or misspelt."""
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    areas = {code: Area(code, row["title"], row["about"]) for code, row in data["areas"].items()}
    sources = {code: Source(code, row["title"], row.get("note", "")) for code, row in data["sources"].items()}
    rules = {}
    for rule_id, row in data["rules"].items():
        _refuse_faulty(rule_id, row, areas, sources)
        texts = {key: " ".join(row[key].split()) for key in _TEXTS}
        rules[rule_id] = Rule(id=rule_id, framework_families=tuple(row["framework_families"]), **texts)
    return Catalogue(rules, areas, sources)


def _refuse_faulty(rule_id: str, row: Mapping, areas: Mapping, sources: Mapping) -> None:
    if not RULE_ID.match(rule_id):
        raise CatalogueError(f"{rule_id}: a rule id is three capitals, a hyphen and two digits, like CLM-02.")
    if rule_id[:3] not in areas:
        raise CatalogueError(f"{rule_id}: no area {rule_id[:3]} is described; add it under areas.")
    if set(row) != _KEYS:
        raise CatalogueError(
            f"{rule_id}: needs exactly {', '.join(sorted(_KEYS))}; missing or unknown: "
            f"{', '.join(sorted(set(row) ^ _KEYS))}."
        )
    for key in _TEXTS:
        if not isinstance(row[key], str) or not row[key].strip():
            raise CatalogueError(f"{rule_id}.{key}: is empty; write it in plain words.")
    if not row["framework_families"]:
        raise CatalogueError(f"{rule_id}.framework_families: name at least one family, or any.")
    for code in source_codes(row["source"]):
        if code not in sources:
            raise CatalogueError(f"{rule_id}.source: {code} is not listed under sources.")


def source_codes(reference: str) -> list[str]:
    """The source codes of a reference: ``"S0; S4 [8, 15]"`` gives ``["S0", "S4"]``."""
    return [part.split("[", 1)[0].strip() for part in reference.split(";")]


@lru_cache(maxsize=1)
def catalogue() -> Catalogue:
    """The product's own catalogue, read once in a process."""
    return read_catalogue(CATALOGUE_FILE)


def rule(rule_id: str) -> Rule:
    """The rule with this id; raises UnknownRuleError."""
    try:
        return catalogue().rules[rule_id]
    except KeyError:
        raise UnknownRuleError(
            f"No rule {rule_id!r} in the catalogue: correct the id, or describe the rule in findings/rules.yaml."
        ) from None


def all_rules() -> list[Rule]:
    """Every rule, in the order of the catalogue."""
    return list(catalogue().rules.values())
