"""Notices to centres: rounds for the AO, the notice for its centre."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from awarding.accounts.audience import allowed
from awarding.accounts.requests import ao_url, standing_in
from awarding.accounts.roles import Permission as P
from awarding.files.serving import serve_file
from awarding.frameworks.queries import adopted_document
from awarding.ui.charts import Bar, BarChart
from awarding.ui.templatetags.ui import london_date
from awarding.ui.unsaved import tell_unsaved, texts_of
from awarding.workflow.queries import history, turn
from awarding.workflow.services import GuardedError, TransitionError
from mitigations.forms.centre_notices import ConfirmForm, NoticeFilterForm, RoundForm
from mitigations.models import CentreNotice, NoticeRound
from mitigations.queries.centre_notices import (
    NO_CONTACT,
    OVERDUE,
    UNANSWERED,
    WAITING,
    contacts_of,
    count_answers,
    impacted_counts,
    last_number,
    list_notices,
    list_rounds,
    visible_lines,
    visible_notices,
)
from mitigations.queries.outcomes import Adopted, adopted_with_impact
from mitigations.services.centre_notices import begin_round, confirm_notice, send_again
from mitigations.views.impact import chosen_framework
from mitigations.workflow import CENTRE_NOTICE, NOTICE_LINE

PER_PAGE = 50
CONFIRMED_BY_CENTRE = "registrations_complete"


@allowed(P.IMPACT_VIEW)
@require_safe
def centre_notices(request: HttpRequest) -> HttpResponse:
    """For the AO its rounds; for a centre's people the notices to their centre."""
    standing = standing_in(request)
    context: dict[str, Any] = {
        "heading": _("Notices to centres"),
        "breadcrumbs": [(_("Who is impacted"), ao_url(request, "mitigations:impact"))],
        "may_begin": standing.can(P.IMPACT_MANAGE),
    }
    if standing.reach(P.IMPACT_VIEW) is None:
        rounds = Paginator(list_rounds(), PER_PAGE).get_page(request.GET.get("page"))
        titles = [adopted_document(row.adoption).short_title for row in rounds]
        context |= {"page_obj": rounds, "rounds": list(zip(rounds, titles, strict=True))}
        context["open_lines"] = visible_lines(standing).filter(state="open").count()
        return render(request, "mitigations/notice_rounds.html", context)
    page = Paginator(visible_notices(standing), PER_PAGE).get_page(request.GET.get("page"))
    context |= {
        "heading": _("Notices to your centre"),
        "page_obj": page,
        "rows": [(row, _state(row), adopted_document(row.round.adoption).short_title) for row in page],
    }
    return render(request, "mitigations/centre_notices.html", context)


def _state(notice: CentreNotice) -> Any:
    return CENTRE_NOTICE.state(notice.state)


@allowed(P.IMPACT_MANAGE)
def begin_notice_round(request: HttpRequest) -> HttpResponse:
    """What a round would reach, and beginning it (MIT-09)."""
    adopted = adopted_with_impact()
    asked = request.POST.get("framework") or request.GET.get("framework")
    chosen = chosen_framework(adopted, asked)
    if chosen is None:
        raise Http404(_("No framework with an impact date has been adopted."))
    last, found = last_number(chosen.code), []
    form = RoundForm(
        request.POST if request.method == "POST" else None,
        initial={"expected_number": last, "remind_every_days": _usual(chosen)},
    )
    if request.method == "POST" and form.is_valid():
        try:
            made = begin_round(actor=standing_in(request), adoption=chosen.adoption, **form.cleaned_data)
        except GuardedError as error:
            found = error.findings
        except TransitionError as error:
            tell_unsaved(request, error, texts_of(form))
            return redirect(ao_url(request, "mitigations:centre_notices"))
        else:
            messages.success(
                request, _("Round %(number)s has begun: the notices are being made.") % {"number": made.number}
            )
            return redirect(ao_url(request, "mitigations:notice_round", round_id=made.pk))
    context = {
        "heading": _("Begin a round of notices"),
        "breadcrumbs": [(_("Notices to centres"), ao_url(request, "mitigations:centre_notices"))],
        "form": form,
        "found": found,
        "adopted": adopted,
        "chosen": chosen,
        "reach": impacted_counts(chosen.document),
        "last": last,
        "has_errors": bool(found) or bool(form.errors),
    }
    return render(request, "mitigations/begin_round.html", context)


