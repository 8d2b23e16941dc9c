"""Who is impacted and why: every learner of the AO or of a centre."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from awarding.accounts.audience import allowed
from awarding.accounts.requests import ao_url, standing_in
from awarding.accounts.roles import Permission as P
from awarding.accounts.standing import Standing
from awarding.ui.charts import Bar, BarChart
from centres.queries import visible_centres
from mitigations.forms.impact import ImpactFilterForm
from mitigations.queries.impact import IMPACTED, REASONS, count_by_reason, explain_impact, list_impact, outcomes_of
from mitigations.queries.impact_cases import count_cases, open_cases_of
from mitigations.queries.outcomes import Adopted, adopted_with_impact, kind_in_words

PER_PAGE = 50
MOST_CENTRES = 500


def centre_choices(standing: Standing, permission: P) -> list[tuple[int, str]]:
    """(id, name) of the centres to filter by."""
    return [(centre.pk, str(centre)) for centre in visible_centres(standing, permission)[:MOST_CENTRES]]


def chosen_framework(adopted: list[Adopted], code: str | None) -> Adopted | None:
    """The framework that is asked for, the newest adoption unless said."""
    return next((row for row in adopted if row.code == code), adopted[0] if adopted else None)


@allowed(P.LEARNERS_VIEW)
@require_safe
def impact(request: HttpRequest) -> HttpResponse:
    """Each registration with whether it is impacted, why, and what would change it (MIT-06)."""
    standing = standing_in(request)
    adopted = adopted_with_impact()
    chosen = chosen_framework(adopted, request.GET.get("framework"))
    context: dict[str, Any] = {"heading": _("Who is impacted"), "chosen": chosen}
    if chosen is not None:
        context |= _rows(request, standing, adopted, chosen)
    return render(request, "mitigations/impact.html", context)


def _rows(request: HttpRequest, standing: Standing, adopted: list[Adopted], chosen: Adopted) -> dict[str, Any]:
    form = ImpactFilterForm(
        request.GET or None,
        frameworks=[(row.code, row.document.short_title) for row in adopted],
        centres=centre_choices(standing, P.LEARNERS_VIEW),
    )
    asked = form.cleaned_data if form.is_bound and form.is_valid() else {}
    found = list_impact(
        standing, chosen.document, centre_id=asked.get("centre"), words=asked.get("q", ""), qan=asked.get("qan", "")
    )
    counts = count_by_reason(found)
    reason = asked.get("reason", "")
    page = Paginator(found.filter(impact=reason) if reason else found, PER_PAGE).get_page(request.GET.get("page"))
    held = outcomes_of(chosen.document, list(page))
    cases = open_cases_of([row.pk for row in page], chosen.code) if standing.can(P.IMPACT_VIEW) else {}
    raises = standing.reach(P.IMPACT_ANSWER) or frozenset()
    rows = []
    for registration in page:
        outcome = held.get(registration.qualification_id)
        explained = explain_impact(chosen.document, registration)
        rows.append(
            {
                "registration": registration,
                "impact": explained,
                "outcome": kind_in_words(chosen.document, outcome.kind) if outcome else "",
                "case": cases.get(registration.pk),
                "may_raise": explained.can_be_raised and registration.centre_id in raises,
            }
        )
    return {
        "filter_form": form,
        "filtered": any(value for key, value in asked.items() if key != "framework"),
        "page_obj": page,
        "rows": rows,
        "impacted": sum(counts.get(code, 0) for code in IMPACTED),
        "all_counted": sum(counts.values()),
        "chart": _chart(request, counts),
        "unregistered_at": centre_choices(standing, P.IMPACT_ANSWER)[:3] if raises else [],
        "sees_cases": standing.can(P.IMPACT_VIEW),
        "open_cases": _open_cases(standing),
    }


def _open_cases(standing: Standing) -> int:
    if not standing.can(P.IMPACT_VIEW):
        return 0
    counts = count_cases(standing)
    return sum(counts.get(state, 0) for state in ("raised", "owned", "asked"))


def _chart(request: HttpRequest, counts: dict[str, int]) -> BarChart:
    kept = {key: value for key, value in request.GET.items() if key not in ("reason", "page") and value}
    bars = [
        Bar(
            str(words),
            counts.get(code, 0),
            f"{ao_url(request, 'mitigations:impact')}?{urlencode(kept | {'reason': code})}",
        )
        for code, words in REASONS.items()
    ]
    return BarChart(_("Registrations by reason"), bars, _("Reason"), _("Registrations"), id="impact-by-reason")
