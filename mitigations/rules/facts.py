"""What the checks of a claim look at, gathered once by `mitigations.queries.findings`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from awarding.catalogue.rules.combination import Combination
from awarding.frameworks.document import FrameworkDocument
from awarding.frameworks.parts import Outcome


@dataclass(frozen=True, slots=True)
class LearnerFacts:
    """A row of the eRAC. `achieved` holds the ids of the units that the learner has a result for, was accepted in, or
    brought by credit transfer or prior learning; those are in `transferred` as well. `is_taken_in` says that they were
    accepted case by case although their dates lie outside.
    """

    id: int
    name: str
    ends_on: date
    is_registered: bool = True
    achieved: frozenset[int] = frozenset()
    is_taken_in: bool = False
    transferred: frozenset[int] = frozenset()
    # The learner does not go on: the mitigation reaches all of their units (MIT-15).
    finishes_now: bool = False


@dataclass(frozen=True, slots=True)
class UnitFacts:
    """A column of the eRAC; `id` is the column's, `unit_id` the catalogue's."""

    id: int
    unit_id: int
    reference: str
    title: str
    # Taken after the disrupted months by those who go on (MIT-15).
    is_later: bool = False


@dataclass(frozen=True, slots=True)
class EntryFacts:
    """A line of the checklist. `status` is a component state of the framework, empty while nobody has said.

    `types` are codes of evidence types, `reach_reason` says why the evidence cannot be reached.
    """

    status: str = ""
    is_reachable: bool = True
    types: tuple[str, ...] = ()
    reach_reason: str = ""


NOTHING_SAID = EntryFacts()
Place = tuple[int, int]  # ids of a row and a column


@dataclass(frozen=True, slots=True)
class TemplateFacts:
    """What the AO expects of the checklist: codes of evidence types, those of single units by the catalogue's unit id."""

    expected: tuple[str, ...] = ()
    standing_alone: frozenset[str] = frozenset()
    of_unit: Mapping[int, tuple[str, ...]] = field(default_factory=dict)

    def expected_of(self, unit_id: int) -> tuple[str, ...]:
        return self.of_unit.get(unit_id, self.expected)


@dataclass(frozen=True, slots=True)
class RecordFacts:
    """The direct-claims verifier's latest record (QA5). `is_outdated` when the eRAC or checklist changed after it."""

    decision: str
    is_outdated: bool = False


@dataclass(frozen=True, slots=True)
class TagFacts:
    """A component's latest request for a grade by teachers: the state of its table, and the grade proposed (CTB-02)."""

    state: str
    grade: str


@dataclass(frozen=True)
class ClaimFacts:
    """One claim as its checks see it. `cells` has the claimed grades that are not empty."""

    document: FrameworkDocument
    outcome: Outcome | None
    learners: tuple[LearnerFacts, ...]
    units: tuple[UnitFacts, ...]
    cells: Mapping[Place, str]
    entries: Mapping[Place, EntryFacts]
    combination: Combination
    # {catalogue's unit id: what a person knows it by}, of every unit of the qualification.
    unit_names: Mapping[int, str] = field(default_factory=dict)
    # Grades of the unit scale that are no achievement, such as U.
    failing: frozenset[str] = frozenset()
    # Places with nothing to fill in: accepted on the claim that this one goes on from, or brought by transfer.
    closed: frozenset[Place] = frozenset()
    # The version of the checklist's template that the claim was started under.
    template: TemplateFacts | None = None
    has_direct_claims: bool = False
    verifier_record: RecordFacts | None = None
    is_declined: bool = False
    tags: Mapping[Place, TagFacts] = field(default_factory=dict)
    # The framework under which the outcome was agreed, where it carries on from an earlier one (CTB-06).
    carried_from: str = ""

    @cached_property
    def places(self) -> list[Place]:
        """Every row and column of the claim that is to be filled in, row by row."""
        return [place for learner in self.learners for place in self.places_of(learner)]

    def places_of(self, learner: LearnerFacts) -> list[Place]:
        """The row of one learner, without what was accepted elsewhere."""
        row = [(learner.id, unit.id) for unit in self.units]
        return [place for place in row if place not in self.closed] if self.closed else row

    @cached_property
    def later(self) -> frozenset[Place]:
        """Places that are assessed later, as usual: the mitigation does not reach them (MIT-15). None where none is claimed."""
        if self.outcome is None:
            return frozenset()
        columns = [unit.id for unit in self.units if unit.is_later]
        return frozenset((row.id, column) for row in self.learners if not row.finishes_now for column in columns)

    @cached_property
    def already(self) -> frozenset[Place]:
        """Places whose unit the learner has a result for from an earlier claim: it stands as evidence (MIT-15)."""
        return frozenset(
            (row.id, unit.id)
            for row in self.learners
            if row.achieved
            for unit in self.units
            if unit.unit_id in row.achieved - row.transferred
        )

    def weighed_of(self, learner: LearnerFacts) -> list[Place]:
        """The places of a learner that the evidence has to carry: neither assessed later nor on record already."""
        row, spared = self.places_of(learner), self._spared
        return [place for place in row if place not in spared] if spared else row

    @cached_property
    def _spared(self) -> frozenset[Place]:
        return self.later | self.already

    def entry(self, place: Place) -> EntryFacts:
        return self.entries.get(place, NOTHING_SAID)

    @property
    def is_blank(self) -> bool:
        """Nothing is claimed yet (CLM-04)."""
        return not self.cells

    def permits(self, what: str) -> bool:
        """Whether the claim's outcome, if it has one, permits `what` (see frameworks.parts.Outcome.allows)."""
        return self.outcome is not None and self.outcome.allows(what)

    @cached_property
    def partial_states(self) -> frozenset[str]:
        """Codes of the states in which a component was begun and not finished (MIT-14)."""
        return frozenset(code for code, state in self.document.component_states.items() if state.is_partial)

    @property
    def weighs_evidence(self) -> bool:
        """Whether the framework asks for a checklist at all (CLM-03, CLM-05)."""
        return self.document.in_force("CLM-03") or self.document.in_force("CLM-05")
