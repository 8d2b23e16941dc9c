"""Approvals in principle: the centre meets their conditions, the panel sees what falls due."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from awarding.accounts.audience import allowed
from awarding.accounts.requests import ao_url, standing_in
from awarding.accounts.roles import Permission as P
from awarding.files.content import UnacceptableFileError
from awarding.files.serving import serve_file
from awarding.workflow.services import StalePageError, TransitionError
from mitigations.forms.conditions import MeetForm
from mitigations.models import Claim, PanelCondition
from mitigations.queries.claims import can_move
from mitigations.queries.conditions import condition_rows, held_page, latest_decision
from mitigations.services.conditions import meet_condition, reopen_condition
from mitigations.views.frame import claim_or_404, claim_page
from mitigations.views.sections import panel_sections


@allowed(P.CLAIMS_VIEW)
@require_GET
def conditions(request: HttpRequest, claim_id: int) -> HttpResponse:
    """What an approval in principle still needs, by when, and what was said about each condition (CLM-07)."""
    claim = claim_or_404(request, claim_id)
    rows = condition_rows(claim)
    context = {
        "decision": latest_decision(claim),
        "rows": rows,
        "open": sum(row.met_at is None for row in rows),
        "is_held": claim.state == "approved_in_principle",
        "may_meet": _may_meet(request, claim),
        "opens_files": standing_in(request).can(P.EVIDENCE_VIEW, claim.centre_id),
        "may_resume": can_move(standing_in(request), claim, "resume"),
    }
    return claim_page(request, claim, "conditions.html", context, heading=_("Conditions"))


def _may_meet(request: HttpRequest, claim: Claim) -> bool:
    return claim.state == "approved_in_principle" and standing_in(request).can(P.CLAIMS_FILL, claim.centre_id)


def _condition_or_404(claim: Claim, condition_id: int) -> PanelCondition:
    rows = PanelCondition.objects.select_related("decision", "file").filter(decision__claim=claim)
    found: PanelCondition = get_object_or_404(rows, pk=condition_id)
    return found


@allowed(P.CLAIMS_FILL)
@require_http_methods(["GET", "POST"])
def condition(request: HttpRequest, claim_id: int, condition_id: int) -> HttpResponse:
    """Say that one condition is met, with a file or in words."""
    claim = claim_or_404(request, claim_id)
    standing_in(request).require(P.CLAIMS_FILL, claim.centre_id)
    found = _condition_or_404(claim, condition_id)
    form = MeetForm(*([request.POST, request.FILES] if request.method == "POST" else []), initial={"note": found.note})
    status = 200
    if form.is_bound and form.is_valid():
        upload = form.cleaned_data["file"]
        sent = {"handle": upload.file, "name": upload.name, "size": upload.size} if upload else {}
        try:
            meet_condition(actor=standing_in(request), condition=found, note=form.cleaned_data["note"], **sent)
        except UnacceptableFileError as error:
            form.add_error("file", str(error))
        except StalePageError as error:
            form.add_error(None, str(error))
            status = 409
        except TransitionError as error:
            form.add_error("note", str(error))
        else:
            messages.success(request, _("The condition is marked as met."))
            return redirect(ao_url(request, "mitigations:conditions", claim_id=claim.pk))
    context = {"condition": found, "form": form, "may_meet": _may_meet(request, claim)}
    heading = _("Condition %(number)s") % {"number": found.position}
    return claim_page(request, claim, "condition.html", context, heading=heading, status=status)


@allowed(P.CLAIMS_FILL)
@require_POST
def reopen(request: HttpRequest, claim_id: int, condition_id: int) -> HttpResponse:
    """Takes back that a condition is met."""
    claim = claim_or_404(request, claim_id)
    standing_in(request).require(P.CLAIMS_FILL, claim.centre_id)
    try:
        reopen_condition(actor=standing_in(request), condition=_condition_or_404(claim, condition_id))
    except TransitionError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The condition is open again."))
    return redirect(ao_url(request, "mitigations:conditions", claim_id=claim.pk))


@allowed(P.EVIDENCE_VIEW)
@require_GET
def condition_file(request: HttpRequest, claim_id: int, condition_id: int) -> HttpResponseBase:
    """The file that shows that a condition is met, for those who may see the claim."""
    found = _condition_or_404(claim_or_404(request, claim_id), condition_id)
    if found.file is None:
        raise Http404(_("No file was sent for this condition."))
    return serve_file(found.file, inline="show" in request.GET)


@allowed(P.PANEL_VIEW)
@require_GET
def panel_conditions(request: HttpRequest) -> HttpResponse:
    """The claims approved in principle, the next to expire first: what is open, what is overdue, when each comes back."""
    overdue = request.GET.get("show") == "overdue"
    page, rows = held_page(standing_in(request), request.GET.get("page"), overdue=overdue)
    context = {
        "heading": _("Conditions of approvals in principle"),
        "page_obj": page,
        "rows": rows,
        "overdue": overdue,
        "filters": [(_("All"), "?", not overdue), (_("Overdue"), "?show=overdue", overdue)],
        "sections": panel_sections(request),
        "breadcrumbs": [(_("Panel queue"), ao_url(request, "mitigations:panel_queue"))],
    }
    return render(request, "mitigations/panel_conditions.html", context)
