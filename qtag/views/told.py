"""That learners were told which evidence is used, for a whole cohort at once (QTG-21)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from awarding.accounts.audience import allowed
from awarding.accounts.requests import standing_in
from awarding.accounts.roles import Permission as P
from awarding.frameworks.queries import adopted_document
from qtag.forms.told import EVERYBODY, ToldManyForm
from qtag.models import Submission
from qtag.queries.told import ToldRow, cohorts_of, not_told_yet, told_list, told_rows, words_of
from qtag.services.recording import record_told_many
from qtag.views.frame import submission_or_404, submission_page

LEARNERS_PER_PAGE = 100


@allowed(P.QTAGS_JUDGE)
@require_http_methods(["GET", "POST"])
def told(request: HttpRequest, submission_id: int) -> HttpResponse:
    """Every learner with the evidence that counts and when they were told; one day for many of them."""
    found, standing = submission_or_404(request, submission_id), standing_in(request)
    standing.require(P.QTAGS_JUDGE, found.centre_id)
    if request.method != "POST":
        return _show(request, found, ToldManyForm())
    ticked = [int(pk) for pk in request.POST.getlist("learner") if pk.isdecimal()]
    form = ToldManyForm(request.POST, is_any_ticked=bool(ticked))
    if not form.is_valid():
        return _show(request, found, form, ticked=ticked)
    everybody = form.cleaned_data["whom"] == EVERYBODY
    ids = not_told_yet(standing, found, _cohort(request)) if everybody else ticked
    done, refused = record_told_many(
        actor=standing, submission=found, judgement_ids=ids, told_on=form.cleaned_data["told_on"]
    )
    words = ngettext("Recorded for %(n)d learner.", "Recorded for %(n)d learners.", done)
    messages.success(request, words % {"n": done})
    if refused:
        return _show(request, found, ToldManyForm(), refused=refused, status=409)
    return redirect(request.get_full_path())


def _cohort(request: HttpRequest) -> int | None:
    chosen = request.GET.get("cohort", "")
    return int(chosen) if chosen.isdecimal() else None


def _show(
    request: HttpRequest, found: Submission, form: ToldManyForm, *, ticked: list[int] | None = None,
    refused: dict[int, str] | None = None, status: int = 200,
) -> HttpResponse:  # fmt: skip
    standing, cohort_id = standing_in(request), _cohort(request)
    page = Paginator(told_list(standing, found, cohort_id), LEARNERS_PER_PAGE).get_page(request.GET.get("page"))
    types = {code: row.label for code, row in adopted_document(found.adoption).evidence_types.items()}
    rows = [_row(row, types, ticked or [], refused or {}) for row in told_rows(page)]
    context = {
        "form": form, "rows": rows, "page_obj": page, "cohorts": cohorts_of(standing, found), "cohort_id": cohort_id,
        "refused_count": len(refused or {}), "has_errors": bool(refused or form.errors),
    }  # fmt: skip
    return submission_page(request, found, "told.html", context, heading=_("What learners were told"), status=status)


def _row(row: ToldRow, types: dict[str, str], ticked: list[int], refused: dict[int, str]) -> dict[str, Any]:
    pk = row.judgement.pk
    return {
        "judgement": row.judgement, "may_tick": row.judgement.state == "open",
        "is_ticked": pk in ticked, "refused": refused.get(pk, ""), "is_told_all": row.is_told_all and bool(row.pieces),
        "pieces": [(words_of(piece, types), heard) for piece, heard in row.pieces],
    }  # fmt: skip
