"""The list of centres, a centre's home, its approval."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from awarding.accounts.audience import allowed
from awarding.accounts.requests import PortalRequest
from awarding.accounts.roles import Permission as P
from awarding.enquiries.queries.enquiries import enquiries_about
from awarding.ui.templatetags.ui import london_date
from centres.forms.centres import ApproveCentreForm, ChangeCentreForm
from centres.models import Centre
from centres.queries.centre_home import NEEDED_ROLES, due_at, gaps_of, people_of, progress_of
from centres.queries.direct_claims import states_by_centre, statuses_of
from centres.queries.lists import search_centres
from centres.queries.visibility import visible_centres
from centres.references import CENTRE, ask_url, reads_questions
from centres.services.approvals import ApprovalError, approve_centre, change_centre
from centres.views.pieces import centre_crumbs, page_of
from centres.workflow import DIRECT_CLAIMS

RISK_COLOURS = {1: "green", 2: "yellow", 3: "orange", 4: "red"}


@require_GET
@allowed(P.CENTRES_LIST)
def list_centres(request: PortalRequest) -> HttpResponse:
    """All centres of the AO, searched and filtered. Risk and direct claims are shown to AO staff only."""
    words = request.GET.get("q", "").strip()[:100]
    risk, direct = request.GET.get("risk", ""), request.GET.get("direct_claims", "")
    is_closed, missing = request.GET.get("closed") == "1", request.GET.get("missing", "")
    centres = search_centres(
        request.standing, words=words, risk=risk, direct_claims=direct, missing=missing, closed=is_closed
    )
    page_obj = page_of(request, centres)
    gaps: dict[int, list[Any]] = {}
    for gap in gaps_of([centre.pk for centre in page_obj]):
        gaps.setdefault(gap.centre_id, []).append(gap)
    direct_counts = states_by_centre(page_obj)
    rows = [
        {
            "centre": centre,
            "risk_colour": RISK_COLOURS.get(centre.risk, "grey"),
            "direct": [
                (state, direct_counts[centre.pk][state.name])
                for state in DIRECT_CLAIMS.states
                if direct_counts[centre.pk][state.name]
            ],
            "gaps": gaps.get(centre.pk, []),
        }
        for centre in page_obj
    ]
    context = {
        "heading": _("Centres"),
        "breadcrumbs": centre_crumbs(request, None)[:1],
        "page_obj": page_obj,
        "rows": rows,
        "query": words,
        "risk": risk,
        "direct_claims": direct,
        "is_closed": is_closed,
        "missing": missing,
        "missing_roles": [(role.value, title) for role, title, _why, _rule in NEEDED_ROLES],
        "is_filtered": bool(words or risk or direct or missing or is_closed),
        "risks": [(str(value), label) for value, label in Centre.Risk.choices],
        "direct_choices": [(state.name, state.label) for state in DIRECT_CLAIMS.states],
        "may_approve": request.standing.can(P.CENTRES_APPROVE),
    }
    return render(request, "centres/list.html", context)


@require_GET
@allowed(P.CENTRE_VIEW)
def home(request: PortalRequest, centre_id: int) -> HttpResponse:
    """A centre: what is due, how far it is, who is there and who is missing."""
    standing = request.standing
    centre = get_object_or_404(visible_centres(standing), pk=centre_id)
    due = []
    for item in due_at(standing, centre):
        due.append({"item": item, "url": item.url or _due_url(request, item.url_name, item.target_id)})
    context = {
        "heading": centre.name,
        "breadcrumbs": centre_crumbs(request, None),
        "centre": centre,
        "facts": _facts(request, centre),
        "due": due,
        "progress": list(progress_of(standing, centre)[:100]),
        "people": list(people_of(centre)[:100]),
        "gaps": gaps_of([centre.pk]),
        "direct": [(status, DIRECT_CLAIMS.state(status.state)) for status in statuses_of(centre)],
        "may_ask_direct": standing.can(P.DIRECT_CLAIMS_APPLY, centre.pk) or standing.can(P.DIRECT_CLAIMS_DECIDE),
        "may_import": standing.can(P.REGISTRATIONS_IMPORT, centre.pk),
        "may_see_learners": standing.can(P.LEARNERS_VIEW, centre.pk),
        "may_manage_people": standing.can(P.PEOPLE_MANAGE_CENTRE, centre.pk),
        "may_change": standing.can(P.CENTRES_APPROVE),
        "ask_url": ask_url(standing, centre.pk, centre.number),
    }
    if reads_questions(standing, centre.pk):
        context |= {"reads_questions": True, "asked": enquiries_about(standing, CENTRE, centre.pk)}
    return render(request, "centres/home.html", context)


def _due_url(request: PortalRequest, name: str, target_id: int | None) -> str:
    if name == "cohort":
        return reverse("centres:cohort", kwargs={"ao": request.ao.slug, "cohort_id": target_id})
    if name == "claim":
        return reverse("mitigations:claim", kwargs={"ao": request.ao.slug, "claim_id": target_id})
    return ""


def _facts(request: PortalRequest, centre: Centre) -> list[tuple[str, Any]]:
    place = centre.establishment
    facts: list[tuple[str, Any]] = [(_("Centre number"), centre.number)]
    numbers = [("URN", place.urn), ("UKPRN", place.ukprn), ("NCN", place.ncn)]
    facts += [(label, number) for label, number in numbers if number]
    if place.type:
        facts.append((_("Type"), place.type))
    if request.standing.can(P.CENTRES_LIST):
        # A rating is between the AO and the centre's file: it is not shown to the centre's people.
        facts.append((_("Risk rating"), centre.get_risk_display()))
    if centre.closed_on:
        facts.append((_("Approval ended on"), london_date(centre.closed_on)))
    return facts


@allowed(P.CENTRES_APPROVE)
def approve(request: PortalRequest) -> HttpResponse:
    """Approves an establishment as a centre."""
    form = ApproveCentreForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            centre = approve_centre(
                actor=request.standing, establishment=data["establishment"], number=data["number"], name=data["name"],
                risk=data["risk"], approved_on=data["approved_on"],
            )  # fmt: skip
        except ApprovalError as error:
            form.add_error(error.field, str(error))
        else:
            messages.success(
                request, _("%(name)s is approved. Invite its quality contact next.") % {"name": centre.name}
            )
            return redirect("centres:home", ao=request.ao.slug, centre_id=centre.pk)
    context = {
        "heading": _("Approve a centre"),
        "breadcrumbs": centre_crumbs(request, None),
        "form": form,
        "action": _("Approve the centre"),
    }
    return render(request, "centres/form.html", context)


@allowed(P.CENTRES_APPROVE)
def change(request: PortalRequest, centre_id: int) -> HttpResponse:
    """Changes name, risk, or ends the approval."""
    centre = get_object_or_404(visible_centres(request.standing), pk=centre_id)
    initial = {key: getattr(centre, key) for key in ("name", "risk", "closed_on")}
    form = ChangeCentreForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        change_centre(
            actor=request.standing, centre=centre, name=data["name"], risk=data["risk"], closed_on=data["closed_on"]
        )
        messages.success(request, _("The centre is changed."))
        return redirect("centres:home", ao=request.ao.slug, centre_id=centre.pk)
    context = {
        "heading": _("Change %(name)s") % {"name": centre.name},
        "breadcrumbs": centre_crumbs(request, centre),
        "form": form,
        "action": _("Save"),
    }
    return render(request, "centres/form.html", context)
