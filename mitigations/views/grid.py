"""The eRAC as a grid in the browser."""

from __future__ import annotations

from collections.abc import Mapping

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from awarding.accounts.audience import allowed
from awarding.accounts.roles import Permission as P
from awarding.ui.grid import Cell, CellInput, CellResult, Choice, Column, Grid, GridInputError, Row, grid_response

from awarding.ui.grid import read_cells, wants_json  # isort: skip
from awarding.accounts.requests import ao_url, standing_in
from mitigations.models import Claim, ClaimUnit
from mitigations.queries.claims import can_fill
from mitigations.queries.grid import GridPage, grid_page
from mitigations.services.grid import ClaimLockedError, save_cells
from mitigations.views.frame import claim_or_404, claim_page

Refused = Mapping[tuple[str, str], CellResult]


@allowed(P.CLAIMS_VIEW)
@require_GET
def grid(request: HttpRequest, claim_id: int) -> HttpResponse:
    """Fifty learners down, all units across; read-only while the claim is not the person's to fill."""
    return _show(request, claim_or_404(request, claim_id), {}, {})


@allowed(P.CLAIMS_FILL)
@require_POST
def save_grid(request: HttpRequest, claim_id: int) -> HttpResponse:
    """Saves one cell, a pasted block, or (without JavaScript) the whole page."""
    try:
        entries = read_cells(request.POST)
        results = save_cells(actor=standing_in(request), claim_id=claim_id, cells=entries)
    except GridInputError as error:
        return _refuse(request, claim_id, str(error), 400)
    except ClaimLockedError as error:
        return _refuse(request, claim_id, str(error), 409)
    except Claim.DoesNotExist as error:
        raise Http404 from error
    if wants_json(request):
        return grid_response(results)
    trouble = {(result.row, result.column): result for result in results if result.status != "saved"}
    saved = len(results) - len(trouble)
    if trouble:
        typed = {(entry.row, entry.column): entry for entry in entries}
        return _show(request, claim_or_404(request, claim_id), trouble, typed)
    messages.success(request, ngettext("%(count)s cell saved.", "%(count)s cells saved.", saved) % {"count": saved})
    return redirect(_page_url(request, "mitigations:grid", claim_id))


def _refuse(request: HttpRequest, claim_id: int, message: str, status: int) -> HttpResponse:
    if wants_json(request):
        return JsonResponse({"message": message}, status=status)
    messages.error(request, message)
    return redirect(_page_url(request, "mitigations:grid", claim_id))


def _page_url(request: HttpRequest, name: str, claim_id: int) -> str:
    number = request.GET.get("page", "")
    return ao_url(request, name, claim_id=claim_id) + (f"?page={number}" if number.isdecimal() else "")


def _show(
    request: HttpRequest, claim: Claim, trouble: Refused, typed: Mapping[tuple[str, str], CellInput]
) -> HttpResponse:
    found = grid_page(claim, request.GET.get("page"))
    open_to_fill = can_fill(standing_in(request), claim)
    shown = Grid(
        id=claim.number,
        caption=_("What is claimed on eRAC %(number)s") % {"number": claim.number},
        columns=_columns(found),
        rows=_rows(found, trouble, typed),
        save_url=_page_url(request, "mitigations:save_grid", claim.pk),
        page_obj=found.page,
        read_only=not open_to_fill,
    )
    errors = [
        (result.message, f"ge-{row}-{column}") for (row, column), result in trouble.items()
    ]  # fmt: skip
    context = {
        "grid": shown, "open_to_fill": open_to_fill, "grades": found.grades, "errors": errors, "has_errors": errors,
        "page_obj": found.page,
    }  # fmt: skip
    return claim_page(request, claim, "grid.html", context, heading=_("Fill in the eRAC"))


def _columns(found: GridPage) -> list[Column]:
    choices = [Choice(grade.code, grade.label) for grade in found.grades]
    return [Column(str(unit.pk), unit.unit.reference, _hint(unit), choices) for unit in found.units]


def _hint(unit: ClaimUnit) -> str:
    """The unit's title; of one that comes after the disrupted months also that (MIT-15)."""
    return _("%(title)s (assessed later, as usual)") % {"title": unit.unit.title} if unit.is_later else unit.unit.title


def _rows(found: GridPage, trouble: Refused, typed: Mapping[tuple[str, str], CellInput]) -> list[Row]:
    rows = []
    for learner in found.page:
        cells = []
        for unit in found.units:
            stored = found.cells.get((learner.pk, unit.pk))
            place = (learner.row_key, str(unit.pk))
            value, version = (stored.value, stored.version) if stored else ("", 0)
            if (learner.pk, unit.pk) in found.closed:
                brought = found.brought.get((learner.pk, unit.pk))
                note = brought.short_kind if brought else _("accepted before")
                cells.append(Cell(place[1], brought.grade if brought else value, locked=True, note=note))
                continue
            reason = found.returned.get((learner.pk, unit.pk), "")
            note = _("returned: %(why)s") % {"why": reason} if reason else ""
            if place in trouble:
                error = trouble[place].message
                cells.append(Cell(place[1], typed[place].value, note=note, error=error, version=version, was=value))
            else:
                cells.append(Cell(place[1], value, note=note, version=version))
        person = learner.registration.learner
        rows.append(Row(learner.row_key, person.full_name, cells, hint=_("ULN %(uln)s") % {"uln": person.uln}))
    return rows
