"""The AO's side: how far centres are, by centre, qualification, sector and date; one submission without grades."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from awarding.accounts.audience import allowed
from awarding.accounts.requests import ao_url, standing_in
from awarding.accounts.roles import Permission as P
from awarding.frameworks.models import Adoption
from awarding.ui.charts import Bar, BarChart
from awarding.ui.templatetags.ui import london_date
from qtag.charts import Share, ShareChart
from qtag.forms.messages import ProgressFilterForm
from qtag.forms.submission import AgreementForm
from qtag.models import Judgement, Submission
from qtag.queries.facts import submission_facts
from qtag.queries.progress import (
    ONLY,
    Filters,
    progress_by,
    progress_page,
    sectors_of,
    state_counts_of,
    submitted_by_day,
)
from qtag.queries.submissions import LEARNERS_PER_PAGE, adoption_words, running_adoptions, submission_window
from qtag.rules.eligibility import submission_findings
from qtag.rules.spans import Span, spans
from qtag.services.preparing import record_agreement
from qtag.views.frame import window_words
from qtag.workflow import JUDGEMENT

VIEWS = ("centre", "qualification", "sector", "date")
GROUPS_PER_PAGE = 20


def filters_of(asked: QueryDict) -> Filters:
    """What an address asks for; whatever it does not know is left out."""
    only = asked.get("only", "")
    return Filters(
        under=asked.get("under", "")[:20], only=only if only in ONLY else "",
        sector=asked.get("sector", "")[:120], words=asked.get("q", "")[:120],
        first=_day(asked.get("from", "")), last=_day(asked.get("to", "")),
    )  # fmt: skip


def adoption_of(filters: Filters) -> Adoption | None:
    """The adoption that is asked for; the newest where none, or one without Q-TAGs, is."""
    adoptions = running_adoptions()
    asked = [row for row in adoptions if str(row.pk) == filters.under]
    return next(iter([*asked, *adoptions]), None)


def _day(typed: str) -> date | None:
    try:
        return parse_date(typed)
    except ValueError:
        return None


@allowed(P.QTAGS_PROGRESS)
@require_GET
def progress(request: HttpRequest) -> HttpResponse:
    """All centres: who has not begun, who is late, who has not signed; no grade is shown before results (QTG-17)."""
    filters = filters_of(request.GET)
    adoption = adoption_of(filters)
    if adoption is None:
        return render(request, "qtag/progress.html", {"heading": _("Q-TAG progress"), "adoption": None})
    by = request.GET.get("by", "")
    by = by if by in VIEWS else "centre"
    show = {"centre": _by_centre, "qualification": _by_group, "sector": _by_group, "date": _by_date}[by]
    standing, here = standing_in(request), ao_url(request, "qtag:progress")
    every_day = replace(filters, first=None, last=None)
    may_write = standing.can(P.QTAGS_WRITE)
    context = {
        "heading": _("Q-TAG progress"), "adoption": adoption, "by": by, "under": _versions(here, adoption),
        "views": [(label, f"{here}?{urlencode({'by': name} | filters.asked)}", name == by) for name, label in _views()],
        "form": ProgressFilterForm({"only": filters.only, "sector": filters.sector, "q": filters.words},
                                   sectors=sectors_of(adoption)),
        "days": _days_asked(filters), "all_days": f"{here}?{urlencode({'by': by} | every_day.asked)}",
        "message_url": f"{ao_url(request, 'qtag:message')}?{urlencode(filters.asked)}" if may_write else "",
        "may_hold": standing.can(P.EVIDENCE_HOLD), "may_see_concerns": standing.can(P.CONCERNS_VIEW),
        "window_words": _window(adoption), "filters": filters,
    }  # fmt: skip
    return render(request, "qtag/progress.html", context | show(request, adoption, filters, by))


def _versions(here: str, shown: Adoption) -> list[tuple[str, str, bool]]:
    """The adoptions with Q-TAGs, each with its page and whether it is the one shown; nothing where there is one."""
    rows = running_adoptions()
    several = rows if len(rows) > 1 else []
    return [(adoption_words(row), f"{here}?{urlencode({'under': row.pk})}", row.pk == shown.pk) for row in several]


def _views() -> list[tuple[str, str]]:
    return [
        ("centre", _("By centre")), ("qualification", _("By qualification")), ("sector", _("By sector")), ("date", _("By date")),
    ]  # fmt: skip


def _window(adoption: Adoption) -> str:
    return window_words(Submission(adoption=adoption))


def _days_asked(filters: Filters) -> str:
    if filters.first is None or filters.last is None:
        return ""
    return _span_label(Span(filters.first, filters.last, 0))


def _by_centre(request: HttpRequest, adoption: Adoption, filters: Filters, by: str) -> dict[str, Any]:
    page, rows = progress_page(adoption, request.GET.get("page"), filters)
    counts = state_counts_of(adoption, filters)
    bars = [Bar(str(state.label), counts.get(state.name, 0)) for state in JUDGEMENT.states]
    title = _("Learners by where their Q-TAG stands")
    chart = None if filters.only == "not_begun" else BarChart(title, bars, _("State"), _("Learners"), "qtag-progress")
    return {"rows": rows, "page_obj": page, "chart": chart, "only": filters.only}


def _by_group(request: HttpRequest, adoption: Adoption, filters: Filters, by: str) -> dict[str, Any]:
    found = progress_by(adoption, by, filters)
    page = Paginator(found, GROUPS_PER_PAGE).get_page(request.GET.get("page"))
    here = ao_url(request, "qtag:progress")
    groups = []
    for row in page:
        narrowed = {"sector": row.key} if by == "sector" else {"q": row.key}
        groups.append((row, f"{here}?{urlencode(filters.asked | narrowed)}"))
    chart = ShareChart(
        "qtag-shares", _("Learners submitted, of those whose Q-TAG has begun"),
        _("Each outline is as long as there are learners; the filled part is those submitted."),
        [Share(row.label, row.submitted, row.learners) for row in page if row.learners],
    )  # fmt: skip
    return {"groups": groups, "page_obj": page, "shares": chart}


def _by_date(request: HttpRequest, adoption: Adoption, filters: Filters, by: str) -> dict[str, Any]:
    found = spans(submitted_by_day(adoption, filters))
    here = ao_url(request, "qtag:progress")
    bars, total, rows = [], 0, []
    closes = submission_window(Submission(adoption=adoption)).closes
    for span in found:
        total += span.count
        asked = filters.asked | {"from": span.first.isoformat(), "to": span.last.isoformat()}
        is_after = closes is not None and span.first > closes
        rows.append((span, _span_label(span), f"{here}?{urlencode(asked)}", total, is_after))
        bars.append(Share(_span_label(span), total, sum(row.count for row in found)))
    chart = ShareChart(
        "qtag-days", _("Q-TAGs submitted, all together"),
        _("Each line is a day, a week or a month. The outline is all that is submitted; the filled part had been by then."),
        bars,
    )  # fmt: skip
    return {"spans": rows, "shares": chart, "page_obj": None, "closes": closes}


def _span_label(span: Span) -> str:
    if span.first == span.last:
        return str(london_date(span.first))
    return _("%(first)s to %(last)s") % {"first": london_date(span.first), "last": london_date(span.last)}


@allowed(P.QTAGS_PROGRESS)
@require_http_methods(["GET", "POST"])
def progress_submission(request: HttpRequest, submission_id: int) -> HttpResponse:
    """One centre's qualification: which learner stands where, without grades; what was agreed (QTG-20)."""
    rows = Submission.objects.select_related("centre", "qualification", "adoption__framework")
    found = get_object_or_404(rows, pk=submission_id)
    standing = standing_in(request)
    asked = submission_facts(found).terms.agreement_with
    form = AgreementForm(request.POST if request.method == "POST" else None, initial={"agreed_with": asked})
    if form.is_bound:
        standing.require(P.QTAGS_TERMS)
        if form.is_valid():
            record_agreement(actor=standing, submission=found, **form.cleaned_data)
            waits = [str(one.what) for one in submission_findings(submission_facts(found)) if one.rule == "QTG-20"]
            done = _("The agreement is recorded.")
            messages.success(request, " ".join([done, *(waits or [_("The centre's learners can go on.")])]))
            return redirect(ao_url(request, "qtag:progress_submission", submission_id=found.pk))
    judgements = (
        Judgement.objects.filter(submission=found)
        .select_related("registration__learner")
        .order_by("registration__learner__name_key", "id")
    )
    page = Paginator(judgements, LEARNERS_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "heading": _("%(centre)s: Q-TAGs") % {"centre": found.centre.name}, "submission": found, "page_obj": page,
        "rows": [(row, JUDGEMENT.state(row.state)) for row in page], "window_words": window_words(found),
        "agreements": list(found.agreements.select_related("recorded_by")), "form": form,
        "may_hold": standing.can(P.EVIDENCE_HOLD), "may_reopen": standing.can(P.QTAGS_REOPEN),
        "may_agree": standing.can(P.QTAGS_TERMS),
        "breadcrumbs": [(_("Q-TAG progress"), ao_url(request, "qtag:progress"))],
    }  # fmt: skip
    return render(request, "qtag/progress_submission.html", context)
