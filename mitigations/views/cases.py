"""What the panel has in hand: second opinions, decisions to release or undo, agreement, precedents, several at once."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from awarding.accounts.audience import allowed
from awarding.accounts.requests import ao_url, standing_in
from awarding.accounts.roles import Permission as P
from awarding.workflow.services import TransitionError
from mitigations.forms.panel import BatchForm, PrecedentForm, UndoForm
from mitigations.models import PanelOpinion
from mitigations.queries.cases import (
    case_rows,
    cases_page,
    open_case_of,
    open_cases,
    panel_settings,
    released_numbers,
    second_opinions,
    verdict_pairs,
)
from mitigations.queries.panel import first_in_turn, panel_queue, queue_rows
from mitigations.queries.precedents import search_precedents
from mitigations.rules.agreement import measure_agreement
from mitigations.services.batches import MOST, Done, Picked, decide_batch, release_batch, undo_batch
from mitigations.services.panel import waive_second_opinion
from mitigations.views.frame import claim_or_404
from mitigations.views.sections import panel_sections
from mitigations.workflow import OPEN_CASE_STATES, PANEL_CASE

PER_PAGE = 25


@allowed(P.PANEL_VIEW)
@require_GET
def cases(request: HttpRequest) -> HttpResponse:
    """Cases with an opinion that the centre has not been told of: whose turn it is; what can be released or undone."""
    standing = standing_in(request)
    state = request.GET.get("state", "")
    state = state if state in OPEN_CASE_STATES else ""
    page, rows = cases_page(standing, request.GET.get("page"), state=state)
    context = {
        "heading": _("Opinions and release"),
        "page_obj": page,
        "rows": rows,
        "state": state,
        "filters": [
            (_("All"), "?", not state),
            *(
                (PANEL_CASE.state(name).label, f"?state={name}", state == name)
                for name in OPEN_CASE_STATES
                if name != "considered"
            ),
        ],
        "may_release": standing.can(P.PANEL_RELEASE),
        "releases_apart": panel_settings().releases_apart,
        "sections": panel_sections(request),
        "breadcrumbs": _crumbs(request),
    }
    return render(request, "mitigations/panel_cases.html", context)


@allowed(P.PANEL_RELEASE)
@require_http_methods(["GET", "POST"])
def release(request: HttpRequest) -> HttpResponse:
    """Check what is about to be released (or undone, with a reason), then do it: each case stands by itself."""
    standing = standing_in(request)
    undoes = (request.POST or request.GET).get("act") == "undo"
    form = UndoForm(request.POST if request.method == "POST" and undoes else None)
    if request.method == "POST" and (not undoes or form.is_valid()):
        picked = read_picked(request.POST, "case")
        try:
            if undoes:
                done = undo_batch(actor=standing, picked=picked, reason=form.cleaned_data["reason"])
            else:
                done = release_batch(actor=standing, picked=picked)
        except TransitionError as error:
            messages.error(request, str(error))
        else:
            _tell(request, done, undoes)
        return redirect(ao_url(request, "mitigations:panel_cases"))
    ids = [one.id for one in read_picked(request.POST or request.GET, "case")][:MOST]
    states = PANEL_CASE.transition("undo" if undoes else "release").sources
    chosen = list(open_cases().filter(pk__in=ids, state__in=states))
    released = released_numbers(ids)
    context = {
        "heading": _("Undo these decisions") if undoes else _("Release these decisions"),
        "rows": case_rows(standing, chosen),
        "undoes": undoes,
        "form": form,
        "released": released,
        "left_out": len(ids) - len(chosen) - len(released),
        "breadcrumbs": [*_crumbs(request), (_("Opinions and release"), ao_url(request, "mitigations:panel_cases"))],
    }
    return render(request, "mitigations/panel_release.html", context)


@allowed(P.PANEL_DECIDE)
@require_http_methods(["GET", "POST"])
def batch(request: HttpRequest) -> HttpResponse:
    """Check a selection of claims of one centre and qualification, and decide them alike."""
    standing = standing_in(request)
    posted = request.method == "POST"
    ids = [one.id for one in read_picked(request.POST or request.GET, "claim")]
    claims = list(panel_queue().filter(pk__in=ids))
    chosen = [claim.pk for claim in claims]
    in_turn = chosen == first_in_turn(standing, len(chosen))
    days = panel_settings().in_principle_days
    form = BatchForm(request.POST if posted else None, in_turn=in_turn, in_principle_days=days)
    if posted and form.is_valid():
        try:
            done = decide_batch(
                actor=standing, picked=read_picked(request.POST, "claim"), said=form.said,
                turn_reason=form.cleaned_data.get("turn_reason", ""),
            )  # fmt: skip
        except TransitionError as error:
            form.add_error(None, str(error))
        else:
            _tell_decided(request, done)
            return redirect(ao_url(request, "mitigations:panel_queue"))
    rows = queue_rows(standing, claims, {})
    kinds = {(claim.centre_id, claim.qualification_id) for claim in claims}
    context = {
        "heading": _("Decide these claims together"),
        "rows": rows,
        "form": form,
        "is_mixed": len(kinds) > 1,
        "is_too_many": len(claims) > MOST,
        "most": MOST,
        "left_out": len(set(ids)) - len(claims),
        "breadcrumbs": _crumbs(request),
    }
    return render(request, "mitigations/panel_batch.html", context)


@allowed(P.PANEL_CHAIR)
@require_POST
def waive(request: HttpRequest, claim_id: int) -> HttpResponse:
    """The chair lets a case go on without a second opinion, with a reason."""
    claim = claim_or_404(request, claim_id)
    form, known = UndoForm(request.POST), open_case_of(claim)
    version = request.POST.get("case_version", "")
    if known is None or not version.isdecimal() or not form.is_valid():
        messages.error(request, _("Give a reason for going on without a second opinion."))
    else:
        try:
            waive_second_opinion(
                actor=standing_in(request), case=known, expected_version=int(version), **form.cleaned_data
            )
        except TransitionError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("%(number)s goes on with its first opinion.") % {"number": claim.number})
    return redirect(ao_url(request, "mitigations:case", claim_id=claim.pk))


@allowed(P.PANEL_VIEW)
@require_GET
def agreement(request: HttpRequest) -> HttpResponse:
    """How far first and second opinions agree, with how much the figure says, and the cases behind it."""
    measured = measure_agreement(verdict_pairs())
    verdicts = PanelOpinion._meta.get_field("verdict").choices or []
    table = [(label, [measured.counts[(first, second)] for second, _label in verdicts]) for first, label in verdicts]
    page = Paginator(second_opinions(), PER_PAGE).get_page(request.GET.get("page"))
    firsts = PanelOpinion.objects.filter(part=PanelOpinion.Part.FIRST, case_id__in=[one.case_id for one in page])
    by_case = {one.case_id: one for one in firsts.select_related("given_by")}
    context = {
        "heading": _("Agreement of second opinions"),
        "agreement": measured,
        "percent": None if measured.share is None else round(measured.share * 100),
        "kappa": None if measured.kappa is None else f"{measured.kappa:.2f}",
        "labels": [label for _verdict, label in verdicts],
        "table": table,
        "page_obj": page,
        "rows": [(one, by_case.get(one.case_id)) for one in page],
        "share": panel_settings().second_opinion_share,
        "sections": panel_sections(request),
        "breadcrumbs": _crumbs(request),
    }
    return render(request, "mitigations/panel_agreement.html", context)


@allowed(P.PANEL_VIEW)
@require_GET
def precedents(request: HttpRequest) -> HttpResponse:
    """Released decisions by qualification, finding, verdict and the words of their reasons; nothing about learners."""
    form = PrecedentForm(request.GET or None)
    asked = form.cleaned_data if form.is_bound and form.is_valid() else {}
    page, rows = search_precedents(request.GET.get("page"), **asked)
    context = {
        "heading": _("Precedents"),
        "filter_form": form,
        "filtered": any(asked.values()),
        "page_obj": page,
        "rows": rows,
        "sections": panel_sections(request),
        "breadcrumbs": _crumbs(request),
    }
    return render(request, "mitigations/panel_precedents.html", context)


def read_picked(data: QueryDict, name: str) -> list[Picked]:
    """The selection of a page: values "id:version", or "id" alone; anything else is left out."""
    found = []
    for value in data.getlist(name):
        id_, _colon, version = value.partition(":")
        if id_.isascii() and id_.isdecimal() and len(id_) < 19:
            found.append(Picked(int(id_), int(version) if version.isascii() and version.isdecimal() else 0))
    return found


def _tell_decided(request: HttpRequest, done: list[Done]) -> None:
    if not done:
        messages.error(request, _("Nothing was decided: none of the claims that you chose is there."))
    good, told = [one for one in done if not one.fault], sum(one.is_told for one in done)
    if good:
        text = ngettext("%(n)s claim is decided.", "%(n)s claims are decided.", len(good)) % {"n": len(good)}
        if told < len(good):
            held = len(good) - told
            rest = ngettext(
                "The centre is told of %(n)s once somebody releases the decision.",
                "The centre is told of %(n)s once somebody releases the decisions.",
                held,
            )
            text += " " + rest % {"n": held}
        messages.success(request, text)
    _tell_faults(request, done)


def _tell(request: HttpRequest, done: list[Done], undone: bool) -> None:
    good = sum(not one.fault for one in done)
    if not done:
        messages.error(request, _("Nothing was changed: none of the cases that you chose is there."))
    if good and undone:
        text = ngettext("%(n)s decision is undone.", "%(n)s decisions are undone.", good)
        messages.success(request, text % {"n": good})
    elif good:
        text = ngettext("%(n)s decision is released.", "%(n)s decisions are released.", good)
        messages.success(request, text % {"n": good})
    _tell_faults(request, done)


def _tell_faults(request: HttpRequest, done: list[Done]) -> None:
    for one in done:
        if one.fault:
            messages.error(request, f"{one.number}: {one.fault}")


def _crumbs(request: HttpRequest) -> list[tuple[Any, str]]:
    return [(_("Panel queue"), ao_url(request, "mitigations:panel_queue"))]
