"""What later apps have to say on a qualification's page: each registers one function."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from django.utils.functional import Promise

from awarding.accounts.standing import Standing
from awarding.catalogue.models import Qualification

Text = str | Promise


@dataclass(frozen=True)
class Panel:
    """A section of the page: facts as (what, value), a sentence where there are none, and one link."""

    heading: Text
    rows: list[tuple[Text, Text]] = field(default_factory=list)
    text: Text = ""
    link: Text = ""
    url: str = ""


Source = Callable[[Qualification, Standing], Panel | None]
_sources: list[Source] = []


def qualification_panel(source: Source) -> Source:
    """Registers a source. It runs inside the AO's scope with a fixed number of queries; None says nothing."""
    if source not in _sources:
        _sources.append(source)
    return source


def panels_of(qualification: Qualification, standing: Standing) -> list[Panel]:
    return [panel for source in _sources if (panel := source(qualification, standing)) is not None]
