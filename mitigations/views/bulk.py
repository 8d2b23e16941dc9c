"""One answer for many lines of a checklist: what it would do, giving it, taking it back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from awarding.accounts.audience import allowed
from awarding.accounts.requests import ao_url, standing_in
from awarding.accounts.roles import Permission as P
from awarding.frameworks.queries import adopted_document
from mitigations.forms.bulk import BulkAnswerForm
from mitigations.models import BulkAnswer, Claim
from mitigations.queries.bulk import BulkLine, BulkPlan, bulk_answers, line_in_words, overwritten_lines, plan_bulk
from mitigations.queries.claims import can_fill
from mitigations.queries.grid import claim_learners, claim_units
from mitigations.queries.templates import template_facts
from mitigations.services.bulk import BulkRefusedError, ChangedMeanwhileError, give_bulk_answer, undo_bulk_answer
from mitigations.services.grid import ClaimLockedError
from mitigations.views.frame import claim_or_404, claim_page

MOST_SHOWN = 500
ANSWERS_SHOWN = 20


@allowed(P.CLAIMS_FILL)
@require_http_methods(["GET", "POST"])
def bulk(request: HttpRequest, claim_id: int) -> HttpResponse:
    """One answer for many lines. First it is shown which individual answers it meets; these stay unless ticked."""
    claim = claim_or_404(request, claim_id)
    form = _form(request, claim)
    if request.method != "POST" or not form.is_valid():
        return _show(request, claim, form, None)
    plan = plan_bulk(claim, form.asked())
    if request.POST.get("step") != "apply":
        return _show(request, claim, form, plan)
    choice = request.POST.get("overwrite", "none")
    try:
        answer = give_bulk_answer(
            actor=standing_in(request), claim_id=claim.pk, asked=form.asked(),
            overwrite=request.POST.getlist("line") if choice == "some" else (),
            all_shown=request.POST.get("shown", "-") if choice == "all" else "",
        )  # fmt: skip
    except ChangedMeanwhileError as error:
        form.add_error(None, str(error))
        return _show(request, claim, form, plan_bulk(claim, form.asked()), status=409)
    except (BulkRefusedError, ClaimLockedError) as error:
        form.add_error(None, str(error))
        return _show(request, claim, form, None)
    except Claim.DoesNotExist as error:
        raise Http404 from error
    if answer is None:
        messages.info(request, _("Nothing was changed: every line says this already, or was left as it is."))
        return redirect(ao_url(request, "mitigations:checklist", claim_id=claim.pk))
    return redirect(ao_url(request, "mitigations:bulk_answer", claim_id=claim.pk, bulk_id=answer.pk))


@allowed(P.CLAIMS_FILL)
@require_http_methods(["GET", "POST"])
def bulk_answer(request: HttpRequest, claim_id: int, bulk_id: int) -> HttpResponse:
    """What one answer changed, what it overwrote, and the button that puts it back."""
    claim = claim_or_404(request, claim_id)
    answer = get_object_or_404(bulk_answers(claim), pk=bulk_id)
    if request.method == "POST":
        try:
            back, left = undo_bulk_answer(actor=standing_in(request), answer=answer)
        except ClaimLockedError as error:
            messages.error(request, str(error))
        except Claim.DoesNotExist as error:
            raise Http404 from error
        else:
            _say_undone(request, back, left)
        return redirect(request.path)
    document = adopted_document(claim.adoption)
    rows = overwritten_lines(claim, answer, MOST_SHOWN)
    context = {
        "answer": answer, "lines": len(answer.lines), "said": line_in_words(document, answer.said),
        "rows": [(learner, unit, line_in_words(document, before)) for learner, unit, before in rows],
        "more": max(answer.overwritten - len(rows), 0),
        "may_undo": answer.undone_at is None and can_fill(standing_in(request), claim),
    }  # fmt: skip
    return claim_page(request, claim, "bulk_answer.html", context, heading=_("One answer for many lines"))


def _say_undone(request: HttpRequest, back: int, left: int) -> None:
    words = ngettext("%(count)s line was put back.", "%(count)s lines were put back.", back)
    messages.success(request, words % {"count": back})
    if left:
        kept = ngettext(
            "%(count)s line was changed since and stays as it is.",
            "%(count)s lines were changed since and stay as they are.",
            left,
        )
        messages.info(request, kept % {"count": left})


def _form(request: HttpRequest, claim: Claim) -> BulkAnswerForm:
    return BulkAnswerForm(
        request.POST if request.method == "POST" else None, document=adopted_document(claim.adoption),
        template=template_facts(claim.checklist_template), units=claim_units(claim), learners=claim_learners(claim),
    )  # fmt: skip


def _show(
    request: HttpRequest, claim: Claim, form: BulkAnswerForm, plan: BulkPlan | None, status: int = 200
) -> HttpResponse:
    ticked = set(request.POST.getlist("line"))
    context: dict[str, Any] = {
        "form": form, "plan": plan, "open_to_fill": can_fill(standing_in(request), claim),
        "answers": [_answer_row(request, claim, answer) for answer in bulk_answers(claim)[:ANSWERS_SHOWN]],
    }  # fmt: skip
    if plan is not None:
        document = adopted_document(claim.adoption)
        context |= {
            "said": line_in_words(document, form.asked().said),
            "meets": [
                (_line_row(line), line_in_words(document, line.before), line.key in ticked)
                for line in plan.meets[:MOST_SHOWN]
            ],
            "more": max(len(plan.meets) - MOST_SHOWN, 0),
            "overwrite": request.POST.get("overwrite", "none"),
        }  # fmt: skip
    heading = _("One answer for many lines")
    return claim_page(request, claim, "bulk.html", context, heading=heading, status=status)


def _line_row(line: BulkLine) -> dict[str, str]:
    return {"key": line.key, "learner": line.learner.registration.learner.full_name, "unit": str(line.unit.unit)}


def _answer_row(request: HttpRequest, claim: Claim, answer: BulkAnswer) -> dict[str, Any]:
    url = ao_url(request, "mitigations:bulk_answer", claim_id=claim.pk, bulk_id=answer.pk)
    return {"answer": answer, "lines": len(answer.lines), "url": url}
