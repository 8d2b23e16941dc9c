"""Delayed assessments: questions to centres, answers as a list and a calendar, published dates."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from awarding.accounts.audience import allowed
from awarding.accounts.requests import ao_url, standing_in
from awarding.accounts.roles import Permission as P
from awarding.catalogue.queries.qualification import get_own_qualification
from awarding.findings.finding import Finding
from awarding.frameworks.queries import adopted_document
from awarding.ui.charts import Bar, BarChart
from awarding.ui.unsaved import tell_unsaved, texts_of
from awarding.workflow.queries import history, turn
from awarding.workflow.services import GuardedError, TransitionError
from mitigations.forms.delays import AnswerForm, AskForm, DateForm, QuestionFilterForm, WithdrawDateForm
from mitigations.models import AssessmentDate, DelayQuestion
from mitigations.queries.delays import (
    MONTH,
    WEEK,
    all_dates,
    calendar_of,
    count_questions,
    list_questions,
    open_dates,
    pairs_to_ask,
    visible_dates,
    visible_questions,
)
from mitigations.queries.outcomes import Adopted, adopted_with_impact
from mitigations.services.delays import answer_question, ask_centres, publish_date, withdraw_date
from mitigations.views.impact import chosen_framework
from mitigations.workflow import DELAY_QUESTION

PER_PAGE = 50


def _crumb(request: HttpRequest) -> list[tuple[str, str]]:
    return [(_("Delayed assessments"), ao_url(request, "mitigations:delays"))]


@allowed(P.IMPACT_VIEW)
@require_safe
def delays(request: HttpRequest) -> HttpResponse:
    """The questions, those that wait first, and the dates that are published."""
    standing = standing_in(request)
    form = QuestionFilterForm(request.GET or None)
    asked = form.cleaned_data if form.is_bound and form.is_valid() else {}
    found = list_questions(standing, state=asked.get("state", ""), words=asked.get("q", ""))
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    counts = count_questions(standing)
    sees_all = standing.reach(P.IMPACT_VIEW) is None
    context = {
        "heading": _("Delayed assessments"),
        "breadcrumbs": [(_("Who is impacted"), ao_url(request, "mitigations:impact"))],
        "filter_form": form,
        "filtered": any(asked.values()),
        "page_obj": page,
        "rows": [(row, DELAY_QUESTION.state(row.state)) for row in page],
        "counts": counts,
        "chart": _chart(request, counts) if sees_all else None,
        "dates": list(visible_dates(standing)[:PER_PAGE]),
        "may_manage": standing.can(P.IMPACT_MANAGE),
        "sees_all": sees_all,
    }
    return render(request, "mitigations/delays.html", context)


def _chart(request: HttpRequest, counts: dict[str, int]) -> BarChart:
    address = ao_url(request, "mitigations:delays")
    rows = ((str(_("Answered")), "answered"), (str(_("Not answered")), "asked"), (str(_("Late")), "late"))
    bars = [Bar(label, counts[name], f"{address}?state={name}") for label, name in rows]
    return BarChart(_("Questions by answer"), bars, _("Answer"), _("Questions"), id="delays-by-answer")


def _framework(request: HttpRequest) -> Adopted:
    chosen = chosen_framework(adopted_with_impact(), request.POST.get("framework") or request.GET.get("framework"))
    if chosen is None:
        raise Http404(_("No framework with an impact date has been adopted."))
    return chosen


@allowed(P.IMPACT_MANAGE)
def ask_delays(request: HttpRequest) -> HttpResponse:
    """Who would be asked, and asking them (MIT-16)."""
    chosen = _framework(request)
    waiting = pairs_to_ask(chosen.document)
    form = AskForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        count = ask_centres(actor=standing_in(request), adoption=chosen.adoption, **form.cleaned_data)
        words = ngettext("%(n)s question was asked.", "%(n)s questions were asked.", count)
        messages.success(request, words % {"n": count})
        return redirect(ao_url(request, "mitigations:delays"))
    context = {
        "heading": _("Ask centres when their learners can sit"),
        "breadcrumbs": _crumb(request),
        "form": form,
        "chosen": chosen,
        "adopted": adopted_with_impact(),
        "centres": len({centre_id for centre_id, _award, _learners in waiting}),
        "questions": len(waiting),
        "learners": sum(learners for _centre, _award, learners in waiting),
    }
    return render(request, "mitigations/ask_delays.html", context)


@allowed(P.IMPACT_VIEW)
def delay_question(request: HttpRequest, delay_question_id: int) -> HttpResponse:
    """One question: the centre answers it, the AO reads the answer (MIT-16)."""
    standing = standing_in(request)
    question: DelayQuestion = get_object_or_404(visible_questions(standing), pk=delay_question_id)
    may_answer = standing.can(P.IMPACT_ANSWER, question.centre_id)
    if request.method != "POST" or not may_answer:
        return _question_page(request, question, status=405 if request.method == "POST" else 200)
    form, found = AnswerForm(request.POST), []
    if form.is_valid():
        try:
            answer_question(actor=standing, question=question, **form.cleaned_data)
        except GuardedError as error:
            found = error.findings
        except TransitionError as error:
            tell_unsaved(request, error, texts_of(form))
            fresh = get_object_or_404(visible_questions(standing), pk=delay_question_id)
            return _question_page(request, fresh, status=409)
        else:
            messages.success(request, _("Thank you. You can change the answer here if things change."))
            return redirect(ao_url(request, "mitigations:delay_question", delay_question_id=question.pk))
    return _question_page(request, question, form, found)


def _question_page(
    request: HttpRequest, question: DelayQuestion, form: AnswerForm | None = None, found: list[Finding] | None = None,
    status: int = 200,
) -> HttpResponse:  # fmt: skip
    standing = standing_in(request)
    if form is None and standing.can(P.IMPACT_ANSWER, question.centre_id):
        fields = ("sitting", "can_sit_from", "can_sit_until", "needs")
        held = {name: getattr(question, name) for name in fields}
        form = AnswerForm(initial={"expected_version": question.version, **held})
    now = turn(DELAY_QUESTION, question, standing)
    where: dict[str, Any] = {
        "state": now.state, "colour": now.colour, "holder": now.holder, "since": now.since, "next": now.next,
        "due": question.answer_by if question.state == "asked" else None,
    }  # fmt: skip
    context = {
        "heading": _("When can your learners sit?") if form else _("When can the learners sit?"),
        "breadcrumbs": _crumb(request),
        "question": question,
        "turn": where,
        "facts": _facts(question),
        "form": form,
        "found": found or [],
        "has_errors": bool(found) or bool(form and form.errors),
        "dates": open_dates([question.qualification_id]),
        "may_publish": standing.can(P.IMPACT_MANAGE),
        "events": history(question),
    }
    return render(request, "mitigations/delay_question.html", context, status=status)


def _facts(question: DelayQuestion) -> list[tuple[str, Any]]:
    rows: list[tuple[str, Any]] = [
        (_("Framework"), adopted_document(question.adoption).short_title),
        (_("Impacted learners when asked"), question.learners),
    ]
    if question.answered_at is not None:
        days = _("none")
        if question.can_sit_from and question.can_sit_until:
            days = f"{question.can_sit_from:%d/%m/%Y} – {question.can_sit_until:%d/%m/%Y}"
        rows += [
            (_("Learners who will sit"), question.sitting),
            (_("Days"), days),
            (_("Needs"), question.needs or _("none named")),
            (_("Answered by"), question.answered_by),
        ]
    return rows


@allowed(P.IMPACT_MANAGE, P.AO_OVERVIEW)
@require_safe
def delay_calendar(request: HttpRequest) -> HttpResponse:
    """The answers as a calendar: qualifications down, weeks or months across."""
    by = WEEK if request.GET.get("by") == WEEK else MONTH
    calendar = calendar_of(standing_in(request), by=by, start=_day(request.GET.get("from", "")))
    page = Paginator(calendar.rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "heading": _("When learners can sit"),
        "breadcrumbs": _crumb(request),
        "calendar": calendar,
        "page_obj": page,
        "by": by,
        "may_publish": standing_in(request).can(P.IMPACT_MANAGE),
    }
    return render(request, "mitigations/delay_calendar.html", context)


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


@allowed(P.IMPACT_MANAGE)
def publish_assessment_date(request: HttpRequest, qan: str) -> HttpResponse:
    """Publishes a date, or moves one that is published (`?replaces=`), and shows what the centres answered."""
    qualification, chosen = get_own_qualification(qan), _framework(request)
    asked = request.POST.get("replaces") or request.GET.get("replaces") or ""
    replaces = (
        get_object_or_404(all_dates().filter(qualification=qualification), pk=asked) if asked.isdecimal() else None
    )
    fields = ("kind", "title", "starts_on", "ends_on", "entries_by", "details")
    initial = (
        {name: getattr(replaces, name) for name in fields} if replaces else {"kind": AssessmentDate.Kind.ASSESSMENT}
    )
    form, found = DateForm(request.POST if request.method == "POST" else None, initial=initial), []
    if request.method == "POST" and form.is_valid():
        try:
            publish_date(
                actor=standing_in(request), adoption=chosen.adoption, qualification=qualification, replaces=replaces,
                **form.cleaned_data,
            )  # fmt: skip
        except GuardedError as error:
            found = error.findings
        except TransitionError as error:
            tell_unsaved(request, error, texts_of(form))
            return redirect(ao_url(request, "mitigations:delays"))
        else:
            messages.success(request, _("The date is published, and the centres concerned are told."))
            return redirect(ao_url(request, "mitigations:delays"))
    answers = visible_questions(standing_in(request)).filter(qualification=qualification).order_by("centre__name", "pk")
    page = Paginator(answers, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "heading": _("Move a date") if replaces else _("Publish a date"),
        "breadcrumbs": _crumb(request),
        "qualification": qualification,
        "chosen": chosen,
        "replaces": replaces,
        "form": form,
        "found": found,
        "has_errors": bool(found) or bool(form.errors),
        "page_obj": page,
        "rows": [(row, DELAY_QUESTION.state(row.state)) for row in page],
        "dates": open_dates([qualification.pk]),
    }
    return render(request, "mitigations/publish_date.html", context)


@allowed(P.IMPACT_MANAGE)
def withdraw_assessment_date(request: HttpRequest, assessment_date_id: int) -> HttpResponse:
    """Takes a published date back, with the reason."""
    date = get_object_or_404(all_dates(), pk=assessment_date_id)
    form = WithdrawDateForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            withdraw_date(actor=standing_in(request), date=date, **form.cleaned_data)
        except TransitionError as error:
            tell_unsaved(request, error, texts_of(form))
        else:
            messages.success(request, _("The date is taken back, and the centres concerned are told."))
        return redirect(ao_url(request, "mitigations:delays"))
    context = {"heading": _("Take a date back"), "breadcrumbs": _crumb(request), "date": date, "form": form}
    return render(request, "mitigations/withdraw_date.html", context)