def _usual(chosen: Adopted) -> int | None:
    """The interval that the framework, or the AO in its settings, names."""
    if "confirmation_days" not in chosen.document.data.get("thresholds", {}):
        return None
    days = chosen.document.threshold("confirmation_days")
    return None if days is None else int(days)


@allowed(P.IMPACT_MANAGE, P.AO_OVERVIEW)
@require_safe
def notice_round(request: HttpRequest, round_id: int) -> HttpResponse:
    """How far a round is: a picture, who has not answered, whom to write to again (MIT-10)."""
    standing = standing_in(request)
    round_ = get_object_or_404(
        NoticeRound.objects.select_related("adoption__framework", "job", "begun_by"), pk=round_id
    )
    form = NoticeFilterForm(request.GET or None)
    asked = form.cleaned_data if form.is_bound and form.is_valid() else {}
    show = asked.get("show", "")
    page = Paginator(list_notices(round_, show=show, words=asked.get("q", "")), PER_PAGE).get_page(
        request.GET.get("page")
    )
    counts = count_answers(round_)
    contacts = contacts_of([row.centre_id for row in page])
    total = sum(counts[state.name] for state in CENTRE_NOTICE.states)
    document = adopted_document(round_.adoption)
    heading = _("%(framework)s, round %(number)s") % {"framework": document.short_title, "number": round_.number}
    context = {
        "heading": heading,
        "breadcrumbs": [(_("Notices to centres"), ao_url(request, "mitigations:centre_notices"))],
        "round": round_,
        "page_obj": page,
        "rows": [
            {
                "notice": row,
                "state": _state(row),
                "contacts": ", ".join(str(person) for person in contacts.get(row.centre_id, [])),
                "may_write": row.state in UNANSWERED and round_.superseded_at is None,
            }
            for row in page
        ],
        "counts": counts,
        "total": total,
        "shortcuts": _shortcuts(request, counts),
        "chart": _chart(request, round_, counts),
        "filter_form": form,
        "filtered": any(asked.values()),
        "may_write": standing.can(P.IMPACT_MANAGE) and round_.superseded_at is None and bool(counts[WAITING]),
        "is_late": bool(counts[OVERDUE]),
    }
    return render(request, "mitigations/notice_round.html", context)


def _shortcuts(request: HttpRequest, counts: dict[str, int]) -> list[tuple[str, int, str]]:
    labels = ((WAITING, _("not answered")), (OVERDUE, _("late")), (NO_CONTACT, _("without a quality contact")))
    return [(label, counts[name], f"{request.path}?show={name}") for name, label in labels]


def _chart(request: HttpRequest, round_: NoticeRound, counts: dict[str, int]) -> BarChart:
    address = ao_url(request, "mitigations:notice_round", round_id=round_.pk)
    bars = [Bar(str(state.label), counts[state.name], f"{address}?show={state.name}") for state in CENTRE_NOTICE.states]
    return BarChart(_("Notices by answer"), bars, _("Answer"), _("Centres"), id="notices-by-answer")


@allowed(P.IMPACT_MANAGE)
@require_POST
def resend_notices(request: HttpRequest, round_id: int) -> HttpResponse:
    """Writes again to the centres that are ticked, or to all that have not answered."""
    round_ = get_object_or_404(NoticeRound, pk=round_id)
    if request.POST.get("all"):
        ids = list(list_notices(round_, show=WAITING).values_list("pk", flat=True))
    else:
        ids = [int(value) for value in request.POST.getlist("notice") if value.isascii() and value.isdigit()]
    count = send_again(actor=standing_in(request), round_=round_, notice_ids=ids)
    if count:
        words = ngettext("%(n)s centre is written to again.", "%(n)s centres are written to again.", count)
        messages.success(request, words % {"n": count})
    else:
        messages.error(request, _("Tick the centres to write to: those that have not answered the newest round."))
    return redirect(ao_url(request, "mitigations:notice_round", round_id=round_.pk))


def find_notice(request: HttpRequest, centre_notice_id: int) -> CentreNotice:
    """The notice if this person may see it."""
    notice: CentreNotice = get_object_or_404(visible_notices(standing_in(request)), pk=centre_notice_id)
    return notice


