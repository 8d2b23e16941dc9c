"""The evidence checklist: all learners as a grid of states, and one learner's evidence in detail."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from awarding.accounts.audience import allowed
from awarding.accounts.requests import ao_url, standing_in
from awarding.accounts.roles import Permission as P
from awarding.frameworks.document import FrameworkDocument
from awarding.ui.errors import linked_errors
from awarding.ui.grid import (
    Cell,
    CellInput,
    CellResult,
    Choice,
    Column,
    Grid,
    GridInputError,
    Row,
    grid_response,
    read_cells,
    wants_json,
)
from awarding.ui.unsaved import tell_unsaved
from mitigations.forms.checklist import EvidenceLineForm
from mitigations.models import Claim, ClaimLearner
from mitigations.queries.checklist import checklist_entries
from mitigations.queries.claims import can_fill
from mitigations.queries.findings import claim_facts
from mitigations.queries.grid import claim_units, learners_page
from mitigations.queries.templates import template_units
from mitigations.rules.evidence import EvidenceShare, components_short, evidence_shares, share_needed
from mitigations.rules.facts import ClaimFacts
from mitigations.services.checklist import LineInput, complete_rest, save_lines, save_states
from mitigations.services.grid import ClaimLockedError
from mitigations.views.frame import claim_or_404, claim_page

Refused = Mapping[tuple[str, str], CellResult]


@allowed(P.CLAIMS_VIEW)
@require_GET
def checklist(request: HttpRequest, claim_id: int) -> HttpResponse:
    """The state of the evidence per learner and unit, and how much of it is complete (CLM-03, CLM-06)."""
    return _show(request, claim_or_404(request, claim_id), {}, {})


@allowed(P.CLAIMS_FILL)
@require_POST
def save_checklist(request: HttpRequest, claim_id: int) -> HttpResponse:
    """Saves states from the grid; `complete` marks what learners have left unsaid as complete."""
    try:
        if "complete" in request.POST:
            return _complete(request, claim_id)
        entries = read_cells(request.POST)
        results = save_states(actor=standing_in(request), claim_id=claim_id, cells=entries)
    except GridInputError as error:
        return _refuse(request, claim_id, str(error), 400)
    except ClaimLockedError as error:
        return _refuse(request, claim_id, str(error), 409)
    except Claim.DoesNotExist as error:
        raise Http404 from error
    if wants_json(request):
        return grid_response(results)
    trouble = {(result.row, result.column): result for result in results if result.status != "saved"}
    if trouble:
        typed = {(entry.row, entry.column): entry for entry in entries}
        return _show(request, claim_or_404(request, claim_id), trouble, typed)
    _say_saved(request, len(results))
    return redirect(_page_url(request, "mitigations:checklist", claim_id))


def _complete(request: HttpRequest, claim_id: int) -> HttpResponse:
    # The form's hidden field says which form it is; it names nobody.
    ticked = [key for key in request.POST.getlist("complete") if key]
    if ticked:
        _say_saved(request, complete_rest(actor=standing_in(request), claim_id=claim_id, row_keys=ticked))
    else:
        messages.error(request, _("Nothing was saved: tick the learners whose rest is complete first."))
    return redirect(_page_url(request, "mitigations:checklist", claim_id))


def _say_saved(request: HttpRequest, count: int) -> None:
    messages.success(request, ngettext("%(count)s line saved.", "%(count)s lines saved.", count) % {"count": count})


def _refuse(request: HttpRequest, claim_id: int, message: str, status: int) -> HttpResponse:
    if wants_json(request):
        return JsonResponse({"message": message}, status=status)
    messages.error(request, message)
    return redirect(_page_url(request, "mitigations:checklist", claim_id))


def _page_url(request: HttpRequest, name: str, claim_id: int) -> str:
    number = request.GET.get("page", "")
    return ao_url(request, name, claim_id=claim_id) + (f"?page={number}" if number.isdecimal() else "")


def _show(
    request: HttpRequest, claim: Claim, trouble: Refused, typed: Mapping[tuple[str, str], CellInput]
) -> HttpResponse:
    facts = claim_facts(claim)
    page = learners_page(claim, request.GET.get("page"))
    open_to_fill = can_fill(standing_in(request), claim)
    states = [Choice(state.code, _(state.label)) for state in facts.document.component_states.values()]
    shares = {share.learner.id: share for share in evidence_shares(facts)}
    shown = Grid(
        id=f"{claim.number}-checklist",
        caption=_("State of the evidence for eRAC %(number)s") % {"number": claim.number},
        columns=[Column(str(unit.id), unit.reference, unit.title, states) for unit in facts.units],
        rows=_rows(request, claim, list(page), facts, shares, trouble, typed),
        save_url=_page_url(request, "mitigations:save_checklist", claim.pk),
        page_obj=page,
        read_only=not open_to_fill,
    )
    errors = [(result.message, f"ge-{row}-{column}") for (row, column), result in trouble.items()]
    context = {
        "grid": shown, "page_obj": page, "open_to_fill": open_to_fill, "errors": errors, "has_errors": errors,
        "learners": [row for row in page if shares[row.pk].unsaid], "bar": share_bar(facts, list(shares.values())),
        "live": _live(facts), "save_url": shown.save_url, "template": claim.checklist_template,
    }  # fmt: skip
    return claim_page(request, claim, "checklist.html", context, heading=_("Evidence checklist"))


def _rows(
    request: HttpRequest, claim: Claim, learners: list[ClaimLearner], facts: ClaimFacts,
    shares: dict[int, EvidenceShare], trouble: Refused, typed: Mapping[tuple[str, str], CellInput],
) -> list[Row]:  # fmt: skip
    entries = checklist_entries(claim, learners)
    rows = []
    for learner in learners:
        cells = []
        for unit in facts.units:
            entry = entries.get((learner.pk, unit.id))
            place = (learner.row_key, str(unit.id))
            value, version = (entry.status, entry.version) if entry else ("", 0)
            if (learner.pk, unit.id) in facts.closed:
                cells.append(Cell(place[1], value, locked=True, note=_("counts already")))
                continue
            note = _("out of reach") if entry and not entry.is_reachable else ""
            if place in trouble:
                cells.append(
                    Cell(place[1], typed[place].value, error=trouble[place].message, version=version, was=value)
                )
            else:
                cells.append(Cell(place[1], value, version=version, note=note))
        url = ao_url(request, "mitigations:evidence", claim_id=claim.pk, row_key=learner.row_key)
        hint = _("%(percent)s%% complete") % {"percent": shares[learner.pk].percent}
        rows.append(Row(learner.row_key, learner.registration.learner.full_name, cells, hint=hint, url=url))
    return rows


def share_bar(facts: ClaimFacts, shares: list[EvidenceShare]) -> dict[str, Any]:
    """The bar above the checklist: learners who reach the expected share (CLM-06), or lines that say something."""
    needed = share_needed(facts)
    if needed is None:
        all_lines = len(facts.places)
        return {"done": all_lines - sum(s.unsaid for s in shares), "total": all_lines, "label": _("lines have a state")}
    label = _("learners have at least %(percent)s%% of their evidence complete") % {"percent": round(needed * 100)}
    return {"done": sum(share.share >= needed for share in shares), "total": len(shares), "label": label}


def _percent(share: Fraction | None) -> int | None:
    return None if share is None else math.ceil(share * 100)


def _live(facts: ClaimFacts) -> dict[str, Any]:
    """What checklist.js needs to keep the bar and the shares true while somebody types."""
    needed = share_needed(facts)
    return {
        "counts": {state.code: float(state.counts) for state in facts.document.component_states.values()},
        "needed": None if needed is None else float(needed),
        "share": _("{percent}% complete"),
    }


@allowed(P.CLAIMS_VIEW)
@require_http_methods(["GET", "POST"])
def evidence(request: HttpRequest, claim_id: int, row_key: str) -> HttpResponse:
    """One learner's evidence, unit by unit. Each line is saved as it is changed, or all with one button."""
    claim = claim_or_404(request, claim_id)
    learner = get_object_or_404(claim.learners.select_related("registration__learner"), row_key=row_key)
    facts = claim_facts(claim)
    document, template = facts.document, facts.template
    stored = checklist_entries(claim, [learner])
    own = template_units(claim.checklist_template)
    lines = []
    for unit in claim_units(claim):
        if (learner.pk, unit.pk) in facts.closed:
            continue
        posted = request.POST if f"{unit.pk}-version" in request.POST else None
        form = EvidenceLineForm(
            posted, prefix=str(unit.pk), document=document, entry=stored.get((learner.pk, unit.pk)), template=template,
            expected=template.expected_of(unit.unit_id) if template else (),
        )  # fmt: skip
        form.guidance = own[unit.unit_id].guidance if unit.unit_id in own else ""
        lines.append((unit, form))
    if request.method == "POST":
        return _save_evidence(request, claim, learner, lines, document)
    return _show_evidence(request, claim, learner, lines, facts)


