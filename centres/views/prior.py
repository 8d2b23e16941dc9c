"""Credit transfer and recognition of prior learning of one registration."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from awarding.accounts.audience import allowed
from awarding.accounts.requests import PortalRequest
from awarding.accounts.roles import Permission as P
from awarding.catalogue.rules.wording import over_limit_in_words
from awarding.findings.finding import Finding, Severity
from centres.forms.prior import EndPriorForm, PriorForm
from centres.models import PriorAchievement, Registration
from centres.queries.prior import TransferBalance, prior_achievements, transfer_balance
from centres.queries.visibility import visible_registrations
from centres.services.prior import PriorError, end_prior, record_prior
from centres.views.pieces import centre_crumbs


@allowed(P.LEARNERS_VIEW)
@require_safe
def prior(request: PortalRequest, registration_id: int) -> HttpResponse:
    """What a learner brings to a qualification, and how much of it may count (MIT-12)."""
    registration = get_object_or_404(visible_registrations(request.standing), pk=registration_id)
    balance = transfer_balance(registration)
    context = {
        "heading": _("Credit transfer and prior learning"),
        "breadcrumbs": _crumbs(request, registration),
        "registration": registration,
        "rows": list(prior_achievements(registration)),
        "balance": balance,
        "findings": over_limit_findings(registration, balance),
        "may_record": _may_record(request, registration),
    }
    return render(request, "centres/prior.html", context)


def over_limit_findings(registration: Registration, balance: TransferBalance) -> list[Finding]:
    """More is brought than may count (MIT-12)."""
    if not balance.is_over:
        return []
    return [
        Finding(
            "MIT-12", Severity.WARNS, registration.learner.full_name,
            over_limit_in_words(balance.combination, balance.brought),
            _("What is beyond the limit does not count: assess enough of these units here, or take on others."),
            "over_transfer_limit", ("registration", registration.pk),
        )
    ]  # fmt: skip


@allowed(P.CLAIMS_FILL)
def prior_new(request: PortalRequest, registration_id: int) -> HttpResponse:
    """Records one unit."""
    registration = get_object_or_404(visible_registrations(request.standing, P.CLAIMS_FILL), pk=registration_id)
    form = PriorForm(request.POST or None, registration=registration)
    if request.method == "POST" and form.is_valid():
        try:
            record_prior(actor=request.standing, registration=registration, **form.facts())
        except PriorError as error:
            form.add_error(error.field, str(error))
        else:
            messages.success(request, _("Recorded. The unit counts, and its cell on the eRAC is closed."))
            for finding in over_limit_findings(registration, transfer_balance(registration)):
                messages.warning(request, f"{finding.what} {finding.fix}")
            return redirect(_url(request, "centres:prior", registration))
    context = {
        "heading": _("Record a unit that %(name)s brings") % {"name": registration.learner.full_name},
        "breadcrumbs": _crumbs(request, registration, deeper=True),
        "form": form,
        "action": _("Record it"),
    }
    return render(request, "centres/form.html", context)


@allowed(P.CLAIMS_FILL)
def prior_end(request: PortalRequest, registration_id: int, prior_id: int) -> HttpResponse:
    """Takes one record back. Doing so a second time finds nothing left to do."""
    registration = get_object_or_404(visible_registrations(request.standing, P.CLAIMS_FILL), pk=registration_id)
    row = get_object_or_404(PriorAchievement.objects.select_related("unit"), pk=prior_id, registration=registration)
    if row.ended_at is not None:
        return redirect(_url(request, "centres:prior", registration))
    form = EndPriorForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            end_prior(actor=request.standing, prior=row, reason=form.cleaned_data["reason"])
        except PriorError as error:
            form.add_error(error.field, str(error))
        else:
            messages.success(request, _("Taken back. The unit can be claimed again."))
            return redirect(_url(request, "centres:prior", registration))
    context = {
        "heading": _("Take back %(unit)s") % {"unit": row.unit},
        "breadcrumbs": _crumbs(request, registration, deeper=True),
        "form": form,
        "action": _("Take it back"),
    }
    return render(request, "centres/form.html", context)


def _may_record(request: PortalRequest, registration: Registration) -> bool:
    may = request.standing.can(P.CLAIMS_FILL, registration.centre_id)
    return may and registration.status == Registration.Status.ACTIVE


def _crumbs(request: PortalRequest, registration: Registration, deeper: bool = False) -> list[tuple[str, str]]:
    learner = registration.learner
    url = reverse("centres:learner", kwargs={"ao": request.ao.slug, "learner_id": learner.pk})
    crumbs = [*centre_crumbs(request, registration.centre), (learner.full_name, url)]
    if deeper:
        crumbs.append((_("Credit transfer and prior learning"), _url(request, "centres:prior", registration)))
    return crumbs


def _url(request: PortalRequest, name: str, registration: Registration) -> str:
    return reverse(name, kwargs={"ao": request.ao.slug, "registration_id": registration.pk})
