"""Declared interests: a panel member's or verifier's own, and for the AO everybody's."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from awarding.accounts.audience import allowed
from awarding.accounts.requests import PortalRequest
from awarding.accounts.roles import Permission as P
from centres.forms.centres import DeclareInterestForm
from centres.models import Centre, DeclaredInterest
from centres.queries.interests import interests_of, open_interests
from centres.services.interests import InterestError, declare_interest, end_interest
from centres.views.pieces import centre_crumbs, page_of


@allowed(P.INTERESTS_DECLARE, P.CENTRES_APPROVE)
def show_interests(request: PortalRequest) -> HttpResponse:
    """One's own declarations with the form for another; an AO admin sees everybody's open ones."""
    may_declare = request.standing.can(P.INTERESTS_DECLARE)
    sees_all = request.standing.can(P.CENTRES_APPROVE)
    form = DeclareInterestForm(
        request.POST if request.method == "POST" else None, centres=Centre.objects.order_by("name", "pk")
    )
    if request.method == "POST":
        request.standing.require(P.INTERESTS_DECLARE)
        if form.is_valid():
            try:
                declare_interest(
                    actor=request.standing, centre=form.cleaned_data["centre"], nature=form.cleaned_data["nature"]
                )
            except InterestError as error:
                form.add_error("nature", str(error))
            else:
                messages.success(request, _("Your interest is declared. You will not be given this centre's claims."))
                return redirect("centres:interests", ao=request.ao.slug)
    context = {
        "heading": _("Declared interests"),
        "breadcrumbs": centre_crumbs(request, None)[:1],
        "form": form if may_declare else None,
        "page_obj": page_of(request, open_interests() if sees_all else interests_of(request.user)),
        "sees_all": sees_all,
    }
    return render(request, "centres/interests.html", context)


@require_POST
@allowed(P.INTERESTS_DECLARE, P.CENTRES_APPROVE)
def end(request: PortalRequest, interest_id: int) -> HttpResponse:
    """Ends a declaration."""
    rows = DeclaredInterest.objects.all()
    if not request.standing.can(P.CENTRES_APPROVE):
        rows = rows.filter(person=request.user)
    end_interest(actor=request.standing, interest=get_object_or_404(rows, pk=interest_id))
    messages.success(request, _("The declaration is ended. It stays in the record."))
    return redirect("centres:interests", ao=request.ao.slug)
