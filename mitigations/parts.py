"""What later apps have to say on a claim's page: each registers one function."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from awarding.accounts.standing import Standing
from awarding.workflow.queries import Turn
from awarding.workflow.table import Text
from mitigations.models import Claim


@dataclass(frozen=True)
class ClaimPart:
    """One line of the claim's task list; `turn`, where it says better than the claim's state whose turn it is."""

    title: Text
    url: str
    status: Text
    colour: str = ""
    turn: Turn | None = None

    def as_task(self) -> dict[str, str]:
        task = {"title": str(self.title), "url": self.url, "status": str(self.status)}
        return task | {"colour": self.colour} if self.colour else task


Source = Callable[[Claim, Standing], ClaimPart | None]
_sources: list[Source] = []


def claim_part(source: Source) -> Source:
    """Registers a source. It runs inside the AO's scope with a fixed number of queries, none in states that are not its
    own; None says nothing."""
    if source not in _sources:
        _sources.append(source)
    return source


def parts_of(claim: Claim, standing: Standing) -> list[ClaimPart]:
    return [part for source in _sources if (part := source(claim, standing)) is not None]
