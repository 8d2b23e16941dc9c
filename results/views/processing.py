"""Processing verified claims: the queue, one, many."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from awarding.accounts.audience import allowed
from awarding.accounts.requests import ao_url, standing_in
from awarding.accounts.roles import Permission as P
from awarding.workflow.services import GuardedError, StalePageError
from mitigations.models import Claim
from results.queries import results as queries
from results.services.processing import process_claim
from results.views.results import PER_PAGE, claim_page


@allowed(P.RESULTS_PROCESS)
@require_GET
def to_process(request: HttpRequest) -> HttpResponse:
    """Verified claims in order of arrival, each with its button; several are ticked and processed at once."""
    page = Paginator(queries.claims_to_process(), PER_PAGE).get_page(request.GET.get("page"))
    jobs = queries.open_jobs([claim.pk for claim in page])
    running = [claim.pk for claim in page if claim.pk in jobs and jobs[claim.pk].is_open]
    context = {
        "heading": _("Claims to process"),
        # What the page looks at again by itself.
        "watched": ",".join(f"#processing-{pk}" for pk in running),
        "page_obj": page,
        "rows": [{"claim": claim, "job": jobs.get(claim.pk)} for claim in page],
        "breadcrumbs": [(_("Results"), ao_url(request, "results:list"))],
    }
    response = render(request, "results/to_process.html", context)
    if request.headers.get("HX-Request") and not running:
        response["HX-Refresh"] = "true"
    return response


@allowed(P.RESULTS_PROCESS)
@require_POST
def process(request: HttpRequest, claim_id: int) -> HttpResponse:
    """Asks for one claim to be processed; a second click finds the first one's job (CLM-14)."""
    standing = standing_in(request)
    claim: Claim = get_object_or_404(queries.claims_with_results(standing), pk=claim_id)
    try:
        job = process_claim(actor=standing, claim=claim)
    except GuardedError as error:
        return claim_page(request, standing, claim, findings=error.findings, status=409)
    except StalePageError as error:
        messages.error(request, str(error))
    else:
        text = _("%(number)s is being processed.") if job.is_open else _("%(number)s has been processed already.")
        messages.success(request, text % {"number": claim.number})
    return redirect("results:claim", ao=standing.ao.slug, claim_id=claim.pk)


@allowed(P.RESULTS_PROCESS)
@require_POST
def process_many(request: HttpRequest) -> HttpResponse:
    """Asks for every ticked claim; one that cannot be processed is named with the reason and stops no other."""
    standing = standing_in(request)
    ids = [int(value) for value in request.POST.getlist("claim") if value.isdecimal()][:PER_PAGE]
    if not ids:
        messages.error(request, _("Tick at least one claim, then process them."))
    asked = 0
    for claim in queries.claims_with_results(standing).filter(pk__in=ids).order_by("id"):
        try:
            process_claim(actor=standing, claim=claim)
        except (GuardedError, StalePageError) as error:
            messages.error(request, f"{claim.number}: {error}")
        else:
            asked += 1
    if asked:
        text = ngettext("%(n)s claim is being processed.", "%(n)s claims are being processed.", asked)
        messages.success(request, text % {"n": asked})
    return redirect("results:to_process", ao=standing.ao.slug)
