"""Results from Q-TAGs: what waits, making results of it, setting the release, one submission's results."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from awarding.accounts.audience import allowed
from awarding.accounts.requests import ao_url, standing_in
from awarding.accounts.roles import Permission as P
from awarding.findings.finding import findings_from_json
from awarding.frameworks.models import Adoption
from awarding.frameworks.queries import adopted_document
from awarding.jobs.models import Job
from awarding.workflow.services import TransitionError
from qtag.models import Submission
from qtag.workflow import AWARD
from results.forms_qtags import AcceptForm, QtagFilterForm, ReleaseForm
from results.models import QtagRelease
from results.queries import qtags as queries
from results.queries.results import (
    list_results,
    sees_before_release,
    unmade_certificates,
    with_certificates,
)
from results.services.qtags import MOST_AT_ONCE, QTAG_JOB, Accepted, accept_submissions
from results.services.releasing import set_release
from results.views.results import PER_PAGE, result_rows

SHOWN_REFUSALS = 10


@allowed(P.RESULTS_PROCESS)
@require_GET
def qtags(request: HttpRequest) -> HttpResponse:
    """When results are released, and which submissions may become results; no grade is shown (QTG-17)."""
    return _show(request, AcceptForm())


def _show(request: HttpRequest, form: AcceptForm, status: int = 200) -> HttpResponse:
    given = request.GET if request.method == "GET" else request.POST
    filters = QtagFilterForm(given or None, centres=queries.centres_with_qtags())
    asked = filter_of(filters)
    page, rows = queries.award_page(given.get("page"), **asked)
    job = Job.objects.filter(kind=QTAG_JOB).order_by("-id").first()
    result = job.result if job is not None else {}
    unmade = unmade_certificates().filter(result__submission__isnull=False)
    context = {
        "heading": _("Results from Q-TAGs"), "releases": queries.release_rows(timezone.now()), "rows": _shown(rows),
        "any_ready": any(row.is_ready for row in rows),
        "page_obj": page, "filter_form": filters, "asked": asked, "filtered": any(asked.values()), "form": form,
        "has_errors": form.is_bound and not form.is_valid(), "job": job,
        "held": findings_from_json(result.get("held", ())), "refused": result.get("refused", ()),
        "faults": list(unmade.select_related("result__registration__learner").order_by("id")[:50]),
        "breadcrumbs": [(_("Results"), ao_url(request, "results:list"))],
    }  # fmt: skip
    return render(request, "results/qtags.html", context, status=status)


def _shown(rows: list[queries.AwardRow]) -> list[dict[str, Any]]:
    return [{"row": row, "state": AWARD.state(row.award.state) if row.award else None} for row in rows]


def filter_of(form: QtagFilterForm) -> dict[str, Any]:
    data = form.cleaned_data if form.is_bound and form.is_valid() else {}
    return {"centre_id": data.get("centre"), "qan": data.get("qan", "")}


@allowed(P.RESULTS_PROCESS)
@require_POST
def process(request: HttpRequest) -> HttpResponse:
    """Accepts the ticked submissions, or all of the filter that are ready; what is refused is named with the reason."""
    form = AcceptForm(request.POST)
    if not form.is_valid():
        return _show(request, form, status=200)
    chosen = _chosen(request)
    if not chosen:
        messages.error(request, _("Tick at least one submission, or choose all that are ready."))
        return redirect(ao_url(request, "results:qtags"))
    done = accept_submissions(actor=standing_in(request), submissions=chosen, **form.cleaned_data)
    _report(request, done, everything="all" in request.POST)
    if done.job is None:
        return redirect(ao_url(request, "results:qtags"))
    return redirect(ao_url(request, "jobs:detail", job_id=done.job.pk))


def _chosen(request: HttpRequest) -> list[Submission]:
    rows: QuerySet[Submission]
    if "all" in request.POST:
        asked = filter_of(QtagFilterForm(request.POST, centres=queries.centres_with_qtags()))
        waiting = [row.pk for row in queries.signed_and_waiting_ids() if not row.is_changed]
        rows = queries.awardable(**asked).filter(pk__in=waiting).order_by("pk")
    else:
        ids = [int(value) for value in request.POST.getlist("submission") if value.isdecimal()]
        rows = queries.awardable().filter(pk__in=ids).order_by("pk")
    return list(rows[:MOST_AT_ONCE])


def _report(request: HttpRequest, done: Accepted, *, everything: bool) -> None:
    if done.count:
        words = ngettext("%(n)d submission is being processed.", "%(n)d submissions are being processed.", done.count)
        messages.success(request, words % {"n": done.count})
    for submission, findings in done.refused[:SHOWN_REFUSALS]:
        why = " ".join(f"{finding.what} {finding.fix}" for finding in findings)
        messages.error(request, f"{submission.centre}, {submission.qualification}: {why}")
    rest = len(done.refused) - SHOWN_REFUSALS
    if rest > 0:
        messages.error(request, ngettext("%(n)d more was refused.", "%(n)d more were refused.", rest) % {"n": rest})


@allowed(P.RESULTS_PROCESS)
@require_http_methods(["GET", "POST"])
def release(request: HttpRequest, adoption_id: int, code: str) -> HttpResponse:
    """Sets when the Q-TAG results of a group of levels are released (RES-01, QTG-17)."""
    adoption = get_object_or_404(Adoption.objects.select_related("framework"), pk=adoption_id)
    found = adopted_document(adoption).releases.get(code)
    if found is None:
        raise Http404
    plan = QtagRelease.objects.filter(adoption=adoption, code=code).select_related("set_by").first()
    now = timezone.now()
    form = ReleaseForm(request.POST if request.method == "POST" else None, initial=_initial(plan))
    if form.is_bound and form.is_valid():
        try:
            set_release(actor=standing_in(request), adoption=adoption, code=code, **form.cleaned_data)
        except TransitionError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The release is set."))
            return redirect(ao_url(request, "results:qtags"))
    context = {
        "heading": _("Release: %(what)s") % {"what": found.label}, "form": form, "release": found, "plan": plan,
        "is_over": plan is not None and plan.release_at <= now,
        "held": queries.held_results(adoption.pk, found.levels, now).count(),
        "breadcrumbs": [
            (_("Results"), ao_url(request, "results:list")), (_("Results from Q-TAGs"), ao_url(request, "results:qtags")),
        ],
    }  # fmt: skip
    return render(request, "results/qtags_release.html", context)


def _initial(plan: QtagRelease | None) -> dict[str, Any]:
    if plan is None:
        return {}
    at = timezone.localtime(plan.release_at)
    return {"day": at.date(), "time": at.strftime("%H:%M"), "reason": plan.reason}


@allowed(P.RESULTS_VIEW)
@require_GET
def submission(request: HttpRequest, submission_id: int) -> HttpResponse:
    """The results and certificates of one submission, for those who may see them now; before that, from when (RES-01)."""
    standing = standing_in(request)
    rows = Submission.objects.filter(awards__isnull=False).select_related(
        "centre", "qualification", "adoption__framework"
    )
    if not sees_before_release(standing):
        rows = rows.filter(centre_id__in=standing.reach(P.RESULTS_VIEW) or frozenset())
    found = get_object_or_404(rows, pk=submission_id)
    results = with_certificates(list_results(standing, submission_id=found.pk).order_by("id"))
    page = Paginator(results, PER_PAGE).get_page(request.GET.get("page"))
    award = found.awards.get()
    context = {
        "heading": _("Q-TAG results: %(qualification)s") % {"qualification": found.qualification}, "submission": found,
        "page_obj": page, "rows": result_rows(page), "state": AWARD.state(award.state),
        "next_release": queries.next_release_of(found.pk, timezone.now()),
        "can_revoke": standing.can(P.RESULTS_PROCESS, found.centre_id),
        "breadcrumbs": [(_("Results"), ao_url(request, "results:list"))],
    }  # fmt: skip
    return render(request, "results/qtag_submission.html", context)