@allowed(P.IMPACT_VIEW)
@require_safe
def centre_notice(request: HttpRequest, centre_notice_id: int) -> HttpResponse:
    """One notice: what it says, the workbook, the answer, the lines reported (MIT-10)."""
    return _notice_page(request, find_notice(request, centre_notice_id))


def _notice_page(
    request: HttpRequest, notice: CentreNotice, form: ConfirmForm | None = None, status: int = 200
) -> HttpResponse:
    standing, round_ = standing_in(request), notice.round
    document = adopted_document(round_.adoption)
    answers = standing.can(P.IMPACT_ANSWER, notice.centre_id) and round_.superseded_at is None
    confirms = answers and notice.state in ("sent", "settled")
    if form is None and confirms:
        form = ConfirmForm(initial={"expected_version": notice.version}, statement=statement_of(notice))
    now = turn(CENTRE_NOTICE, notice, standing)
    where: dict[str, Any] = {
        "state": now.state,
        "colour": now.colour,
        "holder": now.holder,
        "since": now.since,
        "next": now.next,
    }
    if notice.state in UNANSWERED:
        where["due"] = round_.answer_by
    if round_.superseded_at is not None:
        where |= {"holder": _("Nobody"), "next": _("A newer notice has replaced this one"), "due": None}
    newest = (
        visible_notices(standing)
        .filter(centre_id=notice.centre_id, round__superseded_at=None, round__framework_code=round_.framework_code)
        .exclude(pk=notice.pk)
        .first()
    )
    lines = list(visible_lines(standing).filter(notice=notice)[: PER_PAGE * 2])
    heading = _("Notice %(number)s of impacted learners") % {"number": round_.number}
    context = {
        "heading": heading,
        "breadcrumbs": [(_("Notices to centres"), ao_url(request, "mitigations:centre_notices"))],
        "notice": notice,
        "round": round_,
        "turn": where,
        "newest": newest,
        "facts": [
            (_("Framework"), document.short_title),
            (_("eRACs and cohorts named"), notice.documents),
            (_("Impacted learners"), notice.learners),
            (_("Of these on no eRAC yet"), notice.learners_without_claim),
            (
                _("Sent"),
                london_date(notice.sent_at) if notice.sent_at else _("not yet: the centre has no quality contact"),
            ),
            (_("Reminders sent"), notice.reminders),
        ],
        "form": form if confirms else None,
        "may_report": answers and notice.state != "made",
        "lines": [(line, NOTICE_LINE.state(line.state)) for line in lines],
        "may_settle": standing.can(P.IMPACT_MANAGE),
        "may_take_back": standing.can(P.IMPACT_ANSWER, notice.centre_id),
        "events": history(notice),
    }
    return render(request, "mitigations/centre_notice.html", context, status=status)


def statement_of(notice: CentreNotice) -> str:
    """What the framework has a centre confirm, in words; empty where it says nothing."""
    statement = adopted_document(notice.round.adoption).statements.get(CONFIRMED_BY_CENTRE)
    return _(statement.text) if statement is not None else ""


@allowed(P.IMPACT_VIEW)
@require_safe
def download_notice(request: HttpRequest, centre_notice_id: int) -> HttpResponseBase:
    """The workbook of a notice."""
    return serve_file(find_notice(request, centre_notice_id).file)


@allowed(P.IMPACT_ANSWER)
@require_POST
def confirm(request: HttpRequest, centre_notice_id: int) -> HttpResponse:
    """The centre confirms its notice."""
    notice = find_notice(request, centre_notice_id)
    form = ConfirmForm(request.POST, statement=statement_of(notice))
    if not form.is_valid():
        return _notice_page(request, notice, form)
    try:
        confirm_notice(
            actor=standing_in(request), notice=notice, expected_version=form.cleaned_data["expected_version"]
        )
    except TransitionError as error:
        messages.error(request, str(error))
        return _notice_page(request, find_notice(request, centre_notice_id), status=409)
    messages.success(
        request, _("The notice is confirmed. Thank you. Somebody who turns up later can still be reported.")
    )
    return redirect(ao_url(request, "mitigations:centre_notice", centre_notice_id=notice.pk))
