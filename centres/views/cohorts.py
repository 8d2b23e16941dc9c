"""Cohorts: the list, one cohort with its learners, who teaches it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from awarding.accounts.audience import allowed
from awarding.accounts.models import User
from awarding.accounts.queries import holders
from awarding.accounts.requests import PortalRequest
from awarding.accounts.roles import Permission as P
from centres.forms.centres import CohortStaffForm
from centres.queries.lists import list_cohorts
from centres.queries.prospects import prospects_of
from centres.queries.visibility import COHORT_ROLES, visible_cohorts, visible_registrations
from centres.services.cohorts import assign_staff
from centres.views.learners import chosen_centre
from centres.views.pieces import centre_crumbs, page_of


@require_GET
@allowed(P.LEARNERS_VIEW)
def show_cohorts(request: PortalRequest) -> HttpResponse:
    """The cohorts that this person sees, of one centre or of all of theirs."""
    centre, centres = chosen_centre(request)
    context = {
        "heading": _("Cohorts"),
        "breadcrumbs": centre_crumbs(request, centre),
        "page_obj": page_of(request, list_cohorts(request.standing, centre)),
        "centre": centre,
        "centres": centres if len(centres) > 1 else [],
        "may_import": centre is not None and request.standing.can(P.REGISTRATIONS_IMPORT, centre.pk),
    }
    return render(request, "centres/cohorts.html", context)


@require_GET
@allowed(P.LEARNERS_VIEW)
def show_cohort(request: PortalRequest, cohort_id: int) -> HttpResponse:
    """One cohort: its learners, its claims, its staff, and the button that makes an eRAC of it."""
    standing = request.standing
    cohort = get_object_or_404(visible_cohorts(standing), pk=cohort_id)
    registrations = visible_registrations(standing).filter(cohort=cohort).order_by("learner__name_key", "learner_id")
    page_obj = page_of(request, registrations)
    prospects = prospects_of(list(page_obj))
    context = {
        "heading": f"{cohort.qualification.title}: {cohort.name}",
        "breadcrumbs": centre_crumbs(request, cohort.centre),
        "cohort": cohort,
        "page_obj": page_obj,
        "rows": [{"registration": row, "prospect": prospects[row.pk]} for row in page_obj],
        "claims": list(cohort.claims.order_by("-pk")[:20]) if standing.can(P.CLAIMS_VIEW, cohort.centre_id) else [],
        "staff": list(User.objects.filter(pk__in=cohort.staff.values("person_id")).order_by("name", "pk")),
        "may_generate": standing.can(P.CLAIMS_GENERATE, cohort.centre_id),
        "generate_url": reverse("mitigations:generate", kwargs={"ao": request.ao.slug}),
        "may_assign": standing.can(P.PEOPLE_MANAGE_CENTRE, cohort.centre_id),
    }
    return render(request, "centres/cohort.html", context)


@allowed(P.PEOPLE_MANAGE_CENTRE)
def change_staff(request: PortalRequest, cohort_id: int) -> HttpResponse:
    """Says who teaches and verifies the cohort."""
    cohort = get_object_or_404(visible_cohorts(request.standing, P.CENTRE_VIEW), pk=cohort_id)
    request.standing.require(P.PEOPLE_MANAGE_CENTRE, cohort.centre_id)
    people = holders(set(COHORT_ROLES), cohort.centre_id).order_by("name", "pk")
    form = CohortStaffForm(
        request.POST if request.method == "POST" else None, people=people,
        initial={"people": list(cohort.staff.values_list("person_id", flat=True))},
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        assign_staff(actor=request.standing, cohort=cohort, people=list(form.cleaned_data["people"]))
        messages.success(request, _("The cohort's staff is saved."))
        return redirect("centres:cohort", ao=request.ao.slug, cohort_id=cohort.pk)
    context = {
        "heading": _("Staff of %(cohort)s") % {"cohort": cohort.name},
        "breadcrumbs": [
            *centre_crumbs(request, cohort.centre),
            (cohort.name, reverse("centres:cohort", kwargs={"ao": request.ao.slug, "cohort_id": cohort.pk})),
        ],
        "form": form,
        "cohort": cohort,
        "has_people": people.exists(),
        "action": _("Save"),
    }
    return render(request, "centres/staff.html", context)
