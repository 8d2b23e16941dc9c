"""Direct claims status: the list, one status with its history, asking for it, deciding on it, its monitoring."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from awarding.accounts.audience import allowed
from awarding.accounts.requests import PortalRequest
from awarding.accounts.roles import Permission as P
from awarding.accounts.standing import PermissionMissingError
from awarding.ui.templatetags.ui import london_date
from awarding.workflow.queries import Turn, history, moves_open_to, turn
from awarding.workflow.services import StalePageError, TransitionError
from centres.forms.direct_claims import AskForm, GrantForm, MonitoringForm, MoveForm
from centres.models import DirectClaimsStatus
from centres.queries.direct_claims import MONITORED_STATES, askable_centres, list_statuses, taught_at, visible_statuses
from centres.rules.direct_claims import last_first_monitoring, monitoring_words
from centres.services.direct_claims import (
    apply_for_direct_claims,
    grant_direct_claims,
    move_direct_claims,
    recommend_direct_claims,
    record_monitoring,
)
from centres.views.pieces import centre_crumbs, page_of
from centres.workflow import DIRECT_CLAIMS

ASKS = (P.DIRECT_CLAIMS_APPLY, P.DIRECT_CLAIMS_DECIDE, P.DIRECT_CLAIMS_RECOMMEND)
# How each decision is asked for: the button, and what it brings about.
DECISIONS = {
    "grant": gettext_lazy(
        "The centre’s own verifier may then release its claims, where the panel leaves them with that verifier."
    ),
    "refuse": gettext_lazy("The centre reads the reasons and may apply again."),
    "freeze": gettext_lazy(
        "Claims go to an external verifier until you restore the status. Claims that are with the centre’s verifier now "
        "cannot be confirmed meanwhile."
    ),
    "restore": gettext_lazy("The centre’s own verifier may release claims again."),
    "remove": gettext_lazy("Claims go to an external verifier from now on. The centre may apply again."),
}


@require_GET
@allowed(P.CENTRES_LIST, *ASKS)
def list_direct_claims(request: PortalRequest) -> HttpResponse:
    """Every status this person sees, by centre and qualification."""
    asked = {name: request.GET.get(name, "").strip()[:100] for name in ("state", "monitoring", "q")}
    page = page_of(
        request,
        list_statuses(request.standing, state=asked["state"], monitoring=asked["monitoring"], words=asked["q"]),
    )
    today = timezone.localdate()
    rows = [
        {
            "status": status,
            "state": DIRECT_CLAIMS.state(status.state),
            "monitoring": monitoring_words(status.monitoring_due_on, today),
        }
        for status in page
    ]
    context = {
        "heading": _("Direct claims"),
        "breadcrumbs": centre_crumbs(request, None),
        "page_obj": page,
        "rows": rows,
        "asked": asked,
        "is_filtered": any(asked.values()),
        "states": DIRECT_CLAIMS.states,
        "ask_label": _ask_label(request),
    }
    return render(request, "centres/direct_claims.html", context)


def _ask_label(request: PortalRequest) -> str:
    """What this person calls beginning an application; empty when they may not."""
    if request.standing.can(P.DIRECT_CLAIMS_DECIDE):
        return _("Record an application")
    if request.standing.can(P.DIRECT_CLAIMS_APPLY):
        return _("Apply for direct claims")
    return _("Recommend a centre") if request.standing.can(P.DIRECT_CLAIMS_RECOMMEND) else ""


@allowed(*ASKS)
@require_http_methods(["GET", "POST"])
def ask(request: PortalRequest) -> HttpResponse:
    """Applies, records an application, or recommends, by who asks. `?centre=` and `?qan=` fill the form in."""
    standing = request.standing
    centres = askable_centres(standing)
    named = request.GET.get("centre", "")
    centre = centres.filter(pk=int(named)).first() if named.isdecimal() else None
    if centre is None and centres.count() == 1:
        centre = centres.first()
    initial = {"centre_number": centre.number if centre else "", "qan": request.GET.get("qan", "")[:12]}
    form = AskForm(request.POST if request.method == "POST" else None, centres=centres, initial=initial)
    status = 200
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        facts = {"centre": data["centre"], "qualification": data["qualification"], "reason": data["reason"]}
        service = recommend_direct_claims
        if standing.can(P.DIRECT_CLAIMS_DECIDE) or standing.can(P.DIRECT_CLAIMS_APPLY):
            service = apply_for_direct_claims
        try:
            made = service(actor=standing, **facts)
        except (StalePageError, PermissionMissingError) as error:
            form.add_error(None, str(error))
            status = 409
        except TransitionError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("%(what)s: the AO decides next.") % {"what": made})
            return redirect("centres:direct_claims_status", ao=request.ao.slug, status_id=made.pk)
    context = {
        "heading": _ask_label(request),
        "breadcrumbs": [*centre_crumbs(request, centre), _list_crumb(request)],
        "form": form,
        "action": _("Send"),
        "taught": list(taught_at(centre)[:50]) if centre else [],
    }
    return render(request, "centres/direct_claims_ask.html", context, status=status)


@require_GET
@allowed(P.CENTRE_VIEW, *ASKS)
def show_status(request: PortalRequest, status_id: int) -> HttpResponse:
    """One status: where it stands, its monitoring, what happened, what may be done."""
    status = get_object_or_404(visible_statuses(request.standing), pk=status_id)
    held = list(status.monitorings.select_related("recorded_by")[:50])
    facts: list[tuple[str, Any]] = [
        (_("Centre"), status.centre),
        (_("Qualification"), status.qualification),
    ]
    if status.recommended_by:
        facts.append((_("Recommended by"), f"{status.recommended_by}, {london_date(status.recommended_on)}"))
    if status.granted_on:
        facts.append((_("Granted on"), london_date(status.granted_on)))
    if status.monitoring_due_on:
        label = _("Next monitoring by") if held else _("First monitoring by")
        facts.append((label, london_date(status.monitoring_due_on)))
    moves = [move for move in moves_open_to(DIRECT_CLAIMS, status, request.standing) if move.name in DECISIONS]
    may_monitor = status.state in MONITORED_STATES and request.standing.can(P.DIRECT_CLAIMS_DECIDE)
    context = {
        "status": status,
        "facts": facts,
        "monitorings": held,
        "monitoring": monitoring_words(status.monitoring_due_on, timezone.localdate()),
        "events": history(status),
        "moves": moves,
        "may_monitor": may_monitor,
        "may_recommend": status.state == "applied" and request.standing.can(P.DIRECT_CLAIMS_RECOMMEND),
        "may_reapply": status.state in DIRECT_CLAIMS.transition("reapply").sources
        and request.standing.can(P.DIRECT_CLAIMS_APPLY, status.centre_id),
    }
    return _page(request, status, "centres/direct_claims_status.html", context, _("Direct claims: %(qan)s"))


@allowed(P.DIRECT_CLAIMS_DECIDE)
@require_http_methods(["GET", "POST"])
def decide(request: PortalRequest, status_id: int, move: str) -> HttpResponse:
    """One decision with its reasons."""
    status = get_object_or_404(visible_statuses(request.standing), pk=status_id)
    if move not in DECISIONS:
        raise Http404
    transition = DIRECT_CLAIMS.transition(move)
    if request.method == "GET" and status.state not in transition.sources:
        messages.info(request, _("This cannot be done as the status stands now."))
        return redirect("centres:direct_claims_status", ao=request.ao.slug, status_id=status.pk)
    initial: dict[str, Any] = {"expected_version": status.version}
    kind = GrantForm if move == "grant" else MoveForm
    if move == "grant":
        initial["monitoring_due_on"] = last_first_monitoring(timezone.localdate())
    form = kind(request.POST if request.method == "POST" else None, initial=initial)
    code = 200
    if form.is_bound and form.is_valid():
        try:
            if move == "grant":
                grant_direct_claims(actor=request.standing, status=status, **form.cleaned_data)
            else:
                move_direct_claims(actor=request.standing, status=status, move=move, **form.cleaned_data)
        except StalePageError as error:
            form.add_error(None, str(error))
            code = 409
        except TransitionError as error:
            form.add_error("monitoring_due_on" if move == "grant" else None, str(error))
        else:
            words = {"what": status, "move": DIRECT_CLAIMS.event_label(move)}
            messages.success(request, _("%(what)s: %(move)s.") % words)
            return redirect("centres:direct_claims_status", ao=request.ao.slug, status_id=status.pk)
    context = {
        "form": form,
        "action": transition.label,
        "about": DECISIONS[move],
        "is_warning": transition.is_warning,
        "has_no_recommendation": move == "grant" and status.recommended_by_id is None,
    }
    heading = f"{transition.label}: %(qan)s"
    return _page(request, status, "centres/direct_claims_decide.html", context, heading, code, inside=True)


@allowed(P.DIRECT_CLAIMS_DECIDE)
@require_http_methods(["GET", "POST"])
def monitor(request: PortalRequest, status_id: int) -> HttpResponse:
    """Records a monitoring that was held."""
    status = get_object_or_404(visible_statuses(request.standing), pk=status_id)
    if request.method == "GET" and status.state not in MONITORED_STATES:
        messages.info(request, _("Only what is granted or frozen is monitored."))
        return redirect("centres:direct_claims_status", ao=request.ao.slug, status_id=status.pk)
    form = MonitoringForm(
        request.POST if request.method == "POST" else None,
        initial={"expected_version": status.version, "held_on": timezone.localdate()},
    )
    code = 200
    if form.is_bound and form.is_valid():
        try:
            record_monitoring(actor=request.standing, status=status, **form.cleaned_data)
        except StalePageError as error:
            form.add_error(None, str(error))
            code = 409
        except TransitionError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The monitoring is recorded."))
            return redirect("centres:direct_claims_status", ao=request.ao.slug, status_id=status.pk)
    context = {"form": form, "action": _("Record the monitoring")}
    heading = _("Monitoring: %(qan)s")
    return _page(request, status, "centres/direct_claims_decide.html", context, heading, code, inside=True)


def _list_crumb(request: PortalRequest) -> tuple[str, str]:
    return (_("Direct claims"), reverse("centres:direct_claims", kwargs={"ao": request.ao.slug}))


def _turn(status: DirectClaimsStatus, request: PortalRequest) -> Turn:
    shown = turn(DIRECT_CLAIMS, status, request.standing)
    due = status.monitoring_due_on if status.state in MONITORED_STATES else None
    next_step = _("Monitoring is held") if due else shown.next
    return Turn(shown.state, shown.colour, shown.holder, shown.since, next_step, due, shown.is_yours)  # type: ignore[arg-type]


def _page(
    request: PortalRequest, status: DirectClaimsStatus, template: str, context: dict[str, Any], heading: str,
    code: int = 200, *, inside: bool = False,
) -> HttpResponse:  # fmt: skip
    words = {"qan": status.qualification.display_qan}
    crumbs = centre_crumbs(request, status.centre)
    if any(request.standing.can(p) for p in (P.CENTRES_LIST, *ASKS)):
        crumbs.append(_list_crumb(request))
    if inside:
        url = reverse("centres:direct_claims_status", kwargs={"ao": request.ao.slug, "status_id": status.pk})
        crumbs.append((status.qualification.display_qan, url))
    shown = {"heading": heading % words, "breadcrumbs": crumbs, "turn": _turn(status, request), "status": status}
    return render(request, template, shown | context, status=code)
