"""A framework as the engine reads it: typed parts of one immutable document.

Nothing here knows any particular framework. Whoever needs a date, a threshold or a permission asks the document for
it by code, and asks ``in_force`` before checking a rule.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from types import MappingProxyType
from typing import Any

from awarding.frameworks.parts import (
    Category,
    Change,
    Checkpoint,
    ComponentState,
    ComponentTags,
    DateEntry,
    EvidenceType,
    Outcome,
    Release,
    RuleInForce,
    Setting,
    Statement,
    Step,
    Telling,
    Window,
    read_date_entry,
)
from awarding.frameworks.plain import UnknownEntryError, canonical_json, digest_of, frozen, value_at


@dataclass(frozen=True, eq=False)
class FrameworkDocument:
    """One version of a framework, immutable. Build it with ``loading``, or from a stored version's JSON with
    ``FrameworkDocument.from_stored``. Two documents are equal when their digests are."""

    data: Mapping[str, Any]
    changes: tuple[Change, ...] = field(default=())

    @classmethod
    def from_stored(cls, data: Mapping[str, Any], changes: tuple[Change, ...] = ()) -> FrameworkDocument:
        """A document from JSON that was validated when it was stored (it is not validated again)."""
        return cls(frozen(data), changes)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FrameworkDocument) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)

    def __reduce__(self) -> tuple[Any, ...]:
        # Frozen mappings cannot be pickled; a cache or a child process gets the plain data and freezes it again.
        return FrameworkDocument.from_stored, (self.as_json(), self.changes)

    def __repr__(self) -> str:
        return f"<FrameworkDocument {self.id} version {self.version}>"

    def as_json(self) -> dict[str, Any]:
        """A fresh, plain copy of the data, for a JSON column."""
        return json.loads(canonical_json(self.data))

    @cached_property
    def digest(self) -> str:
        return digest_of(self.data)

    @property
    def id(self) -> str:
        return self.data["id"]

    @property
    def version(self) -> int:
        return self.data["version"]

    @property
    def family(self) -> str:
        return self.data["family"]

    @property
    def title(self) -> str:
        return self.data["title"]

    @property
    def short_title(self) -> str:
        return self.data.get("short_title", self.title)

    @property
    def summary(self) -> str:
        return self.data["summary"]

    # dates -----------------------------------------------------------------------------------------------------------

    @cached_property
    def dates(self) -> Mapping[str, DateEntry]:
        """Every day and instant, by code."""
        return {code: read_date_entry(code, row) for code, row in self.data["dates"].items()}

    def date(self, code: str) -> date | None:
        """The day, or None while the organisation has not set it. Raises UnknownEntryError."""
        return self._found(self.dates, code, "date").on

    def instant(self, code: str) -> datetime | None:
        """The aware London instant of a date: at its time, or at the start of its day."""
        return self._found(self.dates, code, "date").instant

    @cached_property
    def windows(self) -> Mapping[str, Window]:
        def end(code: str | None) -> date | None:
            return None if code is None else self.date(code)

        return {
            code: Window(code, **{**row, "opens": end(row["opens"]), "closes": end(row["closes"])})
            for code, row in self.data.get("windows", {}).items()
        }

    def window(self, code: str) -> Window:
        return self._found(self.windows, code, "window")

    # what is permitted -----------------------------------------------------------------------------------------------

    @cached_property
    def categories(self) -> Mapping[str, Category]:
        return self._parts("categories", Category)

    @cached_property
    def outcomes(self) -> Mapping[str, Outcome]:
        """Outcomes by code, in the order of the file."""
        return self._parts("outcomes", Outcome)

    def outcome(self, code: str) -> Outcome:
        return self._found(self.outcomes, code, "outcome")

    def standing(self, outcome: str, category: str) -> str:
        """Whether the outcome may be used in the category: permitted, last_resort, refused or
        agreed_per_qualification. Where the category says nothing its wider category speaks; where none does: refused.
        """
        named: str | None = self._found(self.categories, category, "category").code
        given = self.outcome(outcome).categories
        while named is not None:
            if named in given:
                return given[named]
            named = self.categories[named].part_of
        return "refused"

    def threshold(self, code: str) -> float | None:
        """The number, or None while the organisation has not set it."""
        return self._found(self.data.get("thresholds", {}), code, "threshold")["value"]

    @cached_property
    def evidence_types(self) -> Mapping[str, EvidenceType]:
        return self._parts("evidence_types", EvidenceType)

    def evidence_type(self, code: str) -> EvidenceType:
        return self._found(self.evidence_types, code, "evidence type")

    @cached_property
    def component_states(self) -> Mapping[str, ComponentState]:
        return self._parts("component_states", ComponentState)

    def component_state(self, code: str) -> ComponentState:
        return self._found(self.component_states, code, "component state")

    # what is confirmed, kept, sampled, released ----------------------------------------------------------------------

    @cached_property
    def statements(self) -> Mapping[str, Statement]:
        return self._parts("statements", Statement)

    @cached_property
    def steps(self) -> Mapping[str, Step]:
        return self._parts("steps", Step)

    @property
    def retention(self) -> Mapping[str, Any]:
        """``months_after_issue`` (int or None) and ``held_by``; empty when the framework says nothing."""
        return self.data.get("retention", MappingProxyType({}))

    @cached_property
    def component_tags(self) -> ComponentTags | None:
        """What a request for a component's teacher assessed grade needs; None where there are no such grades."""
        row = self.data.get("component_tags")
        return (
            None if row is None else ComponentTags(**{**row, "tells": tuple(Telling(**tell) for tell in row["tells"])})
        )

    @property
    def follows(self) -> str:
        """The code of the framework before this one; empty when it follows none."""
        return self.data.get("follows") or ""

    @property
    def carried_on(self) -> frozenset[str]:
        """Outcomes agreed under the framework that this one follows which stay valid (CTB-06)."""
        return frozenset(self.data.get("carries_on", {}).get("outcomes", ()))

    @property
    def internal_verification(self) -> str:
        """When a claim passes its internal verifier: before_submission, or not_asked, also where nothing is said."""
        return self.data.get("internal_verification", {}).get("step", "not_asked")

    @property
    def sampling(self) -> Mapping[str, Any]:
        """``learners``, ``units``, ``ordinary_sample_for``, ``factors``, ``coverage``; empty when it says nothing."""
        return self.data.get("sampling", MappingProxyType({}))

    @property
    def history(self) -> Mapping[str, Any]:
        """``baseline_years``, ``only_if_nothing_else``, ``by_volume``, ``compared_by``; empty when it says nothing."""
        return self.data.get("history", MappingProxyType({}))

    @cached_property
    def releases(self) -> Mapping[str, Release]:
        def release(row: Mapping[str, Any]) -> Release:
            centres = row["to_centres"]
            instants = {
                "to_centres": None if centres is None else self.instant(centres),
                "to_learners": self.instant(row["to_learners"]),
            }
            return Release(**{**row, **instants})

        return {row["code"]: release(row) for row in self.data.get("releases", ())}

    def release_for(self, level: str) -> Release | None:
        """The release of a level as the register writes it ("Level 3"), or None."""
        return next((release for release in self.releases.values() if level in release.levels), None)

    @cached_property
    def checkpoints(self) -> Mapping[str, Checkpoint]:
        rows = self.data.get("checkpoints", ())
        return {row["code"]: Checkpoint(**{**row, "window": self.window(row["window"])}) for row in rows}

    # rules and settings ----------------------------------------------------------------------------------------------

    @cached_property
    def rules(self) -> Mapping[str, RuleInForce]:
        return {row["id"]: RuleInForce(**row) for row in self.data["rules"]}

    def in_force(self, rule_id: str) -> bool:
        """Whether the rule holds under this framework."""
        return rule_id in self.rules

    @cached_property
    def ao_decides(self) -> Mapping[str, Setting]:
        """Settings left to the organisation, by path."""
        return {row["path"]: Setting(**row) for row in self.data.get("ao_decides", ())}

    def setting(self, path: str, overrides: Mapping[str, Any] | None = None) -> Any:
        """The value at ``path`` as plain JSON (days are ISO text): the organisation's own if given and allowed to
        it, else the framework's. Raises UnknownEntryError for a path that leads nowhere."""
        if overrides and path in overrides and path in self.ao_decides:
            return overrides[path]
        return value_at(self.data, path)

    # -----------------------------------------------------------------------------------------------------------------

    def _parts(self, section: str, kind: Any) -> Mapping[str, Any]:
        return {row["code"]: kind(**row) for row in self.data.get(section, ())}

    def _found(self, entries: Mapping[str, Any], code: str, noun: str) -> Any:
        try:
            return entries[code]
        except KeyError:
            known = ", ".join(sorted(entries)) or "none"
            raise UnknownEntryError(
                f"{self.id} version {self.version} has no {noun} {code!r}; it has: {known}."
            ) from None
