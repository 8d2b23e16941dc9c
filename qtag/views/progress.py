"""The AO's side: how far centres are, one submission without grades, agreements, and the terms of a qualification."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from awarding.accounts.audience import allowed
from awarding.accounts.requests import ao_url, standing_in
from awarding.accounts.roles import Permission as P
from awarding.catalogue.models import Qualification, QualificationUnit, Unit
from qtag.forms.submission import AgreementForm, TermsForm
from qtag.models import Judgement, QualificationTerms, Submission
from qtag.queries.progress import progress_chart, progress_page
from qtag.queries.submissions import LEARNERS_PER_PAGE, qtag_adoptions
from qtag.services.preparing import record_agreement, set_terms
from qtag.views.frame import window_words
from qtag.workflow import JUDGEMENT


@allowed(P.QTAGS_PROGRESS)
@require_GET
def progress(request: HttpRequest) -> HttpResponse:
    """All centres: learners, submitted, late, signed; who has not begun to send, who is late, who has not signed."""
    adoptions = qtag_adoptions()
    if not adoptions:
        return render(request, "qtag/progress.html", {"heading": _("Q-TAG progress"), "adoption": None})
    only = request.GET.get("only", "")
    page, rows = progress_page(adoptions[0], request.GET.get("page"), only)
    context = {
        "heading": _("Q-TAG progress"), "adoption": adoptions[0], "rows": rows, "page_obj": page, "only": only,
        "chart": progress_chart(adoptions[0]),
    }  # fmt: skip
    return render(request, "qtag/progress.html", context)


@allowed(P.QTAGS_PROGRESS)
@require_http_methods(["GET", "POST"])
def progress_submission(request: HttpRequest, submission_id: int) -> HttpResponse:
    """One centre's qualification: which learner stands where, without grades; what was agreed (QTG-20)."""
    rows = Submission.objects.select_related("centre", "qualification", "adoption__framework")
    found = get_object_or_404(rows, pk=submission_id)
    standing = standing_in(request)
    form = AgreementForm(request.POST if request.method == "POST" else None)
    if form.is_bound:
        standing.require(P.QTAGS_TERMS)
        if form.is_valid():
            record_agreement(actor=standing, submission=found, **form.cleaned_data)
            messages.success(request, _("The agreement is recorded; the centre's learners can go on."))
            return redirect(ao_url(request, "qtag:progress_submission", submission_id=found.pk))
    judgements = (
        Judgement.objects.filter(submission=found)
        .select_related("registration__learner")
        .order_by("registration__learner__name_key", "id")
    )
    page = Paginator(judgements, LEARNERS_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "heading": _("%(centre)s: Q-TAGs") % {"centre": found.centre.name}, "submission": found, "page_obj": page,
        "rows": [(row, JUDGEMENT.state(row.state)) for row in page], "window_words": window_words(found),
        "agreements": list(found.agreements.select_related("recorded_by")), "form": form,
        "may_reopen": standing.can(P.QTAGS_REOPEN), "may_agree": standing.can(P.QTAGS_TERMS),
        "breadcrumbs": [(_("Q-TAG progress"), ao_url(request, "qtag:progress"))],
    }  # fmt: skip
    return render(request, "qtag/progress_submission.html", context)


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
