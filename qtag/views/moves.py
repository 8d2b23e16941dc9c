"""Moving learners on in bulk, each by itself; returning single ones; reopening by the AO."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from awarding.accounts.audience import allowed
from awarding.accounts.requests import ao_url, standing_in
from awarding.accounts.roles import Permission as P
from awarding.workflow.services import StalePageError, TransitionError
from qtag.forms.submission import ReturnForm
from qtag.models import Judgement, Submission
from qtag.queries.submissions import can_move, learners_page, moves_of
from qtag.queries.visibility import visible_judgements
from qtag.services.moving import Outcome, move_judgements, reopen_judgement, return_judgement
from qtag.views.frame import judgement_or_404, submission_or_404, submission_page
from qtag.workflow import JUDGEMENT

MOVERS = (P.QTAGS_JUDGE, P.QTAGS_ENDORSE_LEAD, P.QTAGS_ENDORSE_DEPARTMENT, P.QTAGS_AGREE, P.QTAGS_SUBMIT)
RETURNS = ("recall", "return_lead", "return_department", "return_head")


@allowed(P.QTAGS_VIEW)
@require_GET
def moves(request: HttpRequest, submission_id: int) -> HttpResponse:
    """Every learner with a box to tick and the moves that are this person's to make."""
    return _show(request, submission_or_404(request, submission_id))


@allowed(*MOVERS)
@require_POST
def move(request: HttpRequest, submission_id: int) -> HttpResponse:
    """Moves the ticked learners; those that cannot go are named with the reason and the rest go on."""
    found = submission_or_404(request, submission_id)
    name = request.POST.get("move", "")
    standing = standing_in(request)
    if name not in moves_of(standing, found):
        messages.error(request, _("Choose what to do with the learners you ticked."))
        return redirect(_url(request, found))
    ids, versions = _ticked(request)
    if "everybody" in request.POST:
        turn = visible_judgements(standing).filter(pk__in=ids, state__in=JUDGEMENT.transition(name).sources)
        ids = list(turn.values_list("pk", flat=True))
    if not ids:
        messages.error(request, _("Tick at least one learner first."))
        return redirect(_url(request, found))
    try:
        outcome = move_judgements(actor=standing, submission=found, move=name, judgement_ids=ids, versions=versions)
    except TransitionError as error:
        return _show(request, found, trouble=str(error), status=409)
    if outcome.moved:
        count = len(outcome.moved)
        words = ngettext("%(n)d learner: %(what)s.", "%(n)d learners: %(what)s.", count)
        messages.success(request, words % {"n": count, "what": JUDGEMENT.event_label(name)})
    if outcome.refused:
        return _show(request, found, outcome=outcome, status=409)
    return redirect(_url(request, found))


def _ticked(request: HttpRequest) -> tuple[list[int], dict[int, int]]:
    """The ids that were ticked, or all that the page offered, and the version of each as it showed it ("id-version")."""
    offered = "shown" if "everybody" in request.POST else "learner"
    pairs = [value.partition("-")[::2] for value in request.POST.getlist(offered)]
    versions = {int(pk): int(version) for pk, version in pairs if pk.isdecimal() and version.isdecimal()}
    return list(versions), versions


def _url(request: HttpRequest, found: Submission) -> str:
    number = request.POST.get("page", "")
    return ao_url(request, "qtag:moves", submission_id=found.pk) + (f"?page={number}" if number.isdecimal() else "")


def _show(
    request: HttpRequest, found: Submission, *, trouble: str = "", outcome: Outcome | None = None, status: int = 200
) -> HttpResponse:
    standing = standing_in(request)
    page = learners_page(standing, found, request.GET.get("page") or request.POST.get("page"))
    refused = outcome.refused if outcome else {}
    names = moves_of(standing, found)
    rows: list[dict[str, Any]] = []
    for row in page:
        rows.append(
            {
                "judgement": row,
                "state": JUDGEMENT.state(row.state),
                "may_move": any(can_move(standing, row, name) for name in names),
                "returns": [
                    (name, JUDGEMENT.transition(name).label) for name in RETURNS if can_move(standing, row, name)
                ],
                "refused": refused.get(row.pk, ""),
            }
        )
    context = {
        "rows": rows, "page_obj": page, "moves": [(name, JUDGEMENT.transition(name).label) for name in names],
        "movable": sum(row["may_move"] for row in rows), "trouble": trouble, "has_errors": bool(trouble or refused),
        "refused_count": len(refused),
    }  # fmt: skip
    return submission_page(
        request, found, "moves.html", context, heading=_("Propose, endorse, agree, submit"), status=status
    )


@allowed(*MOVERS)
@require_http_methods(["GET", "POST"])
def send_back(request: HttpRequest, judgement_id: int, move: str) -> HttpResponse:
    """Returns one learner to the teacher with a reason (QTG-11)."""
    judgement = judgement_or_404(request, judgement_id)
    if move not in RETURNS or not can_move(standing_in(request), judgement, move):
        messages.info(request, _("This Q-TAG cannot be returned as it stands now."))
        return redirect(ao_url(request, "qtag:learner", judgement_id=judgement.pk))
    form = ReturnForm(
        request.POST if request.method == "POST" else None, initial={"expected_version": judgement.version}
    )
    status = 200
    if form.is_bound and form.is_valid():
        try:
            return_judgement(actor=standing_in(request), judgement=judgement, move=move, **form.cleaned_data)
        except TransitionError as error:
            form.add_error(None, str(error))
            status = 409 if isinstance(error, StalePageError) else 200
        else:
            messages.success(request, _("Returned to the teacher with your reason."))
            return redirect(ao_url(request, "qtag:moves", submission_id=judgement.submission_id))
    context = {"form": form, "judgement": judgement, "label": JUDGEMENT.transition(move).label}
    return submission_page(
        request, judgement.submission, "send_back.html", context, status=status,
        heading=_("Return: %(name)s") % {"name": judgement.registration.learner.full_name},
    )  # fmt: skip


@allowed(P.QTAGS_REOPEN)
@require_http_methods(["GET", "POST"])
def reopen(request: HttpRequest, judgement_id: int) -> HttpResponse:
    """The AO reopens one named learner's Q-TAG, without seeing the grade (QTG-13, QTG-17)."""
    rows = Judgement.objects.select_related("submission__qualification", "submission__centre", "registration__learner")
    judgement = get_object_or_404(rows, pk=judgement_id)
    standing_in(request).require(P.QTAGS_REOPEN, judgement.centre_id)
    back = ao_url(request, "qtag:progress_submission", submission_id=judgement.submission_id)
    form = ReturnForm(
        request.POST if request.method == "POST" else None, initial={"expected_version": judgement.version}
    )
    status = 200
    if form.is_bound and form.is_valid():
        try:
            reopen_judgement(actor=standing_in(request), judgement=judgement, **form.cleaned_data)
        except TransitionError as error:
            form.add_error(None, str(error))
            status = 409 if isinstance(error, StalePageError) else 200
        else:
            messages.success(request, _("Reopened. The centre is told; what was signed for it no longer covers it."))
            return redirect(back)
    context = {"form": form, "judgement": judgement, "label": _("Reopen")}
    return submission_page(
        request, judgement.submission, "reopen.html", context, status=status,
        heading=_("Reopen: %(name)s") % {"name": judgement.registration.learner.full_name},
    )  # fmt: skip
