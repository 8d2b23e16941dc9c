"""What adopting a framework, or other settings of it, would change for what is under way.

Later apps know what stands on a framework: each registers one function, which reads and never writes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from awarding.frameworks.document import FrameworkDocument
from awarding.frameworks.models import Adoption
from awarding.frameworks.wording import AFTER_CLOSE, when

Text = str | Promise
# Of a long list the first so many are shown, with how many more there are.
ROWS_SHOWN = 50


@dataclass(frozen=True)
class Proposal:
    """What is about to be adopted, and what it replaces (None where the AO does not run the framework yet)."""

    after: FrameworkDocument
    before: FrameworkDocument | None = None
    adoption: Adoption | None = None


@dataclass(frozen=True)
class Row:
    """One thing concerned: its name, where it is seen, and what becomes of it."""

    label: Text
    detail: Text = ""
    url: str = ""


@dataclass(frozen=True)
class Consequence:
    """One way in which things would differ: what, how many, what that means, and the first of them."""

    heading: Text
    count: int
    meaning: Text
    rows: tuple[Row, ...] = ()

    @property
    def is_cut(self) -> bool:
        """Whether there may be more than the rows show."""
        return len(self.rows) >= ROWS_SHOWN


Source = Callable[[Proposal], list[Consequence]]
_sources: list[Source] = []


def consequence_source(source: Source) -> Source:
    """Registers a source. It runs inside the AO's scope, in a number of queries that does not grow with the rows."""
    if source not in _sources:
        _sources.append(source)
    return source


def consequences_of(proposal: Proposal) -> list[Consequence]:
    """Everything that would differ, what nobody is concerned by left out."""
    found = [*_windows_today(proposal)]
    for source in _sources:
        found += source(proposal)
    return [consequence for consequence in found if consequence.count]


def _windows_today(proposal: Proposal) -> list[Consequence]:
    """Windows that are open today and would be closed, or the other way about."""
    today = timezone.localdate()
    before = proposal.before.windows if proposal.before else {}
    rows = []
    for code, window in proposal.after.windows.items():
        held = before.get(code)
        if held is None or held.is_open(today) == window.is_open(today):
            continue
        words = _("open now; it would be closed") if held.is_open(today) else _("closed now; it would be open")
        ends = _("from %(opens)s to %(closes)s") % {"opens": _end(window.opens), "closes": _end(window.closes)}
        late = _("what comes later is %(fate)s") % {"fate": AFTER_CLOSE[window.after_close]}
        rows.append(Row(_(window.label), f"{words}: {ends}; {late}"))
    meaning = _("Today’s answer to “may this still be done?” changes.")
    return [Consequence(_("Windows that open or close"), len(rows), meaning, tuple(rows))]


def _end(day: dt.date | None) -> str:
    return when(day) if day else _("no day set")
