"""What mitigations shows on an AO's home page."""

from __future__ import annotations

from itertools import pairwise

from django.urls import reverse
from django.utils.translation import gettext as _

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from awarding.ui.charts import Bar, BarChart
from awarding.worklist.overview import chart_source
from mitigations.queries.overview import AGES, claims_by_state_and_age


@chart_source
def claims_chart(standing: Standing) -> list[BarChart]:
    """Claims by state, each count a link to those claims, and by age; for who sees the AO's overview."""
    if not standing.can(Permission.AO_OVERVIEW):
        return []
    address = reverse("mitigations:claims", kwargs={"ao": standing.ao.slug})
    by_state, by_age = claims_by_state_and_age(standing)
    bars = [Bar(str(state.label), count, f"{address}?state={state.name}") for state, count in by_state]
    return [
        BarChart(_("Claims by state"), bars, _("State"), _("Claims"), id="claims-by-state"),
        _by_age(standing, by_age),
    ]


def _by_age(standing: Standing, counts: list[int]) -> BarChart:
    """How long open claims have been where they are; what is stuck has a page of its own."""
    stuck = reverse("mitigations:stuck", kwargs={"ao": standing.ao.slug})
    labels = [_("%(from)s to %(to)s days") % {"from": first, "to": after - 1} for first, after in pairwise(AGES)]
    labels.append(_("%(from)s days or more") % {"from": AGES[-1]})
    may_see = standing.can(Permission.CLAIMS_UNSTICK)
    bars = [
        Bar(label, count, stuck if may_see and number == len(counts) - 1 else "")
        for number, (label, count) in enumerate(zip(labels, counts, strict=True))
    ]
    title = _("How long claims under way have been where they are")
    return BarChart(title, bars, _("Days"), _("Claims"), id="claims-by-age")
