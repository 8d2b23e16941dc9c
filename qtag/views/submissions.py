"""Submissions: the list by qualification, beginning one, its home, its steps."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from awarding.accounts.audience import allowed
from awarding.accounts.requests import ao_url, standing_in
from awarding.accounts.roles import Permission as P
from awarding.frameworks.queries import adopted_document
from awarding.workflow.services import TransitionError
from awarding.workflow.table import State
from centres.models import Registration
from qtag.forms.submission import BeginForm, LastResortForm, StepForm
from qtag.models import Submission
from qtag.queries.eligibility import eligibility_counts
from qtag.queries.expected import expected
from qtag.queries.facts import submission_facts
from qtag.queries.hands import missing_hands
from qtag.queries.submissions import (
    judgement_rows,
    latest_steps,
    list_submissions,
    may_judge,
    qtag_adoptions,
    state_counts,
)
from qtag.queries.visibility import visible_judgements, visible_submissions
from qtag.rules.eligibility import OUTCOME, Answer, submission_findings
from qtag.services.beginning import BeginError, add_registered_learners, begin_submission
from qtag.services.preparing import record_last_resort, record_step
from qtag.views.eligibility import ANSWERS
from qtag.views.frame import submission_or_404, submission_page
from qtag.workflow import JUDGEMENT


@allowed(P.QTAGS_VIEW)
@require_GET
def submissions(request: HttpRequest) -> HttpResponse:
    """The qualifications with Q-TAGs, and how far each has come."""
    page, rows = list_submissions(standing_in(request), request.GET.get("page"))
    shown = [
        {
            "submission": row.submission,
            "learners": row.learners,
            "window": row.window,
            "states": _by_state(row.counts),
        }
        for row in rows
    ]
    context = {
        "heading": _("Q-TAGs"), "rows": shown, "page_obj": page, "may_begin": standing_in(request).can(P.QTAGS_BEGIN),
        "runs_framework": bool(qtag_adoptions()),
    }  # fmt: skip
    return render(request, "qtag/submissions.html", context)


@allowed(P.QTAGS_BEGIN)
@require_http_methods(["GET", "POST"])
def begin(request: HttpRequest) -> HttpResponse:
    """Begins the Q-TAGs of one qualification at one of the person's centres."""
    standing = standing_in(request)
    reach = standing.reach(P.QTAGS_BEGIN) or frozenset()
    rows = (
        Registration.objects.filter(centre_id__in=reach, status=Registration.Status.ACTIVE)
        .select_related("centre", "qualification")
        .order_by("centre__name", "qualification__title", "centre_id", "qualification_id")
        .distinct("centre__name", "qualification__title", "centre_id", "qualification_id")
    )
    courses = {f"{row.centre_id}-{row.qualification_id}": row for row in rows}
    adoptions = qtag_adoptions()
    seen = visible_submissions(standing).filter(adoption__in=adoptions[:1])
    begun = set(seen.values_list("centre_id", "qualification_id"))
    document = adopted_document(adoptions[0]) if adoptions else None
    refused = (
        {row.code for row in document.categories.values() if document.standing(OUTCOME, row.code) == "refused"}
        if document
        else set()
    )
    form = BeginForm(
        request.POST if request.method == "POST" else None,
        courses=[(key, _course_label(row, begun, refused)) for key, row in courses.items()],
    )
    if form.is_bound and form.is_valid():
        row = courses[form.cleaned_data["course"]]
        try:
            made = begin_submission(actor=standing, centre=row.centre, qualification=row.qualification)
            return redirect(ao_url(request, "qtag:submission", submission_id=made.pk))
        except BeginError as error:
            form.add_error(None, str(error))
    context = {
        "heading": _("Begin Q-TAGs"), "form": form, "has_courses": bool(courses),
        "breadcrumbs": [(_("Q-TAGs"), ao_url(request, "qtag:submissions"))],
    }  # fmt: skip
    return render(request, "qtag/begin.html", context)


