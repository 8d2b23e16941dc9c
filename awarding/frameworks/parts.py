"""The typed parts of a framework document: what one row of its file becomes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")


@dataclass(frozen=True, slots=True)
class DateEntry:
    """A day, or an instant when ``at`` is given (London time). ``on`` is None until the organisation sets it."""

    code: str
    label: str
    on: date | None
    at: time | None
    ao_sets: bool
    source: str
    note: str = ""

    @property
    def instant(self) -> datetime | None:
        """The aware datetime in London: at ``at``, or at the very start of the day. None while no day is set."""
        return None if self.on is None else datetime.combine(self.on, self.at or time.min, tzinfo=LONDON)


@dataclass(frozen=True, slots=True)
class Window:
    """Days from ``opens`` to ``closes``, both counted in; None leaves that end open."""

    code: str
    label: str
    opens: date | None
    closes: date | None
    after_close: str
    source: str
    note: str = ""

    def has_opened(self, on: date) -> bool:
        return self.opens is None or on >= self.opens

    def has_closed(self, on: date) -> bool:
        return self.closes is not None and on > self.closes

    def is_open(self, on: date) -> bool:
        return self.has_opened(on) and not self.has_closed(on)


@dataclass(frozen=True, slots=True)
class Outcome:
    """An answer a qualification can have. Read ``permits`` through ``allows``, ``categories`` through ``standing``."""

    code: str
    label: str
    means: str
    permits: Mapping[str, bool]
    categories: Mapping[str, str]
    source: str
    last_resort_statements: tuple[str, ...] = ()
    note: str = ""

    def allows(self, what: str) -> bool:
        """Whether the outcome permits ``what``: incomplete_units, changed_assessment, later_assessment,
        teacher_judgement, evidence_threshold or certificates."""
        return self.permits[what]


@dataclass(frozen=True, slots=True)
class EvidenceType:
    code: str
    label: str
    is_evidence: bool
    may_stand_alone: bool
    source: str
    kind: str = "alternative"
    learner_generated: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class ComponentState:
    """``counts`` is what a component in this state adds to the share of complete evidence, 0 to 1.

    ``stage`` says what the state means where its count does not: complete, partial or none.
    """

    code: str
    label: str
    counts: float
    source: str
    note: str = ""
    stage: str = ""

    @property
    def is_partial(self) -> bool:
        """Whether the component was begun and not finished (MIT-14)."""
        return self.stage == "partial" if self.stage else 0 < self.counts < 1

    @property
    def is_evidenced(self) -> bool:
        """Whether there is any evidence at all in this state."""
        return self.stage != "none" if self.stage else self.counts > 0


@dataclass(frozen=True, slots=True)
class Category:
    code: str
    label: str
    about: str
    source: str
    part_of: str | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    code: str
    text: str
    signed_by: str
    source: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    code: str
    label: str
    about: str
    source: str


@dataclass(frozen=True, slots=True)
class Release:
    """When results of ``levels`` leave; ``to_centres`` and ``to_learners`` are aware London instants or None."""

    code: str
    label: str
    levels: tuple[str, ...]
    to_centres: datetime | None
    to_learners: datetime | None
    source: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    code: str
    label: str
    window: Window
    asks: tuple[str, ...]
    source: str
    levels: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Telling:
    """One thing that a request for a component grade tells of the learner."""

    code: str
    label: str
    asks: str
    source: str


@dataclass(frozen=True, slots=True)
class ComponentTags:
    """Teacher assessed grades for single components: ``outcome`` and ``window`` are codes of those sections."""

    outcome: str
    window: str
    needs_learner_evidence: bool
    tells: tuple[Telling, ...]
    source: str


@dataclass(frozen=True, slots=True)
class RuleInForce:
    id: str
    source: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Setting:
    """A value left to the organisation, with its type and bounds. Days and times are ISO text."""

    path: str
    type: str
    label: str
    why: str
    source: str
    min: float | str | None = None
    max: float | str | None = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """One value that an override moves, as plain JSON values."""

    path: str
    label: str
    before: Any
    after: Any


def read_date_entry(code: str, row: Mapping[str, Any]) -> DateEntry:
    """The entry of one row under ``dates``, whose days and times are ISO text."""
    on, at = row["on"], row.get("at")
    return DateEntry(
        code=code,
        label=row["label"],
        on=None if on is None else date.fromisoformat(on),
        at=None if at is None else time.fromisoformat(at),
        ao_sets=row.get("ao_sets", False),
        source=row["source"],
        note=row.get("note", ""),
    )
