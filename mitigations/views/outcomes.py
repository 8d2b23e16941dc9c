"""The AO's pages about outcomes: all of them, one, many at once."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from awarding.accounts.audience import allowed
from awarding.accounts.requests import PortalRequest
from awarding.accounts.roles import Permission
from awarding.catalogue.models import Qualification
from awarding.catalogue.queries.qualification import get_own_qualification
from awarding.catalogue.queries.search import own_qualifications, search_qualifications
from awarding.ui.unsaved import tell_unsaved, texts_of
from awarding.workflow.services import GuardedError, StalePageError
from mitigations.forms.outcomes import BulkOutcomeForm, OutcomeForm
from mitigations.queries.impact import impacted_by_qualification
from mitigations.queries.outcomes import (
    NONE_YET,
    Adopted,
    adopted_with_outcomes,
    count_by_kind,
    filter_by_outcome,
    kind_in_words,
    open_outcomes,
    outcome_versions,
)
from mitigations.rules.outcome import OUT_OF_SCOPE
from mitigations.services.outcomes import OutcomesReport, set_outcome, set_outcomes

PAGE_SIZE = 50


def _chosen(request: PortalRequest) -> tuple[list[Adopted], Adopted | None]:
    """The frameworks the AO runs, and the one the address asks for (the newest adoption unless said)."""
    adopted = adopted_with_outcomes()
    code = request.GET.get("framework") or request.POST.get("framework")
    chosen = next((row for row in adopted if row.code == code), None)
    return adopted, chosen or (adopted[0] if adopted else None)


@allowed(Permission.OUTCOMES_SET, Permission.AO_OVERVIEW)
@require_safe
def outcomes(request: PortalRequest) -> HttpResponse:
    """Every qualification with its outcome under one framework; those without are one click away."""
    return _list_page(request)


def _list_page(
    request: PortalRequest, bulk_form: BulkOutcomeForm | None = None, refused: list[Any] | None = None
) -> HttpResponse:
    adopted, chosen = _chosen(request)
    context: dict[str, Any] = {"heading": _("What happens to each qualification"), "adopted": adopted, "chosen": chosen}
    if chosen is not None:
        context |= _rows(request, chosen)
        can_set = request.standing.can(Permission.OUTCOMES_SET)
        context["bulk_form"] = (bulk_form or BulkOutcomeForm(document=chosen.document)) if can_set else None
        context["has_errors"] = bulk_form is not None
        context["refused"] = refused or []
    return render(request, "mitigations/outcomes.html", context)


def _rows(request: PortalRequest, chosen: Adopted) -> dict[str, Any]:
    kind, text = request.GET.get("kind", ""), request.GET.get("q", "").strip()[:200]
    found = search_qualifications(own_qualifications(), text=text)
    page = Paginator(filter_by_outcome(found, chosen.code, kind), PAGE_SIZE).get_page(request.GET.get("page"))
    ids = [row.pk for row in page.object_list]
    held = open_outcomes(chosen.code, ids)
    learners = impacted_by_qualification(chosen.document, ids)
    counts = count_by_kind(chosen.code)
    return {
        "page_obj": page,
        "rows": [
            (row, held.get(row.pk), _label(chosen, held.get(row.pk)), learners.get(row.pk, 0))
            for row in page.object_list
        ],
        "kind": kind,
        "q": text,
        "filters": _filters(chosen, counts, kind),
    }


def _label(chosen: Adopted, outcome: Any) -> str:
    return kind_in_words(chosen.document, outcome.kind) if outcome else ""


def _filters(chosen: Adopted, counts: dict[str, int], kind: str) -> list[tuple[str, str, int, bool]]:
    """(kind, words, how many, whether it is the one shown)."""
    kinds = [NONE_YET, *chosen.document.outcomes, OUT_OF_SCOPE]
    rows = [("", _("All"), sum(counts.values()), kind == "")]
    for code in kinds:
        words = _("No outcome yet") if code == NONE_YET else kind_in_words(chosen.document, code)
        rows.append((code, words, counts.get(code, 0), kind == code))
    return rows


@allowed(Permission.OUTCOMES_SET)
@require_POST
def outcomes_set(request: PortalRequest) -> HttpResponse:
    """One outcome for every qualification that is ticked. Those that may not have it are named, the rest is set."""
    _adopted, chosen = _chosen(request)
    if chosen is None:
        raise Http404(_("No framework that gives outcomes has been adopted."))
    form = BulkOutcomeForm(request.POST, document=chosen.document)
    ids = [int(value) for value in request.POST.getlist("qualification") if value.isascii() and value.isdigit()]
    rows = Qualification.objects.filter(pk__in=ids[:PAGE_SIZE])
    if form.is_valid() and not rows:
        form.add_error("kind", _("Tick the qualifications that get this outcome, then choose it again."))
    if not form.is_valid():
        return _list_page(request, form)
    try:
        report = set_outcomes(
            actor=request.standing, qualifications=rows, adoption=chosen.adoption, **form.cleaned_data
        )
    except StalePageError as error:
        tell_unsaved(request, error, texts_of(form))
        return redirect("mitigations:outcomes", ao=request.ao.slug)
    _say(request, report)
    if report.refused:
        return _list_page(request, form, report.refused)
    query = f"?framework={chosen.code}&kind={NONE_YET}" if request.POST.get("kind_shown") == NONE_YET else ""
    return redirect(reverse("mitigations:outcomes", kwargs={"ao": request.ao.slug}) + query)


def _say(request: PortalRequest, report: OutcomesReport) -> None:
    if report.set:
        count = len(report.set)
        words = ngettext("%(count)s outcome was set.", "%(count)s outcomes were set.", count)
        messages.success(request, words % {"count": count})
    if report.unchanged:
        words = ngettext("%(count)s had it already.", "%(count)s had it already.", report.unchanged)
        messages.info(request, words % {"count": report.unchanged})


@allowed(Permission.OUTCOMES_SET)
def outcome(request: PortalRequest, qan: str) -> HttpResponse:
    """One qualification's outcome under one framework, with every version."""
    row = get_own_qualification(qan)
    _adopted, chosen = _chosen(request)
    if chosen is None:
        messages.error(request, _("Adopt a framework first: outcomes are set under a framework."))
        return redirect("frameworks:list", ao=request.ao.slug)
    if request.method != "POST":
        return _outcome_page(request, row, chosen)
    form = OutcomeForm(request.POST, document=chosen.document, category=row.category)
    if not form.is_valid():
        return _outcome_page(request, row, chosen, form)
    try:
        set_outcome(
            actor=request.standing,
            qualification=row,
            adoption=chosen.adoption,
            kind=form.cleaned_data["kind"],
            reason=form.cleaned_data["reason"],
            expected_number=form.cleaned_data["expected"],
        )
    except GuardedError as error:
        for finding in error.findings:
            form.add_error("reason" if "reason" in finding.code else "kind", f"{finding.what} {finding.fix}")
        return _outcome_page(request, row, chosen, form)
    except StalePageError as error:
        tell_unsaved(request, error, texts_of(form))
        return _outcome_page(request, row, chosen, status=409)
    messages.success(request, _("The outcome was set. Everybody can see it now."))
    return redirect("catalogue:qualification", ao=request.ao.slug, qan=row.qan)