def _course_label(row: Registration, begun: set[tuple[int, int]], refused: set[str]) -> str:
    """The qualification at its centre, and what there is to know before one begins (QTG-01)."""
    facts = {"course": f"{row.centre.name}: {row.qualification}", "category": row.qualification.category}
    if (row.centre_id, row.qualification_id) in begun:
        return _("%(course)s (begun: adds who was registered since)") % facts
    if row.qualification.category in refused:
        return _("%(course)s (category %(category)s: no Q-TAGs)") % facts
    return facts["course"]


@allowed(P.QTAGS_VIEW)
@require_GET
def submission(request: HttpRequest, submission_id: int) -> HttpResponse:
    """Where one qualification's Q-TAGs stand, and what is left to do, as a task list."""
    found = submission_or_404(request, submission_id)
    standing = standing_in(request)
    rows = judgement_rows(standing, found)
    counts = state_counts(rows).get(found.pk, {})
    about = submission_facts(found)
    to_do = expected(rows).aggregate(total=Count("pk"), told=Count("told_on"))
    context = {
        "tasks": _tasks(request, found, counts, eligibility_counts(found, visible_judgements(standing)), to_do),
        "findings": submission_findings(about),
        "needs_last_resort": found.qualification.category
        and about.document.standing(OUTCOME, found.qualification.category) == "last_resort",
        "may_submit": standing.can(P.QTAGS_SUBMIT, found.centre_id),
        "may_add": standing.can(P.QTAGS_BEGIN, found.centre_id),
        "missing_hands": missing_hands(found) if standing.can(P.QTAGS_BEGIN, found.centre_id) else [],
        "states": _by_state(counts),
    }
    return submission_page(request, found, "submission.html", context)


def _by_state(counts: dict[str, int]) -> list[tuple[State, int]]:
    """In the order of the way that a Q-TAG goes."""
    return [(state, counts[state.name]) for state in JUDGEMENT.states if counts.get(state.name)]


def _tasks(
    request: HttpRequest, found: Submission, counts: dict[str, int], answers: Counter[Answer], to_do: dict[str, int]
) -> list[dict[str, Any]]:
    document = adopted_document(found.adoption)
    done, total = len(latest_steps(found)), len(document.steps)
    learners, total_of, told = sum(counts.values()), to_do["total"], to_do["told"]
    sent, judges = counts.get("submitted", 0), may_judge(standing_in(request), found)
    where = {"submission_id": found.pk}
    beside = {
        "title": _("Beside earlier years"), "url": ao_url(request, "qtag:sense_submission", **where),
        "hint": _("Opens once every judgement is recorded."),
    }  # fmt: skip
    may_look = standing_in(request).can(P.SENSE_VIEW, found.centre_id)
    return [
        {
            "title": _("Who may have a Q-TAG"), "url": ao_url(request, "qtag:eligibility", **where),
            "hint": ngettext("%(n)d learner", "%(n)d learners", learners) % {"n": learners},
            "status": ", ".join(f"{label}: {answers[answer]}" for answer, (label, _colour) in ANSWERS.items()),
            "colour": "yellow" if answers[Answer.NOT_YET] else "green",
        },
        {
            "title": _("The steps of the judgement"), "url": ao_url(request, "qtag:steps", **where),
            "status": _("%(done)d of %(total)d recorded") % {"done": done, "total": total},
            "colour": "green" if done == total else "yellow",
        },
        {
            "title": _("Grades"), "url": ao_url(request, "qtag:grid", **where),
            "hint": _("One grade for each learner; evidence stands on the learner's own page."),
        },
        {
            "title": _("Evidence of many learners"),
            "url": ao_url(request, "qtag:evidence_many", **where) if judges else None,
            "hint": _("One piece of work that many have done, with the grade that each one's shows."),
        },
        {
            "title": _("Units assessed in a reduced way"), "url": ao_url(request, "qtag:flags", **where),
            "hint": _("The Z flag, for many learners at once."),
        },
        {
            "title": _("What learners were told"), "url": ao_url(request, "qtag:told", **where) if judges else None,
            "hint": _("Which evidence is used, and never the grade: recorded for a cohort at once."),
            "status": _("%(told)d of %(total)d recorded") % {"told": told, "total": total_of},
            "colour": "green" if total_of and told == total_of else "yellow",
        },
        {
            "title": _("Propose, endorse, agree, submit"), "url": ao_url(request, "qtag:moves", **where),
            "status": _("%(sent)d of %(total)d submitted") % {"sent": sent, "total": total_of},
            "colour": "green" if total_of and sent == total_of else "blue",
        },
        *([beside] if may_look else []),
    ]  # fmt: skip


