"""Published answers: looking through them, publishing, changing."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from awarding.accounts.audience import allowed, member
from awarding.accounts.requests import PortalRequest
from awarding.accounts.roles import Permission
from awarding.enquiries.forms.answers import AnswerSearchForm, PublishForm
from awarding.enquiries.models import Enquiry, PublishedAnswer
from awarding.enquiries.queries.answers import published_answers
from awarding.enquiries.queries.enquiries import find_enquiry
from awarding.enquiries.services.answer import change_answer, publish_answer, withdraw_answer
from awarding.workflow.services import StalePageError

PER_PAGE = 30


@member
@require_safe
def answers(request: PortalRequest) -> HttpResponse:
    """Answers for everybody, by words, number and topic; each with its date (HLP-02)."""
    form = AnswerSearchForm(request.GET or None)
    asked = form.cleaned_data if form.is_bound and form.is_valid() else {}
    topic = asked.get("topic")
    found = published_answers(text=asked.get("q", ""), topic_id=topic.pk if topic else None)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "heading": _("Answers"),
        "breadcrumbs": _crumbs(request, last=False),
        "search_form": form,
        "filtered": any(asked.values()),
        "page_obj": page,
        "can_publish": request.standing.can(Permission.HELP_PUBLISH),
        "can_ask": request.standing.can(Permission.ENQUIRIES_ASK),
    }
    return render(request, "enquiries/answers.html", context)


@allowed(Permission.HELP_PUBLISH)
@require_http_methods(["GET", "POST"])
def publish(request: PortalRequest) -> HttpResponse:
    """Publishes an answer; `?enquiry=` names the one that it is made from, of which topic and number are proposed."""
    source = _source(request)
    form = PublishForm(request.POST if request.method == "POST" else None, initial=_first(request, source))
    if request.method == "POST" and form.is_valid():
        given = {name: value for name, value in form.cleaned_data.items() if name != "expected_version"}
        publish_answer(actor=request.standing, enquiry=source, **given)
        messages.success(request, _("The answer is published."))
        return redirect("enquiries:answers", ao=request.ao.slug)
    context = {"heading": _("Publish an answer"), "form": form, "source": source, "breadcrumbs": _crumbs(request)}
    return render(request, "enquiries/publish.html", context)


def _source(request: PortalRequest) -> Enquiry | None:
    named = request.GET.get("enquiry", "")
    return (
        find_enquiry(request.standing, int(named)) if named.isascii() and named.isdigit() and len(named) < 18 else None
    )


def _first(request: PortalRequest, source: Enquiry | None) -> dict[str, Any]:
    first: dict[str, Any] = {"topic": request.GET.get("topic"), "qualification": request.GET.get("qan")}
    if source is not None:
        first["topic"] = source.topic_id
        first["qualification"] = source.qualification.display_qan if source.qualification else ""
    return first


@allowed(Permission.HELP_PUBLISH)
@require_http_methods(["GET", "POST"])
def change(request: PortalRequest, answer_id: int) -> HttpResponse:
    """Changes an answer, which then bears today's date."""
    published = _find(answer_id)
    first = {
        "question": published.question,
        "answer": published.answer,
        "topic": published.topic_id,
        "qualification": published.qualification.display_qan if published.qualification else "",
        "expected_version": published.version,
    }
    form = PublishForm(request.POST if request.method == "POST" else None, initial=first)
    status = 200
    if request.method == "POST" and form.is_valid():
        given = {"topic": None} | form.cleaned_data
        given["expected_version"] = given["expected_version"] or 0
        try:
            change_answer(actor=request.standing, published=published, **given)
        except StalePageError as error:
            form.add_error(None, str(error))
            status = 409
        else:
            messages.success(request, _("The answer is changed and bears today’s date."))
            return redirect("enquiries:answers", ao=request.ao.slug)
    context = {
        "heading": _("Change an answer"), "form": form, "published": published, "breadcrumbs": _crumbs(request)
    }  # fmt: skip
    return render(request, "enquiries/publish.html", context, status=status)


@allowed(Permission.HELP_PUBLISH)
@require_POST
def withdraw(request: PortalRequest, answer_id: int) -> HttpResponse:
    """Takes an answer out of sight."""
    published = _find(answer_id)
    version = request.POST.get("expected_version", "")
    try:
        withdraw_answer(
            actor=request.standing, published=published,
            expected_version=int(version) if version.isascii() and version.isdigit() else 0,
        )  # fmt: skip
    except StalePageError as error:
        messages.error(request, str(error))
        return redirect("enquiries:change_answer", ao=request.ao.slug, answer_id=published.pk)
    messages.success(request, _("The answer is no longer shown."))
    return redirect("enquiries:answers", ao=request.ao.slug)


def _find(answer_id: int) -> PublishedAnswer:
    rows = PublishedAnswer.objects.filter(withdrawn_at=None).select_related("qualification", "topic", "published_by")
    found: PublishedAnswer = get_object_or_404(rows, pk=answer_id)
    return found


def _crumbs(request: PortalRequest, *, last: bool = True) -> list[tuple[str, str]]:
    way = [(_("Enquiries"), reverse("enquiries:list", kwargs={"ao": request.ao.slug}))]
    return [*way, (_("Answers"), reverse("enquiries:answers", kwargs={"ao": request.ao.slug}))] if last else way
