"""Who may have a Q-TAG: the list with what would change each answer, and one thing said of many learners at once."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_POST

from awarding.accounts.audience import allowed
from awarding.accounts.requests import ao_url, standing_in
from awarding.accounts.roles import Permission as P
from qtag.forms.learner import GoingForm
from qtag.models import Submission
from qtag.queries.eligibility import eligibility_answers
from qtag.queries.facts import learner_facts, submission_facts
from qtag.queries.submissions import LEARNERS_PER_PAGE, judgement_rows, may_judge
from qtag.queries.visibility import visible_judgements
from qtag.rules.eligibility import Answer, answer_of, learner_findings, submission_findings
from qtag.services.recording import save_going_many
from qtag.views.frame import submission_or_404, submission_page

ANSWERS = {
    Answer.YES: (gettext_lazy("Yes"), "green"),
    Answer.NOT_YET: (gettext_lazy("Not yet"), "yellow"),
    Answer.NO: (gettext_lazy("No"), "red"),
}


@allowed(P.QTAGS_VIEW)
@require_GET
def eligibility(request: HttpRequest, submission_id: int) -> HttpResponse:
    """For every learner, or those with one answer: yes, no or not yet, why, what would change it (QTG-01 to -06, -20)."""
    found = submission_or_404(request, submission_id)
    return _show(request, found, GoingForm(), request.GET)


@allowed(P.QTAGS_JUDGE)
@require_POST
def say_many(request: HttpRequest, submission_id: int) -> HttpResponse:
    """Whether the ticked learners finish this summer, said at once (QTG-02); who changed meanwhile is named."""
    found, standing = submission_or_404(request, submission_id), standing_in(request)
    standing.require(P.QTAGS_JUDGE, found.centre_id)
    offered = "shown" if "everybody" in request.POST else "learner"
    pairs = [value.partition("-")[::2] for value in request.POST.getlist(offered)]
    versions = {int(pk): int(version) for pk, version in pairs if pk.isdecimal() and version.isdecimal()}
    form = GoingForm(request.POST, is_any_ticked=bool(versions))
    if not form.is_valid():
        return _show(request, found, form, request.POST, ticked=list(versions))
    done, refused = save_going_many(actor=standing, submission=found, versions=versions, **form.said)
    if done:
        words = ngettext("Recorded for %(n)d learner.", "Recorded for %(n)d learners.", done)
        messages.success(request, words % {"n": done})
    if refused:
        return _show(request, found, form, request.POST, ticked=list(refused), refused=refused, status=409)
    kept = {name: request.POST[name] for name in ("answer", "page") if request.POST.get(name)}
    where = ao_url(request, "qtag:eligibility", submission_id=found.pk)
    return redirect(where + "".join(f"{'&' if n else '?'}{name}={kept[name]}" for n, name in enumerate(kept)))


def _show(
    request: HttpRequest, found: Submission, form: GoingForm, asked: Any, *, ticked: list[int] | None = None,
    refused: dict[int, str] | None = None, status: int = 200,
) -> HttpResponse:  # fmt: skip
    standing, refused = standing_in(request), refused or {}
    answers = eligibility_answers([found], visible_judgements(standing))
    chosen = asked.get("answer", "") if asked.get("answer") in set(Answer) else ""
    shown = judgement_rows(standing, found)
    if chosen:
        shown = shown.filter(pk__in=[pk for pk, answer in answers.items() if answer == chosen])
    page = Paginator(shown, LEARNERS_PER_PAGE).get_page(asked.get("page"))
    about, facts = submission_facts(found), learner_facts(page)
    whole = submission_findings(about)
    rows: list[dict[str, Any]] = []
    for row in page:
        own = learner_findings(about, facts[row.pk])
        label, colour = ANSWERS[answer_of([*whole, *own])]
        rows.append(
            {
                "judgement": row, "label": label, "colour": colour, "findings": own,
                "may_tick": row.state == "open", "is_ticked": row.pk in (ticked or []),
                "refused": refused.get(row.pk, ""),
            }
        )  # fmt: skip
    counts = list(answers.values())
    context = {
        "rows": rows, "whole": whole, "page_obj": page, "form": form, "chosen": chosen, "total": len(counts),
        "answers": [(str(answer), label, counts.count(answer)) for answer, (label, _colour) in ANSWERS.items()],
        "tickable": sum(row["may_tick"] for row in rows), "may_say": may_judge(standing, found),
        "has_errors": bool(form.errors or refused), "refused_count": len(refused),
    }  # fmt: skip
    return submission_page(
        request, found, "eligibility.html", context, heading=_("Who may have a Q-TAG"), status=status
    )