def _outcome_page(
    request: PortalRequest, row: Qualification, chosen: Adopted, form: OutcomeForm | None = None, status: int = 200
) -> HttpResponse:
    current = open_outcomes(chosen.code, [row.pk]).get(row.pk)
    if form is None:
        initial: dict[str, Any] = {"expected": current.number if current else 0}
        if current is not None:
            initial |= {"kind": current.kind, "reason": current.reason}
        form = OutcomeForm(initial=initial, document=chosen.document, category=row.category)
    learners = impacted_by_qualification(chosen.document, [row.pk]).get(row.pk, 0)
    versions = [
        {
            "what": kind_in_words(chosen.document, version.kind),
            "who": f"{version.adoption.framework.title}, {version.set_by or ''}".rstrip(", "),
            "when": version.set_at,
            "reason": version.reason,
        }
        for version in outcome_versions(row)[:PAGE_SIZE]
    ]
    context = {
        "heading": _("What happens to this qualification"),
        "breadcrumbs": [
            (_("Outcomes"), reverse("mitigations:outcomes", kwargs={"ao": request.ao.slug})),
            (row.display_qan, reverse("catalogue:qualification", kwargs={"ao": request.ao.slug, "qan": row.qan})),
        ],
        "qualification": row,
        "chosen": chosen,
        "current": kind_in_words(chosen.document, current.kind) if current else "",
        "form": form,
        "learners": learners,
        "versions": versions,
    }
    return render(request, "mitigations/outcome.html", context, status=status)
