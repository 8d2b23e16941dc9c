"""What the checks of a claim look at, gathered once by `mitigations.queries.findings`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from awarding.frameworks.document import FrameworkDocument
from awarding.frameworks.parts import Outcome
from mitigations.rules.combination import Combination


@dataclass(frozen=True, slots=True)
class LearnerFacts:
    """A row of the eRAC. `achieved` holds the ids of the units that the learner has a result for, or was accepted in."""

    id: int
    name: str
    ends_on: date
    is_registered: bool = True
    achieved: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class UnitFacts:
    """A column of the eRAC; `id` is the column's, `unit_id` the catalogue's."""

    id: int
    unit_id: int
    reference: str
    title: str


@dataclass(frozen=True, slots=True)
class EntryFacts:
    """A line of the checklist. `status` is a component state of the framework, empty while nobody has said."""

    status: str = ""
    is_reachable: bool = True


NOTHING_SAID = EntryFacts()
Place = tuple[int, int]  # ids of a row and a column


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
    # Grades of the unit scale that are no achievement, such as U.
    failing: frozenset[str] = frozenset()
    # Places of a claim that goes on from another which were accepted there: nothing to fill in.
    closed: frozenset[Place] = frozenset()
    has_direct_claims: bool = False
    is_declined: bool = False

    @cached_property
    def places(self) -> list[Place]:
        """Every row and column of the claim that is to be filled in, row by row."""
        return [place for learner in self.learners for place in self.places_of(learner)]

    def places_of(self, learner: LearnerFacts) -> list[Place]:
        """The row of one learner, without what was accepted elsewhere."""
        row = [(learner.id, unit.id) for unit in self.units]
        return [place for place in row if place not in self.closed] if self.closed else row

    def entry(self, place: Place) -> EntryFacts:
        return self.entries.get(place, NOTHING_SAID)

    @property
    def is_blank(self) -> bool:
        """Nothing is claimed yet (CLM-04)."""
        return not self.cells

    def permits(self, what: str) -> bool:
        """Whether the claim's outcome, if it has one, permits `what` (see frameworks.parts.Outcome.allows)."""
        return self.outcome is not None and self.outcome.allows(what)
