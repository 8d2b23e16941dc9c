"""What mitigations shows on an AO's home page."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from awarding.ui.charts import Bar, BarChart
from awarding.worklist.overview import chart_source
from mitigations.queries.overview import claims_by_state


@chart_source
def claims_chart(standing: Standing) -> list[BarChart]:
    """Claims by state, each count a link to those claims; for who sees the AO's overview."""
    if not standing.can(Permission.AO_OVERVIEW):
        return []
    address = reverse("mitigations:claims", kwargs={"ao": standing.ao.slug})
    bars = [Bar(str(state.label), count, f"{address}?state={state.name}") for state, count in claims_by_state(standing)]
    return [BarChart(_("Claims by state"), bars, _("State"), _("Claims"), id="claims-by-state")]
