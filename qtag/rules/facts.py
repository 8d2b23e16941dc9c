"""What the checks of Q-TAGs know of one learner: plain values, gathered by the queries."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from awarding.frameworks.document import FrameworkDocument


@dataclass(frozen=True, slots=True)
class UnitFact:
    """A unit that must be passed before the Q-TAG (QTG-05)."""

    unit_id: int
    title: str
    is_conditional: bool


@dataclass(frozen=True, slots=True)
class TermsFacts:
    """What the AO's terms say of the qualification."""

    out_of_scope_reason: str = ""
    is_all_licence: bool = False
    licence_units: tuple[UnitFact, ...] = ()
    agreement_with: str = ""


def named(who: str) -> str:
    """A name as two people type it: case and spaces make no other one."""
    return " ".join(who.casefold().split())


@dataclass(frozen=True, slots=True)
class SubmissionFacts:
    """What holds for every learner of one qualification at one centre."""

    document: FrameworkDocument
    category: str
    terms: TermsFacts = TermsFacts()
    # With whom the centre agreed, as `named` writes it.
    agreed_with: frozenset[str] = frozenset()
    last_resort_statements: frozenset[str] = frozenset()
    has_last_resort_reason: bool = False


@dataclass(frozen=True, slots=True)
class EvidenceFact:
    """One piece of evidence as the checks see it; `rank` of the grade that it shows, None when it shows none."""

    type: str
    rank: int | None = None
    is_authentic: bool = True
    is_reachable: bool = True


@dataclass(frozen=True, slots=True)
class LearnerFacts:
    """One learner. `passed_units` and `chosen_units` are unit ids.

    `rank` is that of the grade given; None without a grade, and with one of a scale that the qualification had before.
    """

    is_certificating: bool | None = None
    is_top_up: bool = False
    is_apprenticeship: bool = False
    was_absent: bool = False
    ready_on: date | None = None
    passed_units: frozenset[int] = frozenset()
    chosen_units: frozenset[int] = frozenset()
    evidence: tuple[EvidenceFact, ...] = field(default=())
    rank: int | None = None
    is_off_scale: bool = False
    has_rationale: bool = False
    was_told: bool = False
    # How many pieces count that the learner was not told of.
    untold: int = 0
