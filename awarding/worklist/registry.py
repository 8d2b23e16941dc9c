"""What waits for a person, gathered from the apps: each registers one function that answers its items in one AO."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from awarding.accounts.standing import Standing
from awarding.workflow.table import Text


@dataclass(frozen=True)
class WorkItem:
    """One line of My work. `count` groups many alike into one line; `urgency` 0 is most urgent, 9 least.

    `waits_for` names who holds it when it is not this person's turn (then it stands under "What I wait for").
    """

    title: Text
    action: Text
    url: str
    since: datetime | None = None
    due: date | None = None
    detail: Text = ""
    count: int = 1
    urgency: int = 5
    waits_for: Text = ""

    @property
    def count_beside(self) -> int | None:
        """The count, where the title does not say it already: nothing stands twice."""
        said = re.search(rf"\b{self.count}\b", str(self.title))
        return self.count if self.count > 1 and not said else None


Source = Callable[[Standing], list[WorkItem]]
_sources: list[Source] = []


def work_source(source: Source) -> Source:
    """Registers a source. It runs inside the AO's scope, with a fixed number of queries and at most 20 items."""
    if source not in _sources:
        _sources.append(source)
    return source


def work_items(standing: Standing) -> list[WorkItem]:
    """Everything that waits for, or is waited for by, this person in the open AO; most urgent and oldest first."""
    items = [item for source in _sources for item in source(standing)]
    return sorted(items, key=lambda i: (bool(i.waits_for), i.urgency, i.due or date.max, str(i.title)))
