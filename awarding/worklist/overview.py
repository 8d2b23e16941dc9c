"""How things stand in an AO, as charts for its home page: each app registers what it can count."""

from __future__ import annotations

from collections.abc import Callable

from awarding.accounts.standing import Standing
from awarding.ui.charts import BarChart

ChartSource = Callable[[Standing], list[BarChart]]
_sources: list[ChartSource] = []


def chart_source(source: ChartSource) -> ChartSource:
    """Registers a source. It runs in the AO's scope, with a fixed number of queries, and answers only what the
    person may see."""
    if source not in _sources:
        _sources.append(source)
    return source


def overview_charts(standing: Standing) -> list[BarChart]:
    """Every chart for this person in the open AO, in the order in which the apps registered."""
    return [chart for source in _sources for chart in source(standing)]
