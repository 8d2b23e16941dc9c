"""My work, over all AOs of a person, and an AO's own home page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from awarding.accounts.audience import member, signed_in
from awarding.accounts.queries import Place, places_in_scope, standings_of
from awarding.accounts.second_factor import has_second_factor
from awarding.accounts.standing import Standing
from awarding.tenancy.models import AwardingOrganisation
from awarding.tenancy.scope import open_scope
from awarding.ui.templatetags.ui import is_past
from awarding.worklist.overview import overview_charts
from awarding.worklist.registry import WorkItem, work_items


@dataclass(frozen=True)
class WorkLine:
    """One line of My work with the AO it belongs to."""

    ao: AwardingOrganisation
    item: WorkItem

    @property
    def is_late(self) -> bool:
        """Due on a day that is over in London."""
        return is_past(self.item.due)


@signed_in
def my_work(request: HttpRequest) -> HttpResponse:
    """What waits for the person and what they wait for, each AO read in its own scope, one after the other."""
    standings = standings_of(request.user)  # type: ignore[arg-type]
    if any(standing.needs_second_factor for standing in standings) and not has_second_factor(request):
        return redirect("second_factor_needed")
    lines: list[WorkLine] = []
    places: list[Place] = []
    for standing in standings:
        with open_scope(standing.ao, read_only=True):
            lines += [WorkLine(standing.ao, item) for item in work_items(standing)]
            places.append(places_in_scope(standing))
    context = {"heading": _("My work"), "places": places, "several": len(places) > 1} | _split(lines)
    return render(request, "accounts/my_work.html", context)


@member
def ao_home(request: HttpRequest) -> HttpResponse:
    """What waits here for this person, where they can go, and for the AO's staff how things stand."""
    standing: Standing = request.standing  # type: ignore[attr-defined]
    lines = [WorkLine(standing.ao, item) for item in work_items(standing)]
    context = {
        "heading": standing.ao.name,
        "place": places_in_scope(standing),
        "charts": overview_charts(standing),
        "several": False,
    } | _split(lines)
    return render(request, "accounts/ao_home.html", context)


def _split(lines: list[WorkLine]) -> dict[str, list[WorkLine]]:
    """Lines to do and lines waited for, the most urgent first, then by date, then the oldest."""
    ordered = sorted(lines, key=_rank)
    return {
        "to_do": [line for line in ordered if not line.item.waits_for],
        "waited_for": [line for line in ordered if line.item.waits_for],
    }


def _rank(line: WorkLine) -> tuple[int, date, datetime, str]:
    item = line.item
    return (item.urgency, item.due or date.max, item.since or datetime.max.replace(tzinfo=UTC), str(item.title))
