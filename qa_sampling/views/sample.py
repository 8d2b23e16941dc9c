"""The verifier's page of one claim: sample, decide, finish."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from awarding.accounts.audience import allowed
from awarding.accounts.requests import PortalRequest
from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from awarding.ui.unsaved import tell_unsaved, texts_of
from awarding.workflow.queries import history, turn
from awarding.workflow.services import GuardedError, TransitionError
from mitigations.models import Claim, ClaimLearner, ClaimUnit
from mitigations.workflow import CLAIM
from qa_sampling import queries
from qa_sampling.forms import ReasonForm, RequestForm, VerdictForm
from qa_sampling.models import SamplePick
from qa_sampling.services.sample import decide_cells, decide_piece, pick_pieces, request_evidence, swap_piece
from qa_sampling.services.verification import finish_verification, unfinished_of
from qtag.queries.differences import explained_for_sample

PAGE_SIZE = 50


def _allocated_claim(standing: Standing, claim_id: int) -> Claim:
    allocation = queries.find_allocation(standing, claim_id)
    if allocation is None:
        raise Http404(_("This claim is not allocated to you."))
    return allocation.claim


def _crumbs(request: PortalRequest, claim: Claim | None = None) -> list[tuple[str, str]]:
    crumbs = [(_("My verification"), reverse("qa_sampling:allocations", kwargs={"ao": request.ao.slug}))]
    if claim is not None:
        crumbs.append((claim.number, _sample_url(request, claim)))
    return crumbs


def _sample_url(request: PortalRequest, claim: Claim) -> str:
    return reverse("qa_sampling:sample", kwargs={"ao": request.ao.slug, "claim_id": claim.pk})


@allowed(Permission.VERIFICATION_DECIDE)
def sample(request: PortalRequest, claim_id: int) -> HttpResponse:
    """Learners down, units across: pick, see what was sent, accept or return."""
    claim = _allocated_claim(request.standing, claim_id)
    return _render_sample(request, claim)


def _render_sample(
    request: PortalRequest,
    claim: Claim,
    *,
    request_form: RequestForm | None = None,
    findings: list[Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    page = Paginator(queries.learners_of(claim), PAGE_SIZE).get_page(request.GET.get("page"))
    units = queries.units_of(claim)
    picks = queries.picks_of(claim)
    context = {
        "heading": _("%(number)s: sample") % {"number": claim.number},
        "claim": claim,
        "units": units,
        "page_obj": page,
        "rows": queries.sample_rows(claim, units, list(page.object_list)),
        "picks": picks,
        "differences": explained_for_sample(claim.centre_id, claim.qualification_id),
        "waiting_to_ask": sum(1 for p in picks if p.requested_at is None and p.verdict == SamplePick.Verdict.OPEN),
        # What was refused stands as it was typed and ticked.
        "pick_reason": request.POST.get("reason", "") if status == 409 else "",
        "ticked": set(request.POST.getlist("piece")) if status == 409 else (),
        "request_form": request_form or RequestForm(),
        "form": request_form,
        "findings": findings,
        "unfinished": unfinished_of(picks),
        "undecided": sum(1 for p in picks if p.verdict == SamplePick.Verdict.OPEN),
        "turn": turn(CLAIM, claim, request.standing),
        "events": history(claim),
        "breadcrumbs": _crumbs(request),
    }
    return render(request, "qa_sampling/sample.html", context, status=status)


@allowed(Permission.VERIFICATION_DECIDE)
@require_POST
def pick(request: PortalRequest, claim_id: int) -> HttpResponse:
    """Adds the ticked cells ("learner:unit" values) to the sample."""
    claim = _allocated_claim(request.standing, claim_id)
    chosen = [value.partition(":") for value in request.POST.getlist("piece")]
    learners = {str(row.pk): row for row in ClaimLearner.objects.filter(claim=claim)}
    units = {str(row.pk): row for row in ClaimUnit.objects.filter(claim=claim)}
    try:
        if not chosen:
            raise TransitionError(_("Tick at least one learner and unit, then add them to the sample."))
        if any(learner not in learners or unit not in units for learner, _colon, unit in chosen):
            raise TransitionError(_("One of the ticked entries is not part of this claim. Reload the page."))
        pieces = [(learners[learner], units[unit]) for learner, _colon, unit in chosen]
        # As long as a reason's box takes: a page that was tampered with gets no fault.
        count = pick_pieces(
            actor=request.standing, claim=claim, pieces=pieces, reason=request.POST.get("reason", "")[:500]
        )
    except TransitionError as error:
        messages.error(request, str(error))
        return _render_sample(request, claim, status=409)
    else:
        text = ngettext("%(n)s piece added to the sample.", "%(n)s pieces added to the sample.", count)
        messages.success(request, text % {"n": count})
    return redirect(_sample_url(request, claim))


@allowed(Permission.VERIFICATION_DECIDE)
@require_POST
def ask(request: PortalRequest, claim_id: int) -> HttpResponse:
    """Asks the centre for the evidence of what was picked, by a date."""
    claim = _allocated_claim(request.standing, claim_id)
    form = RequestForm(request.POST)
    if not form.is_valid():
        return _render_sample(request, claim, request_form=form)
    try:
        count = request_evidence(actor=request.standing, claim=claim, due_on=form.cleaned_data["due_on"])
    except TransitionError as error:
        messages.error(request, str(error))
    else:
        if count:
            text = ngettext("The centre is asked for %(n)s piece.", "The centre is asked for %(n)s pieces.", count)
        else:
            text = _("The centre has already been asked for all of it.")
        messages.success(request, text % {"n": count} if count else text)
    return redirect(_sample_url(request, claim))


@allowed(Permission.VERIFICATION_DECIDE)
def piece(request: PortalRequest, pick_id: int) -> HttpResponse:
    """One piece of the sample: its evidence, and the decision on it."""
    found = get_object_or_404(queries.visible_picks(request.standing), pk=pick_id)
    claim = _allocated_claim(request.standing, found.claim_id)
    initial = {"verdict": found.verdict, "reason": found.verdict_reason} if found.verdict != "open" else None
    form = VerdictForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            decide_piece(actor=request.standing, pick=found, **form.cleaned_data)
        except TransitionError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Your decision is noted."))
            return redirect(_sample_url(request, claim))
    full = next(p for p in queries.picks_of(claim) if p.pk == found.pk)
    context = {
        "heading": _("%(learner)s, %(unit)s") % {"learner": full.learner.registration.learner, "unit": full.unit.unit},
        "claim": claim,
        "pick": full,
        "form": form,
        "turn": turn(CLAIM, claim, request.standing),
        "breadcrumbs": _crumbs(request, claim),
    }
    return render(request, "qa_sampling/piece.html", context)


@allowed(Permission.VERIFICATION_DECIDE)
def swap(request: PortalRequest, pick_id: int) -> HttpResponse:
    """Take another piece in place of one that cannot be reached (SMP-06)."""
    found = get_object_or_404(queries.visible_picks(request.standing), pk=pick_id)
    claim = _allocated_claim(request.standing, found.claim_id)
    form = ReasonForm(request.POST or None)
    learners, units = list(queries.learners_of(claim)), queries.units_of(claim)
    if request.method == "POST" and form.is_valid():
        learner = next((row for row in learners if str(row.pk) == request.POST.get("learner")), None)
        unit = next((row for row in units if str(row.pk) == request.POST.get("unit")), None)
        if learner is None or unit is None:
            form.add_error(None, _("Choose the learner and the unit to take instead."))
        else:
            try:
                swap_piece(
                    actor=request.standing, pick=found, learner=learner, unit=unit, reason=form.cleaned_data["reason"]
                )
            except TransitionError as error:
                form.add_error(None, str(error))
            else:
                messages.success(request, _("Swapped. Ask the centre for the evidence of the new piece."))
                return redirect(_sample_url(request, claim))
    context = {
        "heading": _("Swap %(learner)s") % {"learner": found.learner.registration.learner},
        "claim": claim,
        "pick": found,
        "learners": learners,
        "units": units,
        "form": form,
        "turn": turn(CLAIM, claim, request.standing),
        "breadcrumbs": _crumbs(request, claim),
    }
    return render(request, "qa_sampling/swap.html", context)


@allowed(Permission.VERIFICATION_DECIDE)
def decide(request: PortalRequest, claim_id: int) -> HttpResponse:
    """Accept or return everything claimed for one learner (?learner=) or in one unit (?unit=)."""
    claim = _allocated_claim(request.standing, claim_id)
    source = request.POST if request.method == "POST" else request.GET
    learner = _one(queries.learners_of(claim), source.get("learner"))
    unit = _one(ClaimUnit.objects.filter(claim=claim).select_related("unit"), source.get("unit"))
    if learner is None and unit is None:
        messages.error(request, _("Choose a learner or a unit in the table below first."))
        return redirect(_sample_url(request, claim))
    form = VerdictForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            count = decide_cells(
                actor=request.standing,
                claim_id=claim.pk,
                learner_id=learner.pk if learner else None,
                unit_id=unit.pk if unit else None,
                **form.cleaned_data,
            )
        except TransitionError as error:
            tell_unsaved(request, error, texts_of(form))
        else:
            text = ngettext(
                "%(n)s entry is decided; the rest is as it was.",
                "%(n)s entries are decided; the rest is as it was.",
                count,
            )
            messages.success(request, text % {"n": count})
        return redirect(_sample_url(request, claim))
    about = " · ".join(str(part) for part in (learner and learner.registration.learner, unit and unit.unit) if part)
    context = {
        "heading": _("Decide: %(what)s") % {"what": about},
        "claim": claim,
        "learner": learner,
        "unit": unit,
        "form": form,
        "turn": turn(CLAIM, claim, request.standing),
        "breadcrumbs": _crumbs(request, claim),
    }
    return render(request, "qa_sampling/decide.html", context)


def _one(rows: Any, key: str | None) -> Any:
    return rows.filter(pk=int(key)).first() if key and key.isdecimal() else None


@allowed(Permission.VERIFICATION_DECIDE)
@require_POST
def finish(request: PortalRequest, claim_id: int) -> HttpResponse:
    """Ends verification; what was returned goes into a claim of its own."""
    claim = _allocated_claim(request.standing, claim_id)
    version = request.POST.get("version", "")
    try:
        claim, follow_on = finish_verification(
            actor=request.standing, claim=claim, expected_version=int(version) if version.isdecimal() else None
        )
    except GuardedError as error:
        return _render_sample(request, claim, findings=error.findings, status=409)
    except TransitionError as error:
        messages.error(request, str(error))
        return redirect("qa_sampling:allocations", ao=request.ao.slug)
    text = _("%(number)s is verified.") % {"number": claim.number}
    if follow_on is not None:
        text += " " + _("What you returned is now in %(number)s, with the centre.") % {"number": follow_on.number}
    messages.success(request, text)
    return redirect("qa_sampling:allocations", ao=request.ao.slug)
