"""The verifier's own claims, and the AO's page for allocating."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from awarding.accounts.audience import allowed
from awarding.accounts.requests import PortalRequest
from awarding.accounts.roles import Permission
from awarding.workflow.queries import turn
from awarding.workflow.services import GuardedError, TransitionError
from mitigations.models import Claim
from mitigations.workflow import CLAIM
from qa_sampling import queries
from qa_sampling.forms import AllocateForm, ReasonForm
from qa_sampling.services.allocation import allocate_claim, take_back_claim

PAGE_SIZE = 50


@allowed(Permission.VERIFICATION_DECIDE)
def allocations(request: PortalRequest) -> HttpResponse:
    """The claims that are with this verifier now."""
    page = Paginator(queries.open_allocations(request.standing), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "qa_sampling/allocations.html", {"heading": _("My verification"), "page_obj": page})


@allowed(Permission.VERIFICATION_ALLOCATE)
def unallocated(request: PortalRequest) -> HttpResponse:
    """Claims that wait for a verifier in order of arrival, and those that have one."""
    page = Paginator(queries.claims_to_allocate(), PAGE_SIZE).get_page(request.GET.get("page"))
    held = Paginator(queries.claims_with_verifiers(), PAGE_SIZE).get_page(request.GET.get("held"))
    context = {"heading": _("Allocate to verifiers"), "page_obj": page, "held": held}
    return render(request, "qa_sampling/unallocated.html", context)


@allowed(Permission.VERIFICATION_ALLOCATE)
def allocate(request: PortalRequest, claim_id: int) -> HttpResponse:
    """Choose the verifier of one claim."""
    claim = get_object_or_404(Claim.objects.select_related("centre", "qualification", "cohort"), pk=claim_id)
    form = AllocateForm(request.POST or None, verifiers=queries.verifiers(), initial={"version": claim.version})
    found, status = [], 200
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            allocate_claim(
                actor=request.standing, claim=claim, verifier=data["verifier"], due_on=data["due_on"],
                expected_version=data["version"],
            )  # fmt: skip
        except GuardedError as error:
            found, status = error.findings, 409
        except TransitionError as error:
            messages.error(request, str(error))
            status = 409
        else:
            messages.success(request, _("%(number)s is allocated.") % {"number": claim.number})
            return redirect("qa_sampling:unallocated", ao=request.ao.slug)
        claim.refresh_from_db()
    context = {
        "heading": _("Allocate %(number)s") % {"number": claim.number},
        "claim": claim,
        "form": form,
        "findings": found,
        "turn": turn(CLAIM, claim, request.standing),
        "breadcrumbs": [(_("Allocate"), reverse("qa_sampling:unallocated", kwargs={"ao": request.ao.slug}))],
    }
    return render(request, "qa_sampling/allocate.html", context, status=status)


@allowed(Permission.VERIFICATION_ALLOCATE)
def take_back(request: PortalRequest, claim_id: int) -> HttpResponse:
    """Take a claim back from its verifier, with a reason."""
    claim = get_object_or_404(Claim.objects.select_related("centre"), pk=claim_id)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            take_back_claim(actor=request.standing, claim=claim, reason=form.cleaned_data["reason"])
        except TransitionError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("%(number)s waits for another verifier.") % {"number": claim.number})
        return redirect("qa_sampling:unallocated", ao=request.ao.slug)
    context = {
        "heading": _("Take back %(number)s") % {"number": claim.number},
        "claim": claim,
        "form": form,
        "turn": turn(CLAIM, claim, request.standing),
        "button": _("Take it back"),
        "breadcrumbs": [(_("Allocate"), reverse("qa_sampling:unallocated", kwargs={"ao": request.ao.slug}))],
    }
    return render(request, "qa_sampling/reason.html", context)
