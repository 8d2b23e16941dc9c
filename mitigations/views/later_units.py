"""Which units of a claim come after the disrupted months."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from awarding.accounts.audience import allowed
from awarding.accounts.requests import ao_url, standing_in
from awarding.accounts.roles import Permission as P
from awarding.findings.finding import Finding
from awarding.workflow.services import GuardedError, TransitionError
from mitigations.forms.later_units import LaterUnitsForm
from mitigations.models import Claim
from mitigations.queries.claims import can_fill
from mitigations.queries.grid import claim_learners, claim_units, marks_of
from mitigations.services.grid import ClaimLockedError
from mitigations.services.later_units import mark_later_units
from mitigations.views.frame import claim_or_404, claim_page


@allowed(P.CLAIMS_FILL)
def later_units(request: HttpRequest, claim_id: int) -> HttpResponse:
    """Marks the units that continuing learners take later, and who finishes now (MIT-15)."""
    claim = claim_or_404(request, claim_id)
    form = _form(request, claim)
    found: list[Finding] = []
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            mark_later_units(
                actor=standing_in(request), claim_id=claim.pk, units=data["units"], finishing=data["finishing"],
                expected=data["expected"],
            )  # fmt: skip
        except GuardedError as error:
            found = error.findings
        except (TransitionError, ClaimLockedError) as error:
            messages.error(request, str(error))
            return redirect(ao_url(request, "mitigations:claim", claim_id=claim.pk))
        else:
            messages.success(request, _("Noted: the mitigation reaches the other units only."))
            return redirect(ao_url(request, "mitigations:claim", claim_id=claim.pk))
    context = {
        "form": form,
        "found": found,
        "has_errors": bool(found) or bool(form.errors),
        "may_change": can_fill(standing_in(request), claim) and bool(claim.mitigation),
    }
    return claim_page(request, claim, "later_units.html", context, heading=_("Units that come later"))


def _form(request: HttpRequest, claim: Claim) -> LaterUnitsForm:
    units, learners = claim_units(claim), claim_learners(claim)
    return LaterUnitsForm(
        request.POST if request.method == "POST" else None,
        units=[(row.pk, f"{row.unit.reference} {row.unit.title}") for row in units],
        learners=[(row.pk, row.registration.learner.full_name) for row in learners],
        initial={
            "expected": marks_of(claim),
            "units": [row.pk for row in units if row.is_later],
            "finishing": [row.pk for row in learners if row.finishes_now],
        },
    )
