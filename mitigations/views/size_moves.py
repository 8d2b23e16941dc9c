"""Moves of learners to another size of their qualification: the list, one request, asking for one (MIT-13)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from awarding.accounts.audience import allowed
from awarding.accounts.requests import ao_url, standing_in
from awarding.accounts.roles import Permission as P
from awarding.catalogue.queries.combination import sizes_of
from awarding.findings.finding import Finding
from awarding.frameworks.queries import adopted_document
from awarding.ui.unsaved import tell_unsaved, texts_of
from awarding.workflow.queries import history, moves_open_to, turn
from awarding.workflow.services import GuardedError, TransitionError
from centres.models import Registration
from centres.queries import visible_registrations
from mitigations.forms.size_moves import SizeDecisionForm, SizeMoveForm
from mitigations.models import SizeMove
from mitigations.queries.size_moves import list_moves, open_move_of, size_facts, visible_moves
from mitigations.rules.size_move import size_findings
from mitigations.services.size_moves import decide_size_move, request_size_move
from mitigations.workflow_sizes import SIZE_MOVE, refuse_immovable

PER_PAGE = 50


@allowed(P.IMPACT_VIEW)
@require_safe
def size_moves(request: HttpRequest) -> HttpResponse:
    """The requests this person sees, newest first; those that may cost a learner something by themselves."""
    flagged, state = request.GET.get("flagged") == "1", request.GET.get("state", "")
    known = {row.name: row.label for row in SIZE_MOVE.states}
    found = list_moves(standing_in(request), flagged=flagged, state=state if state in known else "")
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    here = ao_url(request, "mitigations:size_moves")
    filters = [
        (_("All"), here, not flagged and not state),
        (_("Possible disadvantage"), f"{here}?flagged=1", flagged and not state),
        (_("Possible disadvantage, waiting for the AO"), f"{here}?flagged=1&state=requested", flagged and bool(state)),
    ]
    context = {
        "heading": _("Moves to another size"),
        "breadcrumbs": [(_("Who is impacted"), ao_url(request, "mitigations:impact"))],
        "filters": filters,
        "page_obj": page,
        "rows": [{"move": move, "state": SIZE_MOVE.state(move.state)} for move in page],
        "filtered": flagged or bool(state),
    }
    return render(request, "mitigations/size_moves.html", context)


@allowed(P.IMPACT_VIEW)
@require_safe
def size_move(request: HttpRequest, size_move_id: int) -> HttpResponse:
    """One request: what is asked, what the checks say now, whose turn, what happened."""
    return _move_page(request, _find(request, size_move_id))


def _find(request: HttpRequest, pk: int) -> SizeMove:
    return get_object_or_404(visible_moves(standing_in(request)), pk=pk)


def _move_page(
    request: HttpRequest, move: SizeMove, form: SizeDecisionForm | None = None,
    found: list[Finding] | None = None, status: int = 200,
) -> HttpResponse:  # fmt: skip
    standing = standing_in(request)
    moves = _open_moves(move, standing)
    if form is None and moves:
        form = SizeDecisionForm(initial={"expected_version": move.version}, moves=moves)
    if found is None and move.state == "requested":
        facts, _adoption = size_facts(move.registration, move.target, timezone.localdate())
        found = size_findings(facts)
    context = {
        "heading": _("Move to another size"),
        "breadcrumbs": [(_("Moves to another size"), ao_url(request, "mitigations:size_moves"))],
        "move": move,
        "turn": turn(SIZE_MOVE, move, standing),
        "facts": _facts(request, move),
        "findings": found or [],
        "form": form,
        "has_errors": bool(form is not None and form.errors),
        "events": history(move),
    }
    return render(request, "mitigations/size_move.html", context, status=status)


def _open_moves(move: SizeMove, standing: Any) -> list[Any]:
    """The moves to offer: an unflagged one was made at once, a flagged one the centre cannot make."""
    return [row for row in moves_open_to(SIZE_MOVE, move, standing) if row.name != "make"]


def _facts(request: HttpRequest, move: SizeMove) -> list[Any]:
    learner = move.registration.learner
    url = ao_url(request, "centres:learner", learner_id=learner.pk)
    name = {
        "key": _("Learner"),
        "value": learner.full_name,
        "actions": [{"text": _("Open"), "url": url, "about": learner.full_name}],
    }
    rows: list[Any] = [
        name,
        (_("Centre"), move.centre),
        (_("From"), move.source),
        (_("To"), move.target),
        (_("Reason"), move.reason),
        (_("Asked for by"), move.requested_by),
    ]
    if move.adoption is not None:
        rows.append((_("Possible disadvantage under"), adopted_document(move.adoption).short_title))
    return rows


@allowed(P.IMPACT_ANSWER, P.IMPACT_MANAGE)
@require_POST
def decide_move(request: HttpRequest, size_move_id: int) -> HttpResponse:
    """Agrees, declines or withdraws."""
    move = _find(request, size_move_id)
    form = SizeDecisionForm(request.POST, moves=_open_moves(move, standing_in(request)))
    if not form.is_valid():
        return _move_page(request, move, form)
    data = form.cleaned_data
    try:
        decided = decide_size_move(
            actor=standing_in(request), move=move, transition=data["move"], reason=data["reason"],
            expected_version=data["expected_version"],
        )  # fmt: skip
    except GuardedError as error:
        form.add_error("move", str(error))
        return _move_page(request, move, form, error.findings)
    except TransitionError as error:
        tell_unsaved(request, error, texts_of(form))
        return _move_page(request, _find(request, size_move_id), status=409)
    messages.success(request, _said_decided(decided))
    return redirect(ao_url(request, "mitigations:size_move", size_move_id=decided.pk))


@allowed(P.IMPACT_ANSWER)
def ask_size_move(request: HttpRequest, registration_id: int) -> HttpResponse:
    """Asks for another size: what each would mean for this learner stands beside it."""
    standing = standing_in(request)
    own = visible_registrations(standing).filter(centre_id__in=standing.reach(P.IMPACT_ANSWER) or ())
    registration = get_object_or_404(own, pk=registration_id)
    known = open_move_of(registration)
    if known is not None:
        messages.info(request, _("A request for this learner is open already."))
        return redirect(ao_url(request, "mitigations:size_move", size_move_id=known.pk))
    sizes = [size for size in sizes_of(registration.qualification) if size.pk != registration.qualification_id]
    checked = {size.pk: size_findings(size_facts(registration, size, timezone.localdate())[0]) for size in sizes}
    hints = {pk: " ".join(str(finding.what) for finding in findings) for pk, findings in checked.items()}
    form = SizeMoveForm(request.POST or None, sizes=sizes, hints=hints)
    # Said before somebody writes a reason for a move that would be refused.
    found = _in_the_way(registration, sizes)
    if request.method == "POST" and form.is_valid():
        target = next(size for size in sizes if size.pk == form.cleaned_data["target"])
        try:
            move = request_size_move(
                actor=standing, registration=registration, target=target, reason=form.cleaned_data["reason"]
            )
        except GuardedError as error:
            found = error.findings
            form.add_error("target", str(error))
        else:
            messages.success(request, _said(move))
            return redirect(ao_url(request, "mitigations:size_move", size_move_id=move.pk))
    context = {
        "heading": _("Move to another size"),
        "breadcrumbs": _crumbs(request, registration),
        "registration": registration,
        "sizes": sizes,
        "form": form,
        "may_ask": not found or form.is_bound,
        "found": found,
        "has_errors": bool(form.errors),
    }
    return render(request, "mitigations/ask_size_move.html", context)


def _in_the_way(registration: Registration, sizes: list[Any]) -> list[Finding]:
    """What bars a move to every other size, such as an eRAC that the learner stands on."""
    barred = [
        refuse_immovable(SizeMove(registration=registration, source=registration.qualification, target=size))
        for size in sizes
    ]
    return barred[0] if barred and all(barred) else []


def _said(move: SizeMove) -> str:
    if move.state == "moved":
        return _("The learner is registered for the other size now.")
    return _("The request is with the awarding organisation: a smaller size may cost the learner something.")


def _said_decided(move: SizeMove) -> str:
    """What the decision did, who was told, and where the learner stands now."""
    said = {
        "moved": _("Agreed: %(learner)s is registered for %(target)s now. The centre is told, with your reason."),
        "declined": _("Declined: %(learner)s stays on %(source)s. The centre is told, with your reason."),
        "withdrawn": _("Withdrawn: %(learner)s stays on %(source)s."),
    }[move.state]
    return said % {"learner": move.registration.learner.full_name, "target": move.target, "source": move.source}


def _crumbs(request: HttpRequest, registration: Registration) -> list[tuple[str, str]]:
    learner = registration.learner
    return [
        (_("Learners"), ao_url(request, "centres:registrations")),
        (learner.full_name, ao_url(request, "centres:learner", learner_id=learner.pk)),
    ]
