"""The list of enquiries, one with its thread, and writing in it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from awarding.accounts.audience import allowed, member
from awarding.accounts.requests import PortalRequest
from awarding.accounts.roles import Permission as P
from awarding.enquiries.forms.enquiries import AnswerForm, AssignForm, CloseForm, FilterForm, WriteForm
from awarding.enquiries.models import Enquiry
from awarding.enquiries.queries.enquiries import (
    enquiry_history,
    find_enquiry,
    list_enquiries,
    may_answer,
    may_see_notes,
    thread,
)
from awarding.enquiries.references import get_reference
from awarding.enquiries.services import enquiry as service
from awarding.enquiries.workflow import ENQUIRY
from awarding.ui.forms import PortalForm
from awarding.workflow.queries import turn
from awarding.workflow.services import StalePageError, TransitionError

PER_PAGE = 50
ANSWERABLE = {"answer": ENQUIRY.transition("answer").sources, "ask_back": ENQUIRY.transition("ask_back").sources}


@member
@require_safe
def enquiries(request: PortalRequest) -> HttpResponse:
    """What was asked, what is due first; for a centre its own."""
    standing = request.standing
    form = FilterForm(request.GET or None, is_ao=standing.is_ao_staff)
    asked = form.cleaned_data if form.is_bound and form.is_valid() else {}
    topic = asked.get("topic")
    found = list_enquiries(
        standing, show=asked.get("show") or "open", topic_id=topic.pk if topic else None, qan=asked.get("qan", ""),
        owner=asked.get("owner", ""), search=asked.get("q", ""),
    )  # fmt: skip
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "heading": _("Enquiries"),
        "filter_form": form,
        "filtered": any(asked.values()),
        "page_obj": page,
        "rows": [(row, ENQUIRY.state(row.state)) for row in page],
        "can_ask": standing.can(P.ENQUIRIES_ASK),
        "can_publish": standing.can(P.HELP_PUBLISH),
        "is_ao": standing.is_ao_staff,
    }
    return render(request, "enquiries/list.html", context)


@member
@require_safe
def enquiry(request: PortalRequest, enquiry_id: int) -> HttpResponse:
    """One enquiry: what it is about, whose turn, everything written, and what this person can do."""
    return _page(request, _find(request, enquiry_id))


@allowed(P.ENQUIRIES_ASK, P.ENQUIRIES_ANSWER)
@require_POST
def write(request: PortalRequest, enquiry_id: int) -> HttpResponse:
    """The centre writes on, or the AO answers, asks back or notes something."""
    found = _find(request, enquiry_id)
    if may_answer(request.standing, found):
        form: PortalForm = AnswerForm(request.POST, kinds={"note", *ANSWERABLE})
        if form.is_valid():
            given = form.cleaned_data
            kind, fields = given.pop("kind"), {"actor": request.standing, "enquiry": found, **given}
            if kind == "note":
                del fields["expected_version"]
            act = {"answer": service.answer_enquiry, "ask_back": service.ask_back, "note": service.note_on_enquiry}[
                kind
            ]
            said = {
                "answer": _("The answer is sent: whoever asked is told."),
                "ask_back": _("The question back is sent. The enquiry waits for the centre until it replies."),
                "note": _("The note is kept. The centre does not see it."),
            }
            return _try(request, found, form, act, fields, said[kind])
    else:
        form = WriteForm(request.POST)
        if form.is_valid():
            fields = {"actor": request.standing, "enquiry": found, **form.cleaned_data}
            return _try(
                request, found, form, service.reply_to_enquiry, fields, _("It is sent to the awarding organisation.")
            )
    return _page(request, found, form)


@allowed(P.ENQUIRIES_ANSWER)
@require_POST
def assign(request: PortalRequest, enquiry_id: int) -> HttpResponse:
    """Hands it to somebody else, or gives it another day."""
    found = _find(request, enquiry_id)
    form = AssignForm(request.POST, prefix="assign")
    if not form.is_valid():
        return _page(request, found, assign_form=form)
    fields = {"actor": request.standing, "enquiry": found, **form.cleaned_data}
    try:
        moved = service.assign_enquiry(**fields)
    except StalePageError as error:
        messages.error(request, str(error))
        return _page(request, _find(request, enquiry_id), status=409)
    except TransitionError as error:
        form.add_error("owner", str(error))
        return _page(request, found, assign_form=form)
    messages.success(request, _("%(who)s answers it now.") % {"who": moved.owner})
    if find_enquiry(request.standing, moved.pk) is None:
        return redirect("enquiries:list", ao=request.ao.slug)
    return redirect("enquiries:enquiry", ao=request.ao.slug, enquiry_id=moved.pk)


@allowed(P.ENQUIRIES_ASK, P.ENQUIRIES_ANSWER)
@require_POST
def close(request: PortalRequest, enquiry_id: int) -> HttpResponse:
    """Ends it."""
    found = _find(request, enquiry_id)
    form = CloseForm(
        request.POST, prefix="close", needs_reason=not request.standing.can(P.ENQUIRIES_ASK, found.centre_id)
    )
    if not form.is_valid():
        return _page(request, found, close_form=form)
    fields = {"actor": request.standing, "enquiry": found, **form.cleaned_data}
    return _try(request, found, form, service.close_enquiry, fields, _("Closed."))


def _try(
    request: PortalRequest, found: Enquiry, form: PortalForm, act: Any, fields: dict[str, Any], said: str
) -> HttpResponse:  # fmt: skip
    """Calls a service; a refusal stands on the page with what was typed."""
    try:
        act(**fields)
    except StalePageError as error:
        messages.error(request, str(error))
        return _page(request, _find(request, found.pk), form if "text" in form.fields else None, status=409)
    except TransitionError as error:
        form.add_error(None, str(error))
        return _page(request, found, form)
    messages.success(request, said)
    return redirect("enquiries:enquiry", ao=request.ao.slug, enquiry_id=found.pk)


def _find(request: PortalRequest, enquiry_id: int) -> Enquiry:
    found = find_enquiry(request.standing, enquiry_id)
    if found is None:
        raise Http404(_("There is no such enquiry."))
    return found


def _kinds(found: Enquiry) -> set[str]:
    return {"note"} | {kind for kind, sources in ANSWERABLE.items() if found.state in sources}


def _page(
    request: PortalRequest, found: Enquiry, form: PortalForm | None = None, *, assign_form: AssignForm | None = None,
    close_form: CloseForm | None = None, status: int = 200,
) -> HttpResponse:  # fmt: skip
    standing = request.standing
    answers = may_answer(standing, found)
    asks = standing.can(P.ENQUIRIES_ASK, found.centre_id)
    version = {"expected_version": found.version}
    if form is None and answers:
        form = AnswerForm(initial=version, kinds=_kinds(found))
    elif form is None and asks:
        form = WriteForm(initial=version)
    is_open = found.state != "closed"
    if form is not None and form.is_bound and status == 409:
        # What was typed is kept, to be sent on the version that the page shows now.
        typed = {**form.cleaned_data, **version, "text": request.POST.get("text", "")}
        form = AnswerForm(initial=typed, kinds=_kinds(found)) if answers else WriteForm(initial=typed)
    if assign_form is None and answers:
        first = {**version, "owner": found.owner_id, "due_on": found.due_on}
        assign_form = AssignForm(initial=first, prefix="assign")
    if close_form is None and (asks or answers) and is_open:
        close_form = CloseForm(initial=version, prefix="close", needs_reason=not asks)
    due = datetime.combine(found.due_on, time(12), tzinfo=UTC) if found.due_on else None
    context = {
        "heading": found.subject,
        "breadcrumbs": [(_("Enquiries"), reverse("enquiries:list", kwargs={"ao": request.ao.slug}))],
        "turn": replace(turn(ENQUIRY, found, standing), due=due),
        "enquiry": found,
        "facts": _facts(request, found),
        "messages_shown": thread(standing, found),
        "form": form,
        "answers": answers,
        "assign_form": assign_form if answers else None,
        "close_form": close_form,
        "closes_at_once": asks,
        "events": enquiry_history(found) if may_see_notes(standing, found) else [],
        "can_publish": standing.can(P.HELP_PUBLISH),
        "published": found.answers.filter(withdrawn_at=None) if standing.can(P.HELP_PUBLISH) else [],
    }
    return render(request, "enquiries/enquiry.html", context, status=status)


def _facts(request: PortalRequest, found: Enquiry) -> list[Any]:
    about = get_reference(request.standing, found.about_kind, found.about_id)
    actions = [{"text": _("Open"), "url": about.url}] if about is not None else []
    rows: list[Any] = [
        {"key": _("Number"), "value": found.number, "actions": []},
        {"key": _("About"), "value": f"{found.about_number} {about.name if about else ''}".strip(), "actions": actions},
        {"key": _("Centre"), "value": found.centre.name, "actions": []},
        {"key": _("Asked by"), "value": str(found.asked_by), "actions": []},
        {"key": _("Topic"), "value": found.topic.name if found.topic else _("none"), "actions": []},
    ]
    owner = str(found.owner) if found.owner else _("nobody yet")
    return [*rows, {"key": _("Answered by"), "value": owner, "actions": []}]