def _show_evidence(
    request: HttpRequest, claim: Claim, learner: ClaimLearner, lines: list[Any], facts: ClaimFacts, status: int = 200
) -> HttpResponse:
    share = next(share for share in evidence_shares(facts) if share.learner.id == learner.pk)
    context = {
        "learner": learner, "lines": lines, "errors": linked_errors(form for _unit, form in lines),
        "percent": share.percent, "short": components_short(facts, share.learner), "needed": _percent(share_needed(facts)),
        "template": claim.checklist_template,
        "open_to_fill": can_fill(standing_in(request), claim), "types": facts.document.evidence_types,
        "has_errors": any(form.errors for _unit, form in lines if form.is_bound),
    }  # fmt: skip
    heading = _("Evidence of %(learner)s") % {"learner": learner.registration.learner.full_name}
    return claim_page(request, claim, "evidence.html", context, heading=heading, status=status)


def _typed(form: EvidenceLineForm) -> list[str]:
    """The words of a line that are not those it was made with."""
    words = [(name, form[name].value()) for name in ("reach_reason", "kept_at", "note")]
    return [str(text) for name, text in words if text and name in form.changed_data]


def _save_evidence(
    request: HttpRequest, claim: Claim, learner: ClaimLearner, lines: list[Any], document: FrameworkDocument
) -> HttpResponse:
    by_script = request.headers.get("X-Requested-With") == "fetch"
    bound = [(unit, form) for unit, form in lines if form.is_bound]
    if all(form.is_valid() for _unit, form in bound):
        inputs = [_line(learner, str(unit.pk), form) for unit, form in bound]
        try:
            results = save_lines(actor=standing_in(request), claim_id=claim.pk, lines=inputs)
        except ClaimLockedError as error:
            if by_script:
                return JsonResponse({"message": str(error)}, status=409)
            tell_unsaved(request, error, [text for _unit, form in bound for text in _typed(form)])
            return redirect(request.get_full_path())
        if by_script:
            return grid_response(results)
        forms = {str(unit.pk): form for unit, form in bound}
        for result in results:
            if result.status != "saved":
                forms[result.column].add_error(None, result.message)
        if all(result.status == "saved" for result in results):
            _say_saved(request, len(results))
            return redirect(request.get_full_path())
    elif by_script:
        faults = [str(message) for _unit, form in bound for found in form.errors.values() for message in found]
        return JsonResponse({"message": " ".join(faults)}, status=400)
    return _show_evidence(request, claim, learner, lines, claim_facts(claim))


def _line(learner: ClaimLearner, column: str, form: EvidenceLineForm) -> LineInput:
    said = form.cleaned_data
    return LineInput(
        learner.row_key, column, status=said["status"], evidence_types=tuple(said["evidence_types"]),
        is_reachable=not said["out_of_reach"], reach_reason=said["reach_reason"] if said["out_of_reach"] else "",
        kept_at=said["kept_at"] if said["out_of_reach"] else "", note=said["note"], version=said["version"],
    )  # fmt: skip
