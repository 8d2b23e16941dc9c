"""What the AO says of one qualification under the framework it runs."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from awarding.accounts.audience import allowed
from awarding.accounts.requests import ao_url, standing_in
from awarding.accounts.roles import Permission as P
from awarding.catalogue.models import Qualification, QualificationUnit, Unit
from qtag.forms.submission import TermsForm
from qtag.models import QualificationTerms
from qtag.queries.submissions import qtag_adoptions
from qtag.services.preparing import set_terms


@allowed(P.QTAGS_TERMS)
@require_http_methods(["GET", "POST"])
def terms(request: HttpRequest, qan: str) -> HttpResponse:
    """What the AO says of one qualification under the framework it runs (QTG-04, QTG-05, QTG-20)."""
    standing = standing_in(request)
    qualification = get_object_or_404(Qualification.objects.filter(ao=standing.ao), qan=qan)
    adoptions = qtag_adoptions()
    crumbs = [(str(qualification), ao_url(request, "catalogue:qualification", qan=qan))]
    shown = {"heading": _("Terms for Q-TAGs"), "qualification": qualification, "breadcrumbs": crumbs}
    if not adoptions:
        return render(request, "qtag/terms.html", shown | {"form": None})
    code = adoptions[0].framework.code
    stored = QualificationTerms.objects.filter(qualification=qualification, framework_code=code).first()
    units = {
        str(place.unit_id): place.unit
        for place in QualificationUnit.objects.filter(qualification=qualification).select_related("unit")
    }
    linked = list(stored.licence_units.all()) if stored else []
    form = TermsForm(
        request.POST if request.method == "POST" else None,
        units=[(key, str(unit)) for key, unit in units.items()],
        initial={
            "out_of_scope_reason": stored.out_of_scope_reason if stored else "",
            "is_all_licence": bool(stored and stored.is_all_licence),
            "agreement_with": stored.agreement_with if stored else "",
            "licence_units": [str(row.unit_id) for row in linked if not row.is_conditional],
            "conditional_units": [str(row.unit_id) for row in linked if row.is_conditional],
        },
    )
    if form.is_bound and form.is_valid():
        said = dict(form.cleaned_data)
        chosen: dict[Unit, bool] = {units[key]: False for key in said.pop("licence_units")}
        chosen |= {units[key]: True for key in said.pop("conditional_units")}
        set_terms(actor=standing, qualification=qualification, framework_code=code, licence_units=chosen, **said)
        messages.success(request, _("The terms are saved; every answer on eligibility follows them at once."))
        return redirect(ao_url(request, "catalogue:qualification", qan=qan))
    return render(request, "qtag/terms.html", shown | {"form": form})
