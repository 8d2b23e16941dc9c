"""What a check says: which rule, where, what is wrong, how to put it right.

Checks are plain functions that return lists of findings; forms, API, imports and pages show the same ones. Text may
be lazily translated: it becomes words only where somebody reads it.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import total_ordering
from typing import Any, TypeAlias

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from awarding.findings import catalogue

Text: TypeAlias = str | Promise


@total_ordering
class Severity(enum.Enum):
    """How much a finding matters, from least to most: informs < warns < blocks.

    ``blocks`` stops the step, ``warns`` asks for an answer, ``informs`` needs nothing.
    """

    INFORMS = "informs"
    WARNS = "warns"
    BLOCKS = "blocks"

    def __lt__(self, other: object) -> bool:
        if not isinstance(other, Severity):
            return NotImplemented
        return _ORDER[self] < _ORDER[other]

    @property
    def label(self) -> Text:
        return _LABELS[self]

    # Enum and total_ordering both leave hashing to us once comparison is defined.
    __hash__ = enum.Enum.__hash__


_ORDER = {severity: place for place, severity in enumerate(Severity)}
_LABELS = {
    Severity.INFORMS: _("For information"),
    Severity.WARNS: _("Needs an answer"),
    Severity.BLOCKS: _("Must be put right"),
}


class FindingError(ValueError):
    """A finding that could not help anybody: it lacks its words, or its severity is none of the three."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a check has to say.

    rule      id of the catalogue, such as ``CLM-06``; an unknown one is refused
    severity  blocks, warns or informs
    where     the place in words a person recognises: "row 12, ULN", "Ada Byron, unit L/600/1234"
    what      what is wrong
    fix       how to put it right; required when the finding blocks or warns
    code      short stable name of this finding for programs and tests: "below_half"
    subject   what it is about for programs, such as ``("registration", 17)``; simple values only
    """

    rule: str
    severity: Severity
    where: Text
    what: Text
    fix: Text
    code: str = ""
    subject: tuple[Any, ...] | None = None

    def __post_init__(self) -> None:
        catalogue.rule(self.rule)
        if not isinstance(self.severity, Severity):
            raise FindingError(f"{self.rule}: severity is a Severity, not {self.severity!r}.")
        # Lazy text is not looked at: looking would translate it here, in the wrong language and perhaps too early.
        if self.what == "" and not isinstance(self.what, Promise):
            raise FindingError(f"{self.rule}: say what is wrong.")
        if self.fix == "" and not isinstance(self.fix, Promise) and self.severity is not Severity.INFORMS:
            raise FindingError(f"{self.rule}: say how to put it right.")

    @property
    def explanation(self) -> catalogue.Rule:
        """The catalogue's entry, for "why?"."""
        return catalogue.rule(self.rule)

    def to_json(self) -> dict[str, Any]:
        """Plain values, in the language active now."""
        return {
            "rule": self.rule,
            "severity": self.severity.value,
            "where": str(self.where),
            "what": str(self.what),
            "fix": str(self.fix),
            "code": self.code,
            "subject": None if self.subject is None else list(self.subject),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Finding:
        """The finding that ``to_json`` wrote."""
        subject = data.get("subject")
        return cls(
            rule=data["rule"],
            severity=Severity(data["severity"]),
            where=data["where"],
            what=data["what"],
            fix=data["fix"],
            code=data.get("code", ""),
            subject=None if subject is None else tuple(subject),
        )


def blocking(findings: Iterable[Finding]) -> list[Finding]:
    """Those that stop the step."""
    return [finding for finding in findings if finding.severity is Severity.BLOCKS]


def worst(findings: Iterable[Finding]) -> Severity | None:
    """The gravest severity among them, or None when there is nothing to say."""
    return max((finding.severity for finding in findings), default=None)


def findings_to_json(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    return [finding.to_json() for finding in findings]


def findings_from_json(rows: Iterable[Mapping[str, Any]]) -> list[Finding]:
    return [Finding.from_json(row) for row in rows]
