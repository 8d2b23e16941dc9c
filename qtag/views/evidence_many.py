"""One piece of work recorded as evidence for many learners of a submission (QTG-06, QTG-07)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
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
from qtag.forms.evidence_many import EVERYBODY, EvidenceManyForm
from qtag.models import Submission
from qtag.queries.submissions import scale_grades
from qtag.queries.told import cohorts_of, told_list, told_rows, words_of
from qtag.services.recording import record_evidence_many
from qtag.views.frame import submission_or_404, submission_page

LEARNERS_PER_PAGE = 100
# What a box beside a learner is called in the form: the grade that this learner's work shows.
BOX = "shows-"


@allowed(P.QTAGS_JUDGE)
@require_http_methods(["GET", "POST"])
def evidence_many(request: HttpRequest, submission_id: int) -> HttpResponse:
    """The piece above, the learners below: tick whose it is, and choose the grade that each one's shows."""
    found, standing = submission_or_404(request, submission_id), standing_in(request)
    standing.require(P.QTAGS_JUDGE, found.centre_id)
    types = adopted_document(found.adoption).evidence_types
    if request.method != "POST":
        return _show(request, found, EvidenceManyForm(types=types.values()))
    grades = {grade.code: grade for grade in scale_grades(found.qualification.scale_id)}
    chosen = {
        int(name.removeprefix(BOX)): str(code)
        for name, code in request.POST.items()
        if name.startswith(BOX) and name.removeprefix(BOX).isdecimal() and code
    }
    ticked = _numbers(request, "learner")
    unknown = sorted(set(chosen.values()) - set(grades))
    form = EvidenceManyForm(
        request.POST, types=types.values(), ticked=ticked, with_grade=list(chosen), unknown_grades=unknown
    )
    if not form.is_valid():
        return _show(request, found, form, ticked=ticked, chosen=chosen)
    said = dict(form.cleaned_data)
    whose = _numbers(request, "shown") if said.pop("whom") == EVERYBODY else ticked
    shows = {pk: grades.get(chosen.get(pk, "")) for pk in whose}
    done, refused = record_evidence_many(actor=standing, submission=found, shows=shows, **said)
    words = ngettext("Recorded for %(n)d learner.", "Recorded for %(n)d learners.", done)
    if done:
        messages.success(request, words % {"n": done})
    if refused:
        return _show(request, found, EvidenceManyForm(types=types.values()), refused=refused, status=409)
    return redirect(request.get_full_path())


def _numbers(request: HttpRequest, name: str) -> list[int]:
    return [int(pk) for pk in request.POST.getlist(name) if pk.isdecimal()]


def _show(
    request: HttpRequest, found: Submission, form: EvidenceManyForm, *, ticked: Collection[int] = (),
    chosen: Mapping[int, str] | None = None, refused: Mapping[int, str] | None = None, status: int = 200,
) -> HttpResponse:  # fmt: skip
    standing, asked = standing_in(request), request.GET.get("cohort", "")
    cohort_id = int(asked) if asked.isdecimal() else None
    page = Paginator(told_list(standing, found, cohort_id), LEARNERS_PER_PAGE).get_page(request.GET.get("page"))
    labels = {code: kind.label for code, kind in adopted_document(found.adoption).evidence_types.items()}
    rows: list[dict[str, Any]] = [
        {
            "judgement": row.judgement, "may_tick": row.judgement.state == "open",
            "is_ticked": row.judgement.pk in ticked, "refused": (refused or {}).get(row.judgement.pk, ""),
            "chosen": (chosen or {}).get(row.judgement.pk, ""), "box": f"{BOX}{row.judgement.pk}",
            "pieces": [words_of(piece, labels) for piece, _heard in row.pieces],
        }
        for row in told_rows(page)
    ]  # fmt: skip
    context = {
        "form": form, "rows": rows, "page_obj": page, "cohorts": cohorts_of(standing, found), "cohort_id": cohort_id,
        "grades": scale_grades(found.qualification.scale_id), "refused_count": len(refused or {}),
        "has_errors": bool(refused or form.errors),
    }  # fmt: skip
    heading = _("Evidence of many learners")
    return submission_page(request, found, "evidence_many.html", context, heading=heading, status=status)