@allowed(P.QTAGS_BEGIN)
@require_POST
def add_learners(request: HttpRequest, submission_id: int) -> HttpResponse:
    """Adds whoever was registered since the Q-TAGs began."""
    found = submission_or_404(request, submission_id)
    added = add_registered_learners(actor=standing_in(request), submission=found)
    messages.success(request, ngettext("%(n)d learner added.", "%(n)d learners added.", added) % {"n": added})
    return redirect(ao_url(request, "qtag:submission", submission_id=found.pk))


@allowed(P.QTAGS_VIEW)
@require_GET
def steps(request: HttpRequest, submission_id: int) -> HttpResponse:
    """The six steps with what was recorded of each (QTG-12), and the last resort where it is one (QTG-01)."""
    return _show_steps(request, submission_or_404(request, submission_id))


@allowed(P.QTAGS_JUDGE)
@require_POST
def record_one_step(request: HttpRequest, submission_id: int, step: str) -> HttpResponse:
    """Records one step; the newest record of a step is the one that holds."""
    found = submission_or_404(request, submission_id)
    standing_in(request).require(P.QTAGS_JUDGE, found.centre_id)
    if step not in adopted_document(found.adoption).steps:
        raise Http404
    form = StepForm(request.POST, prefix=step)
    if not form.is_valid():
        return _show_steps(request, found, failed={step: form}, status=400)
    record_step(actor=standing_in(request), submission=found, step=step, note=form.cleaned_data["note"])
    messages.success(request, _("The step is recorded."))
    return redirect(ao_url(request, "qtag:steps", submission_id=found.pk))


def _show_steps(
    request: HttpRequest, found: Submission, failed: dict[str, StepForm] | None = None, status: int = 200
) -> HttpResponse:
    done = latest_steps(found)
    rows = [
        {
            "step": step, "record": done.get(code), "form": (failed or {}).get(code) or StepForm(prefix=code),
        }
        for code, step in adopted_document(found.adoption).steps.items()
    ]  # fmt: skip
    context = {
        "rows": rows, "may_record": may_judge(standing_in(request), found), "forms": list((failed or {}).values()),
        "has_errors": bool(failed),
    }  # fmt: skip
    return submission_page(
        request, found, "steps.html", context, heading=_("The steps of the judgement"), status=status
    )


@allowed(P.QTAGS_SUBMIT)
@require_http_methods(["GET", "POST"])
def last_resort(request: HttpRequest, submission_id: int) -> HttpResponse:
    """Records that nothing else was possible, where the framework allows a Q-TAG only then (QTG-01)."""
    found = submission_or_404(request, submission_id)
    standing_in(request).require(P.QTAGS_SUBMIT, found.centre_id)
    document = adopted_document(found.adoption)
    statements = [document.statements[code] for code in document.outcome(OUTCOME).last_resort_statements]
    form = LastResortForm(request.POST if request.method == "POST" else None, statements=statements)
    if form.is_bound and form.is_valid():
        try:
            record_last_resort(
                actor=standing_in(request), submission=found, statements=form.confirmed,
                reason=form.cleaned_data["reason"],
            )  # fmt: skip
        except TransitionError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The last resort is recorded."))
            return redirect(ao_url(request, "qtag:submission", submission_id=found.pk))
    context = {"form": form}
    return submission_page(request, found, "last_resort.html", context, heading=_("Why a Q-TAG is the last resort"))
