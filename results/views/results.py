"""Results: the list, those of one claim, the trail behind one of them."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from awarding.accounts.audience import allowed
from awarding.accounts.requests import ao_url, standing_in
from awarding.accounts.roles import Permission as P
from awarding.accounts.standing import Standing
from awarding.findings.finding import findings_from_json
from awarding.workflow.queries import turn
from mitigations.models import Claim
from mitigations.queries.claims import claim_history
from mitigations.workflow import CLAIM
from results.forms import ResultFilterForm
from results.models import QualificationResult
from results.queries import results as queries
from results.queries.processing import is_work_left
from results.queries.qtag_trail import qtag_result_facts, qtag_trail_of
from results.services.processing import findings_before

PER_PAGE = 50


@allowed(P.RESULTS_VIEW)
@require_GET
def results(request: HttpRequest) -> HttpResponse:
    """Results this person may see, newest first; for the AO also what waits to be processed."""
    standing = standing_in(request)
    form = ResultFilterForm(request.GET or None, centres=queries.centres_with_results(standing))
    asked = filter_of(form)
    found = queries.with_certificates(queries.list_results(standing, **asked))
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    filtered = any(asked.values())
    context = {
        "heading": _("Results"),
        "filter_form": form,
        "filtered": filtered,
        "page_obj": page,
        "rows": result_rows(page),
        "sees_all": queries.sees_before_release(standing),
        "can_process": standing.can(P.RESULTS_PROCESS),
        "waiting": queries.claims_to_process().count() if standing.can(P.RESULTS_PROCESS) else 0,
        "can_export": standing.can(P.RESULTS_EXPORT),
        "has_errors": bool(form.errors),
    }
    return render(request, "results/results.html", context)


def filter_of(form: ResultFilterForm) -> dict[str, Any]:
    """The filter as `list_results` takes it; empty while the form has faults."""
    data = form.cleaned_data if form.is_bound and form.is_valid() else {}
    return {
        "centre_id": data.get("centre"),
        "qan": data.get("qan", ""),
        "awarded_from": data.get("awarded_from"),
        "awarded_to": data.get("awarded_to"),
    }


def result_rows(rows: Any) -> list[dict[str, Any]]:
    """Each result with its certificate in force (or the newest), and whether its centre sees it yet."""
    now = timezone.now()
    shown = []
    for result in rows:
        certificates = result.certificates_newest_first
        shown.append(
            {
                "result": result,
                "certificate": certificates[0] if certificates else None,
                "is_held_back": result.centre_release_at > now,
            }
        )
    return shown


@allowed(P.RESULTS_VIEW)
@require_GET
def claim(request: HttpRequest, claim_id: int) -> HttpResponse:
    """The results and certificates of one claim, and how far processing is."""
    standing = standing_in(request)
    found: Claim = get_object_or_404(queries.claims_with_results(standing), pk=claim_id)
    return claim_page(request, standing, found)


def claim_page(
    request: HttpRequest, standing: Standing, claim: Claim, *, findings: list[Any] | None = None, status: int = 200
) -> HttpResponse:
    """The page of a claim's results; `findings` say why it could not be processed."""
    rows = queries.with_certificates(queries.list_results(standing, claim_id=claim.pk).order_by("id"))
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    units = queries.visible_unit_results(standing).filter(claim=claim)
    unit_page = Paginator(_units_shown(units), PER_PAGE).get_page(request.GET.get("units"))
    sees_all = queries.sees_before_release(standing)
    context: dict[str, Any] = {
        "heading": _("%(number)s: results") % {"number": claim.number},
        "claim": claim,
        "page_obj": page,
        "rows": result_rows(page),
        "unit_page": unit_page,
        "sees_all": sees_all,
        "next_release": queries.next_release(claim, timezone.now()),
        "turn": turn(CLAIM, claim, standing),
        "breadcrumbs": [(_("Results"), ao_url(request, "results:list"))],
        "stopping": findings,
    }
    if sees_all:
        context |= _processing_context(standing, claim)
    response = render(request, "results/claim.html", context, status=status)
    if request.headers.get("HX-Request") and not context.get("job_open"):
        # The page asked how far the job is, and it has ended: everything on it has changed.
        response["HX-Refresh"] = "true"
    return response


def _processing_context(standing: Standing, claim: Claim) -> dict[str, Any]:
    job = queries.latest_job(claim)
    is_open = job is not None and job.is_open
    result = job.result if job is not None else {}
    can_process = standing.can(P.RESULTS_PROCESS, claim.centre_id) and not is_open
    return {
        "job": job,
        "job_open": is_open,
        "held": findings_from_json(result.get("held", ())),
        "faults": queries.unmade_of(claim),
        "can_revoke": standing.can(P.RESULTS_PROCESS, claim.centre_id),
        "can_process": can_process and claim.state == "verified",
        "can_finish": can_process and claim.state == "processed" and is_work_left(claim),
        "before": findings_before(claim) if claim.state == "verified" else [],
    }


def _units_shown(units: QuerySet[Any]) -> QuerySet[Any]:
    return units.select_related("registration__learner", "unit").order_by("registration__learner__name_key", "id")


@allowed(P.RESULTS_VIEW)
@require_GET
def trail(request: HttpRequest, result_id: int) -> HttpResponse:
    """RES-04: how one result came about, on one page."""
    standing = standing_in(request)
    visible = queries.visible_results(standing).select_related(
        "registration__learner", "registration__centre", "registration__qualification", "claim__adoption__framework",
        "submission__adoption__framework",
    )  # fmt: skip
    result: QualificationResult = get_object_or_404(visible, pk=result_id)
    if result.claim is None:
        return _qtag_trail(request, standing, result)
    found = queries.trail_of(result)
    context = {
        "heading": _("How this result came about: %(learner)s") % {"learner": result.registration.learner},
        "result": result,
        "trail": found,
        "facts": queries.result_facts(result),
        "events": claim_history(result.claim, with_names=standing.is_ao_staff),
        "breadcrumbs": [
            (_("Results"), ao_url(request, "results:list")),
            (result.claim.number, ao_url(request, "results:claim", claim_id=result.claim_id)),
        ],
        # Who judged, decided and verified is the AO's to know and, for its own people, the centre's.
        "sees_panel": standing.can(P.PANEL_VIEW),
        "opens_evidence": standing.can(P.EVIDENCE_VIEW, result.registration.centre_id),
    }
    return render(request, "results/trail.html", context)


def _qtag_trail(request: HttpRequest, standing: Standing, result: QualificationResult) -> HttpResponse:
    found = qtag_trail_of(result)
    context = {
        "heading": _("How this result came about: %(learner)s") % {"learner": result.registration.learner},
        "result": result,
        "trail": found,
        "facts": qtag_result_facts(found),
        "breadcrumbs": [
            (_("Results"), ao_url(request, "results:list")),
            (_("Q-TAG results"), ao_url(request, "results:qtag_submission", submission_id=result.submission_id)),
        ],
        "is_ao": standing.is_ao_staff,
    }
    return render(request, "results/qtag_trail.html", context)
