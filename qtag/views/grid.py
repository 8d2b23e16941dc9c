"""The grades of a submission as a grid: one row a learner, saved as typed."""

from __future__ import annotations

from collections.abc import Mapping

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from awarding.accounts.audience import allowed
from awarding.accounts.requests import ao_url, standing_in
from awarding.accounts.roles import Permission as P
from awarding.catalogue.models import Grade
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
from qtag.models import Judgement, Submission
from qtag.queries.submissions import learners_page, may_judge
from qtag.services.grades import GRADE_COLUMN, save_grades
from qtag.views.frame import submission_or_404, submission_page
from qtag.workflow import JUDGEMENT

Trouble = Mapping[tuple[str, str], CellResult]


@allowed(P.QTAGS_VIEW)
@require_GET
def grid(request: HttpRequest, submission_id: int) -> HttpResponse:
    """Fifty learners a page with their grade and where it stands."""
    return _show(request, submission_or_404(request, submission_id), {}, {})


@allowed(P.QTAGS_JUDGE)
@require_POST
def save_grid(request: HttpRequest, submission_id: int) -> HttpResponse:
    """Saves one grade, a pasted block, or (without JavaScript) the whole page."""
    found = submission_or_404(request, submission_id)
    try:
        entries = read_cells(request.POST)
    except GridInputError as error:
        if wants_json(request):
            return JsonResponse({"message": str(error)}, status=400)
        messages.error(request, str(error))
        return redirect(_page_url(request, "qtag:grid", found))
    results = save_grades(actor=standing_in(request), submission=found, cells=entries)
    if wants_json(request):
        return grid_response(results)
    trouble = {(result.row, result.column): result for result in results if result.status != "saved"}
    if trouble:
        return _show(request, found, trouble, {(entry.row, entry.column): entry for entry in entries})
    count = len(results)
    messages.success(request, ngettext("%(n)d grade saved.", "%(n)d grades saved.", count) % {"n": count})
    return redirect(_page_url(request, "qtag:grid", found))


def _page_url(request: HttpRequest, name: str, found: Submission) -> str:
    number = request.GET.get("page", "")
    return ao_url(request, name, submission_id=found.pk) + (f"?page={number}" if number.isdecimal() else "")


def _show(
    request: HttpRequest, found: Submission, trouble: Trouble, typed: Mapping[tuple[str, str], CellInput]
) -> HttpResponse:
    page = learners_page(standing_in(request), found, request.GET.get("page"))
    grades = list(Grade.objects.filter(scale_id=found.qualification.scale_id).order_by("rank"))
    columns = [
        Column(GRADE_COLUMN, _("Grade"), choices=[Choice(grade.code, grade.label) for grade in grades]),
        Column("state", _("Where it stands")),
    ]
    shown = Grid(
        id=f"qtag-{found.pk}",
        caption=_("Grades of %(qualification)s") % {"qualification": found.qualification},
        columns=columns,
        rows=[_row(request, row, trouble, typed) for row in page],
        save_url=_page_url(request, "qtag:save_grid", found),
        page_obj=page,
        read_only=not may_judge(standing_in(request), found),
    )
    errors = [(result.message, f"ge-{row}-{column}") for (row, column), result in trouble.items()]
    context = {
        "grid": shown, "grades": grades, "errors": errors, "has_errors": bool(errors), "page_obj": page,
        "has_scale": bool(grades),
    }  # fmt: skip
    return submission_page(request, found, "grid.html", context, heading=_("Grades"))


def _row(request: HttpRequest, row: Judgement, trouble: Trouble, typed: Mapping[tuple[str, str], CellInput]) -> Row:
    place, stored = (row.row_key, GRADE_COLUMN), row.grade.code if row.grade else ""
    if place in trouble:
        cell = Cell(
            GRADE_COLUMN, typed[place].value, error=trouble[place].message, version=row.grade_version, was=stored
        )
    elif row.state != "open":
        cell = Cell(GRADE_COLUMN, stored, locked=True)
    else:
        cell = Cell(GRADE_COLUMN, stored, version=row.grade_version)
    state = Cell("state", str(JUDGEMENT.state(row.state).label), locked=True)
    learner = row.registration.learner
    return Row(
        row.row_key, learner.full_name, [cell, state], hint=_("ULN %(uln)s") % {"uln": learner.uln},
        url=ao_url(request, "qtag:learner", judgement_id=row.pk),
    )  # fmt: skip
