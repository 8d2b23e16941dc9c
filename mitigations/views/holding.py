"""Claims that are stuck: the list, moving one on, a word to whoever holds it, and the AO's limits (CLM-13)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from awarding.accounts.audience import allowed
from awarding.accounts.requests import ao_url, standing_in
from awarding.accounts.roles import Permission as P
from awarding.workflow.services import StalePageError, TransitionError
from mitigations.forms.claims import ReasonForm
from mitigations.forms.verification import HoldLimitsForm, MoveOnForm
from mitigations.models import Claim
from mitigations.queries.claims import can_move
from mitigations.queries.holding import Held, hold, hold_limits, stuck_claims
from mitigations.services.direct_claims import call_in_claim
from mitigations.services.holding import remind_holder, set_hold_limits
from mitigations.services.verification import move_on_claim
from mitigations.views.claims import claim_facts_shown
from mitigations.views.frame import claim_or_404, claim_page
from mitigations.workflow import CLAIM

PER_PAGE = 50
# Where the next step of a stuck claim is taken, by its state, and what that page is called.
ELSEWHERE = {
    "queued": "mitigations:case",
    "unallocated": "qa_sampling:allocate",
    "allocated": "qa_sampling:take_back",
    "verified": "results:claim",
}


@allowed(P.CLAIMS_UNSTICK)
@require_GET
def stuck(request: HttpRequest) -> HttpResponse:
    """The claims past their limit, the longest waiting first, each with its holder and what can be done."""
    standing = standing_in(request)
    limits = hold_limits()
    state = request.GET.get("state", "")
    page = Paginator(stuck_claims(standing, limits, state=state), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "heading": _("Stuck claims"),
        "breadcrumbs": [(_("Claims"), ao_url(request, "mitigations:claims"))],
        "page_obj": page,
        "rows": [{"held": held, "action": _action(request, held)} for held in hold(list(page), limits)],
        "states": [CLAIM.state(name) for name, days in limits.items() if days is not None],
        "state": state,
        "may_set": standing.can(P.AO_SETTINGS),
    }
    return render(request, "mitigations/stuck.html", context)


def _action(request: HttpRequest, held: Held) -> dict[str, str]:
    """The one thing the AO does about a claim in this state; empty where only its holder can."""
    claim = held.claim
    if claim.state in ("with_iv", "with_dcv"):
        return {"label": _("Move on"), "url": ao_url(request, "mitigations:unstick", claim_id=claim.pk)}
    labels = {
        "queued": _("See the case"),
        "unallocated": _("Allocate"),
        "allocated": _("Take back"),
        "verified": _("Process"),
    }
    if claim.state in labels:
        return {"label": labels[claim.state], "url": ao_url(request, ELSEWHERE[claim.state], claim_id=claim.pk)}
    return {}


@allowed(P.CLAIMS_UNSTICK)
@require_http_methods(["GET", "POST"])
def unstick(request: HttpRequest, claim_id: int) -> HttpResponse:
    """Moves on a claim whose internal verifier is unavailable, or calls in one that its direct-claims verifier leaves lying."""
    claim = claim_or_404(request, claim_id)
    by_dcv = claim.state == "with_dcv"
    if request.method == "GET" and not (by_dcv or can_move(standing_in(request), claim, "move_on_to_panel")):
        messages.info(request, _("This claim does not wait for a verifier of its centre now."))
        return redirect(ao_url(request, "mitigations:claim", claim_id=claim.pk))
    kind: Any = ReasonForm if by_dcv else MoveOnForm
    initial = {"expected_version": claim.version, "confirmed_on": timezone.localdate()}
    form = kind(request.POST if request.method == "POST" else None, initial=initial)
    status = 200
    if form.is_bound and form.is_valid():
        service: Any = call_in_claim if by_dcv else move_on_claim
        try:
            moved = service(actor=standing_in(request), claim=claim, **form.cleaned_data)
        except StalePageError as error:
            form.add_error(None, str(error))
            status = 409
        except TransitionError as error:
            form.add_error(None, str(error))
        else:
            words = {"number": moved.number, "state": CLAIM.state(moved.state).label}
            messages.success(request, _("eRAC %(number)s is moved on: %(state)s.") % words)
            return redirect(ao_url(request, "mitigations:claim", claim_id=claim.pk))
    context = {
        "form": form,
        "facts": claim_facts_shown(claim),
        "held": hold([claim], hold_limits())[0],
        "by_dcv": by_dcv,
    }
    heading = _("Call this claim in for moderation") if by_dcv else _("Move this claim on")
    parent = (_("Stuck claims"), ao_url(request, "mitigations:stuck"))
    return claim_page(request, claim, "unstick.html", context, heading=heading, status=status, parent=parent)


@allowed(P.CLAIMS_UNSTICK)
@require_POST
def remind(request: HttpRequest, claim_id: int) -> HttpResponse:
    """Tells whoever holds the claim that it waits for them."""
    claim: Claim = claim_or_404(request, claim_id)
    told = remind_holder(actor=standing_in(request), claim=claim)
    if told:
        words = ngettext("%(count)d person is reminded.", "%(count)d people are reminded.", told)
        messages.success(request, words % {"count": told})
    else:
        messages.error(request, _("Nobody holds the role that this claim waits for. Look at the centre’s people."))
    return redirect(ao_url(request, "mitigations:stuck"))


@allowed(P.AO_SETTINGS)
@require_http_methods(["GET", "POST"])
def limits(request: HttpRequest) -> HttpResponse:
    """After how many days a claim counts as stuck, state by state."""
    form = HoldLimitsForm(request.POST if request.method == "POST" else None, initial=hold_limits())
    if form.is_bound and form.is_valid():
        set_hold_limits(actor=standing_in(request), days=form.cleaned_data)
        messages.success(request, _("The limits are saved."))
        return redirect(ao_url(request, "mitigations:stuck"))
    context = {
        "heading": _("When a claim counts as stuck"),
        "breadcrumbs": [
            (_("Claims"), ao_url(request, "mitigations:claims")),
            (_("Stuck claims"), ao_url(request, "mitigations:stuck")),
        ],
        "form": form,
    }
    return render(request, "mitigations/hold_limits.html", context)
