"""Appeals: the list, lodging one, one with its stages, answering it, its files and its bundle."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models.functions import Coalesce
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from awarding.accounts.audience import allowed
from awarding.accounts.requests import PortalRequest, ao_url
from awarding.accounts.roles import Permission as P
from awarding.files.content import UnacceptableFileError
from awarding.files.serving import serve_file
from awarding.findings.finding import Finding
from awarding.ui.forms import PortalForm
from awarding.ui.unsaved import tell_unsaved, texts_of
from awarding.workflow.queries import turn
from awarding.workflow.services import GuardedError, StalePageError, TransitionError
from mitigations.forms.claims import ReasonForm
from mitigations.forms.objections import AcceptForm, AnswerAppealForm, AppealFileForm, GroundsForm, NextStageForm
from mitigations.models import Appeal, AppealFile
from mitigations.queries.appeals import (
    appeal_history,
    decision_to_appeal,
    rounds_of,
    stage_after,
    stages_in_order,
    visible_appeals,
    way_to_appeal,
)
from mitigations.references import ask_url
from mitigations.services import appeals as service
from mitigations.services.bundles import ask_for_bundle
from mitigations.workflow import APPEAL
from mitigations.workflow_objections import NO_PART

PER_PAGE = 50
SEEN_BY = (P.APPEALS_LODGE, P.APPEALS_DECIDE, P.AO_OVERVIEW)


@allowed(*SEEN_BY)
@require_safe
def appeals(request: PortalRequest) -> HttpResponse:
    """Appeals under way, what is due first; `?show=all` the ended ones too."""
    rows = visible_appeals(request.standing)
    shows_all = request.GET.get("show") == "all"
    if not shows_all:
        rows = rows.exclude(state__in=[state.name for state in APPEAL.states if state.is_final])
    page = Paginator(rows.order_by(Coalesce("due_on", "next_lodge_by"), "-id"), PER_PAGE).get_page(
        request.GET.get("page")
    )
    context = {
        "heading": _("Appeals"),
        "page_obj": page,
        "rows": [(row, APPEAL.state(row.state)) for row in page],
        "shows_all": shows_all,
        "can_set": request.standing.can(P.AO_SETTINGS),
        "can_lodge": request.standing.can(P.APPEALS_LODGE),
    }
    return render(request, "mitigations/appeals.html", context)


@allowed(P.APPEALS_LODGE)
@require_http_methods(["GET", "POST"])
def lodge(request: PortalRequest, decision_id: int) -> HttpResponse:
    """Lodges an appeal against one released decision; says until when, and what to do when that has passed (CLM-15)."""
    decision = decision_to_appeal(request.standing, decision_id)
    if decision is None:
        raise Http404(_("There is no such decision."))
    way = way_to_appeal(decision)
    findings = list(way.findings)
    form = GroundsForm(request.POST or None, request.FILES or None) if not findings else None
    if request.method == "POST" and form is not None and form.is_valid():
        try:
            made = service.lodge_appeal(actor=request.standing, decision=decision, grounds=form.cleaned_data["grounds"])
        except GuardedError as error:
            findings = error.findings
        except TransitionError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Appeal %(number)s is lodged.") % {"number": made.number})
            _keep_file(request, made, form)
            return redirect("mitigations:appeal", ao=request.ao.slug, appeal_id=made.pk)
    claim = decision.claim
    context = {
        "heading": _("Appeal against a decision on %(number)s") % {"number": claim.number},
        "breadcrumbs": [(claim.number, ao_url(request, "mitigations:claim", claim_id=claim.pk))],
        "decision": decision,
        "claim": claim,
        "way": way,
        "stages": stages_in_order(),
        "findings": findings,
        "form": form if not findings else None,
        "ask_url": ask_url(request.standing, claim, _("Appeal")) if findings else "",
    }
    return render(request, "mitigations/lodge_appeal.html", context)


def _keep_file(request: PortalRequest, appeal: Appeal, form: PortalForm) -> None:
    """The file that came with the grounds; one that cannot be kept does not undo the appeal."""
    upload = form.cleaned_data.get("file")
    if upload is None:
        return
    try:
        service.add_appeal_file(
            actor=request.standing, appeal=appeal, handle=upload.file, name=upload.name, size=upload.size
        )
    except (UnacceptableFileError, TransitionError) as error:
        messages.error(
            request,
            _("The file was not kept: %(why)s What you wrote is sent; add another file below.") % {"why": error},
        )


@allowed(*SEEN_BY)
@require_safe
def appeal(request: PortalRequest, appeal_id: int) -> HttpResponse:
    """One appeal: the decision, each stage with grounds and answer, whose turn, what next and by when."""
    return _page(request, _find(request, appeal_id))


@allowed(P.APPEALS_DECIDE)
@require_POST
def answer(request: PortalRequest, appeal_id: int) -> HttpResponse:
    """Answers the appeal at its stage."""
    form = AnswerAppealForm(request.POST)
    return _try(request, appeal_id, "answer_form", form, service.answer_appeal, _("The answer is sent."))


@allowed(P.APPEALS_LODGE)
@require_POST
def go_on(request: PortalRequest, appeal_id: int) -> HttpResponse:
    """Takes the appeal to the next stage."""
    form = NextStageForm(request.POST, request.FILES)
    return _try(
        request, appeal_id, "next_form", form, service.take_to_next_stage, _("The appeal is at its next stage.")
    )


@allowed(P.APPEALS_LODGE)
@require_POST
def accept(request: PortalRequest, appeal_id: int) -> HttpResponse:
    """Accepts the answer."""
    form = AcceptForm(request.POST)
    return _try(request, appeal_id, "accept_form", form, service.accept_answer, _("The appeal is ended."))


@allowed(P.APPEALS_LODGE)
@require_POST
def withdraw(request: PortalRequest, appeal_id: int) -> HttpResponse:
    """Takes the appeal back."""
    form = ReasonForm(request.POST, prefix="withdraw")
    return _try(request, appeal_id, "withdraw_form", form, service.withdraw_appeal, _("The appeal is withdrawn."))


@allowed(P.APPEALS_LODGE)
@require_POST
def add_file(request: PortalRequest, appeal_id: int) -> HttpResponse:
    """Adds a file to the grounds."""
    found = _find(request, appeal_id)
    form = AppealFileForm(request.POST, request.FILES, prefix="more")
    if form.is_valid():
        upload = form.cleaned_data["file"]
        try:
            service.add_appeal_file(
                actor=request.standing, appeal=found, handle=upload.file, name=upload.name, size=upload.size
            )
        except (UnacceptableFileError, TransitionError) as error:
            form.add_error("file", str(error))
        else:
            messages.success(request, _("“%(name)s” is added.") % {"name": upload.name})
            return redirect("mitigations:appeal", ao=request.ao.slug, appeal_id=found.pk)
    return _page(request, found, forms={"file_form": form})


@allowed(*SEEN_BY)
@require_safe
def file(request: PortalRequest, appeal_id: int, appeal_file_id: int) -> HttpResponseBase:
    """The bytes of one file, for those who see the appeal."""
    rows = AppealFile.objects.filter(round__appeal=_find(request, appeal_id)).select_related("file")
    return serve_file(get_object_or_404(rows, pk=appeal_file_id).file)


@allowed(*SEEN_BY)
@require_POST
def make_bundle(request: PortalRequest, appeal_id: int) -> HttpResponse:
    """Puts the bundle together as a job."""
    job = ask_for_bundle(actor=request.standing, appeal=_find(request, appeal_id))
    return redirect("jobs:detail", ao=request.ao.slug, job_id=job.pk)


@allowed(*SEEN_BY)
@require_safe
def bundle(request: PortalRequest, appeal_id: int) -> HttpResponseBase:
    """The bundle that was made last."""
    found = _find(request, appeal_id)
    if found.bundle is None:
        raise Http404(_("No bundle has been made yet."))
    return serve_file(found.bundle)


def _try(request: PortalRequest, appeal_id: int, name: str, form: PortalForm, act: Any, said: str) -> HttpResponse:
    found = _find(request, appeal_id)
    if not form.is_valid():
        return _page(request, found, forms={name: form})
    given = {key: value for key, value in form.cleaned_data.items() if key != "file"}
    try:
        moved = act(actor=request.standing, appeal=found, **given)
    except StalePageError as error:
        tell_unsaved(request, error, texts_of(form))
        return _page(request, _find(request, appeal_id), status=409)
    except GuardedError as error:
        return _page(request, found, forms={name: form}, findings=error.findings)
    except TransitionError as error:
        form.add_error(None, str(error))
        return _page(request, found, forms={name: form})
    messages.success(request, said)
    if "file" in form.cleaned_data:
        _keep_file(request, moved, form)
    return redirect("mitigations:appeal", ao=request.ao.slug, appeal_id=found.pk)


def _find(request: PortalRequest, appeal_id: int) -> Appeal:
    found: Appeal = get_object_or_404(visible_appeals(request.standing), pk=appeal_id)
    return found


def _page(
    request: PortalRequest, found: Appeal, *, forms: dict[str, Any] | None = None,
    findings: list[Finding] | None = None, status: int = 200,
) -> HttpResponse:  # fmt: skip
    standing, given = request.standing, forms or {}
    version = {"expected_version": found.version}
    lodges = standing.can(P.APPEALS_LODGE, found.centre_id)
    answered = found.state in APPEAL.transition("go_on").sources
    following = stage_after(found.stage, stages_in_order()) if answered else None
    blocked = findings or []
    answers = found.state == "lodged" and standing.can(P.APPEALS_DECIDE)
    if answers and not blocked:
        # Said before somebody writes an answer that would be refused.
        blocked = [finding for guard in NO_PART for finding in guard(found, standing)]
    offered: dict[str, Any] = {
        "answer_form": AnswerAppealForm(initial=version) if answers and not blocked else None,
        "next_form": NextStageForm(initial=version) if lodges and following else None,
        "accept_form": AcceptForm(initial=version) if lodges and answered else None,
        "withdraw_form": ReasonForm(prefix="withdraw", initial=version) if lodges and found.state == "lodged" else None,
        "file_form": AppealFileForm(prefix="more") if lodges and found.state == "lodged" else None,
    }
    context = offered | given | {
        "heading": _("Appeal %(number)s") % {"number": found.number},
        "breadcrumbs": [(_("Appeals"), ao_url(request, "mitigations:appeals"))],
        "turn": replace(turn(APPEAL, found, standing), due=_at_noon(_due(found))),
        "appeal": found,
        "claim": found.claim,
        "decision": found.decision,
        "rounds": rounds_of(found),
        "following": following,
        "findings": blocked,
        "events": appeal_history(found),
        "bundle_is_old": found.bundle is not None and found.bundle_version < found.version,
        "has_errors": any(form.errors for form in given.values()),
        "given": list(given.values()),
        "sees_claim": standing.can(P.CLAIMS_VIEW),
    }  # fmt: skip
    return render(request, "mitigations/appeal.html", context, status=status)


def _due(appeal: Appeal) -> date | None:
    """By when somebody has to act: nobody any more once it has ended, also where the day to go on went by unused."""
    return None if APPEAL.state(appeal.state).is_final else appeal.due_on or appeal.next_lodge_by


def _at_noon(day: date | None) -> datetime | None:
    return datetime.combine(day, time(12), tzinfo=UTC) if day is not None else None
