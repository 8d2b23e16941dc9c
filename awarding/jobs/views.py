"""Jobs as people follow them: the list, one job's progress, its result, stopping it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from awarding.accounts.audience import member
from awarding.accounts.standing import Standing
from awarding.files.serving import serve_file
from awarding.jobs.models import Job, JobState
from awarding.jobs.queries import can_cancel, visible_jobs
from awarding.jobs.services import cancel_job

PAGE = 50
COLOURS = {
    JobState.QUEUED: "grey",
    JobState.RUNNING: "blue",
    JobState.SUCCEEDED: "green",
    JobState.FAILED: "red",
    JobState.CANCELLED: "orange",
}


def _standing(request: HttpRequest) -> Standing:
    return request.standing  # type: ignore[attr-defined]


def _find(request: HttpRequest, job_id: int) -> Job:
    return get_object_or_404(visible_jobs(_standing(request)), pk=job_id)


@member
def job_list(request: HttpRequest) -> HttpResponse:
    """The jobs that the person may see, the newest first."""
    page = Paginator(visible_jobs(_standing(request)), PAGE).get_page(request.GET.get("page"))
    rows = [(job, COLOURS[JobState(job.state)]) for job in page]
    return render(request, "jobs/list.html", {"heading": _("Jobs"), "page_obj": page, "rows": rows})


@member
@never_cache
def job_page(request: HttpRequest, job_id: int) -> HttpResponse:
    """One job. While it is open the page asks for its progress by itself, or reloads where there is no JavaScript."""
    context = _job_context(request, _find(request, job_id))
    crumbs = [(str(_("Jobs")), reverse("jobs:list", kwargs={"ao": _standing(request).ao.slug}))]
    return render(request, "jobs/detail.html", context | {"breadcrumbs": crumbs})


@member
@never_cache
def job_progress(request: HttpRequest, job_id: int) -> HttpResponse:
    """The part of the page that changes, for htmx."""
    return render(request, "jobs/progress.html", _job_context(request, _find(request, job_id)))


@member
def job_result(request: HttpRequest, job_id: int) -> HttpResponseBase:
    """The file that a job made, for those who may see the job."""
    job = _find(request, job_id)
    if job.result_file is None:
        raise Http404(_("This job made no file."))
    return serve_file(job.result_file)


@member
@require_POST
def cancel(request: HttpRequest, job_id: int) -> HttpResponse:
    """Asks a job to stop."""
    job = _find(request, job_id)
    if not job.is_open:
        messages.info(request, _("This job had ended already."))
    elif not can_cancel(_standing(request), job):
        raise PermissionDenied(_("Only who started a job, or an AO admin, can stop it."))
    else:
        cancel_job(actor=_standing(request), job=job)
        messages.success(request, _("The job was asked to stop. What it has done stays done."))
    return redirect("jobs:detail", ao=_standing(request).ao.slug, job_id=job.pk)


def _job_context(request: HttpRequest, job: Job) -> dict[str, Any]:
    back = job.back_to if url_has_allowed_host_and_scheme(job.back_to, allowed_hosts=None) else ""
    return {
        "heading": job.title,
        "job": job,
        "colour": COLOURS[JobState(job.state)],
        "can_cancel": can_cancel(_standing(request), job) and job.cancel_asked_at is None,
        "back_to": back,
        "facts": [(key.replace("_", " "), value) for key, value in job.result.items() if _is_plain(value)],
        "faults": [str(fault) for fault in job.result.get("faults", [])][:200],
    }


def _is_plain(value: object) -> bool:
    """Whether a value of a result can stand in a list of facts."""
    return isinstance(value, str | int | float | bool) and value != ""
