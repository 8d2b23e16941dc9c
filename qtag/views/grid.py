"""The grades of a submission as a grid: one row a learner, saved as typed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from awarding.accounts.audience import allowed
from awarding.accounts.requests import ao_url, standing_in
from awarding.accounts.roles import Permission as P
from awarding.catalogue.models import Grade
from awarding.ui.addresses import addresses
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
from qtag.models import Submission
from qtag.queries.submissions import EvidenceCount, evidence_counts, grid_page, may_judge, scale_grades
from qtag.services.grades import GRADE_COLUMN, save_grades
from qtag.views.frame import submission_or_404, submission_page
from qtag.workflow import JUDGEMENT

Trouble = Mapping[tuple[str, str], CellResult]


@allowed(P.QTAGS_VIEW)
@require_GET
def grid(request: HttpRequest, submission_id: int) -> HttpResponse:
    """Up to five hundred learners a page with their grade, what evidence there is and where it stands."""
    return _show(request, submission_or_404(request, submission_id), {}, {})


@allowed(P.QTAGS_JUDGE)
@require_POST
def save_grid(request: HttpRequest, submission_id: int) -> HttpResponse:
    """Saves one grade, a pasted block, or (without JavaScript) the whole page."""
    standing = standing_in(request)
    try:
        entries = read_cells(request.POST)
    except GridInputError as error:
        submission_or_404(request, submission_id)
        if wants_json(request):
            return JsonResponse({"message": str(error)}, status=400)
        messages.error(request, str(error))
        return redirect(_page_url(request, "qtag:grid", submission_id))
    try:
        results = save_grades(actor=standing, submission=Submission(pk=submission_id), cells=entries)
    except Submission.DoesNotExist:
        raise Http404 from None
    if wants_json(request):
        return grid_response(results)
    trouble = {(result.row, result.column): result for result in results if result.status != "saved"}
    if trouble:
        return _show(
            request,
            submission_or_404(request, submission_id),
            trouble,
            {(entry.row, entry.column): entry for entry in entries},
        )
    count = len(results)
    messages.success(request, ngettext("%(n)d grade saved.", "%(n)d grades saved.", count) % {"n": count})
    return redirect(_page_url(request, "qtag:grid", submission_id))


def _page_url(request: HttpRequest, name: str, submission_id: int) -> str:
    number = request.GET.get("page", "")
    return ao_url(request, name, submission_id=submission_id) + (f"?page={number}" if number.isdecimal() else "")


def _show(
    request: HttpRequest, found: Submission, trouble: Trouble, typed: Mapping[tuple[str, str], CellInput]
) -> HttpResponse:
    standing = standing_in(request)
    page = grid_page(standing, found, request.GET.get("page"))
    grades = scale_grades(found.qualification.scale_id)
    columns = [
        Column(GRADE_COLUMN, _("Grade"), choices=[Choice(grade.code, grade.label) for grade in grades]),
        Column("evidence", _("Evidence")),
        Column("state", _("Where it stands")),
    ]
    evidence = _evidence_cells(evidence_counts(found), grades)
    learner_url = addresses("qtag:learner", "judgement_id", ao=standing.ao.slug)
    shown = Grid(
        id=f"qtag-{found.pk}",
        caption=_("Grades of %(qualification)s") % {"qualification": found.qualification},
        columns=columns,
        rows=_rows(page, trouble, typed, learner_url, evidence),
        save_url=_page_url(request, "qtag:save_grid", found.pk),
        page_obj=page,
        read_only=not may_judge(standing, found),
    )
    errors = [(result.message, f"ge-{row}-{column}") for (row, column), result in trouble.items()]
    context = {
        "grid": shown, "grades": grades, "errors": errors, "has_errors": bool(errors), "page_obj": page,
        "has_scale": bool(grades), "may_judge": not shown.read_only,
    }  # fmt: skip
    return submission_page(request, found, "grid.html", context, heading=_("Grades"))


def _rows(
    page: Iterable[Any],
    trouble: Trouble,
    typed: Mapping[tuple[str, str], CellInput],
    learner_url: Callable[[object], str],
    evidence: Mapping[int, Cell],
) -> list[Row]:
    none = Cell("evidence", _("None"), locked=True)
    uln = _("ULN %(uln)s")
    # One cell for each state, shared by all rows that stand there.
    states = {state.name: Cell("state", str(state.label), locked=True) for state in JUDGEMENT.states}
    return [
        Row(
            row.row_key, f"{row.registration__learner__given_names} {row.registration__learner__family_name}",
            [_grade_cell(row, trouble, typed), evidence.get(row.pk, none), states[row.state]],
            hint=uln % {"uln": row.registration__learner__uln}, url=learner_url(row.pk),
        )
        for row in page
    ]  # fmt: skip


def _evidence_cells(counted: Mapping[int, EvidenceCount], grades: Iterable[Grade]) -> dict[int, Cell]:
    """What counts for each learner and the best grade that it shows; one cell for each wording, shared by all its rows."""
    codes = {grade.rank: grade.code for grade in grades}
    cells: dict[EvidenceCount, Cell] = {}
    for found in set(counted.values()):
        words = ngettext("%(n)d piece", "%(n)d pieces", found.pieces) % {"n": found.pieces}
        if found.rank in codes:
            words = _("%(pieces)s, up to %(grade)s") % {"pieces": words, "grade": codes[found.rank]}
        cells[found] = Cell("evidence", words, locked=True)
    return {pk: cells[found] for pk, found in counted.items()}


def _grade_cell(row: Any, trouble: Trouble, typed: Mapping[tuple[str, str], CellInput]) -> Cell:
    stored, place = row.grade__code or "", (row.row_key, GRADE_COLUMN)
    if place in trouble:
        return Cell(
            GRADE_COLUMN, typed[place].value, error=trouble[place].message, version=row.grade_version, was=stored
        )
    if row.state != "open":
        return Cell(GRADE_COLUMN, stored, locked=True)
    return Cell(GRADE_COLUMN, stored, version=row.grade_version)
