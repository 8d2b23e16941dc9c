"""Disputing an outcome, and settling that."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from awarding.accounts.audience import allowed
from awarding.accounts.requests import PortalRequest, ao_url
from awarding.accounts.roles import Permission as P
from awarding.catalogue.queries.qualification import get_own_qualification
from awarding.ui.unsaved import tell_unsaved, texts_of
from awarding.workflow.queries import turn
from awarding.workflow.services import GuardedError, StalePageError, TransitionError
from mitigations.forms.claims import ReasonForm
from mitigations.forms.objections import RaiseForm, SettleForm
from mitigations.models import Outcome, OutcomeDispute
from mitigations.queries.disputes import centres_with_learners, dispute_history, disputing_centres, visible_disputes
from mitigations.queries.outcomes import Adopted, adopted_with_outcomes, kind_in_words, open_outcomes
from mitigations.services.disputes import (
    DisputeOpenError,
    change_outcome,
    keep_outcome,
    raise_dispute,
    withdraw_dispute,
)
from mitigations.workflow import OUTCOME_DISPUTE

PER_PAGE = 50


@allowed(P.OUTCOMES_DISPUTE, P.OUTCOMES_SET, P.AO_OVERVIEW)
@require_safe
def disputes(request: PortalRequest) -> HttpResponse:
    """Disputed outcomes, the open ones first."""
    rows = visible_disputes(request.standing)
    if request.GET.get("show") != "all":
        rows = rows.filter(state="raised")
    page = Paginator(rows.order_by("-id"), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "heading": _("Disputed outcomes"),
        "page_obj": page,
        "rows": [(row, OUTCOME_DISPUTE.state(row.state)) for row in page],
        "shows_all": request.GET.get("show") == "all",
        "can_dispute": request.standing.can(P.OUTCOMES_DISPUTE),
    }
    return render(request, "mitigations/disputes.html", context)


@allowed(P.OUTCOMES_DISPUTE)
@require_http_methods(["GET", "POST"])
def dispute_outcome(request: PortalRequest, qan: str) -> HttpResponse:
    """Raises a dispute against one qualification's outcome (MIT-05), under the framework that `?framework=` names."""
    row = get_own_qualification(qan)
    chosen, outcome = _outcome_to_dispute(request, row.pk)
    back = redirect("catalogue:qualification", ao=request.ao.slug, qan=row.qan)
    if chosen is None or outcome is None:
        messages.info(
            request, _("No outcome has been set that could be disputed. Ask about the qualification instead.")
        )
        return back
    centres = disputing_centres(request.standing)
    form = RaiseForm(
        request.POST if request.method == "POST" else None, document=chosen.document, category=row.category,
        centres=centres, initial={"outcome": outcome.pk},
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        # The version that the page showed: a newer one is told, not disputed unseen.
        shown = Outcome.objects.filter(pk=given["outcome"], qualification=row).first()
        try:
            if shown is None:
                raise TransitionError(
                    _("The outcome that you dispute is not there. Look at it below, and send it again.")
                )
            made = raise_dispute(
                actor=request.standing, centre_id=given.get("centre") or centres[0][0], outcome=shown,
                reason=given["reason"], wanted_kind=given["wanted_kind"],
            )  # fmt: skip
        except DisputeOpenError as error:
            messages.info(request, str(error))
            return redirect("mitigations:dispute", ao=request.ao.slug, dispute_id=error.dispute.pk)
        except TransitionError as error:
            form.add_error(None, str(error))
            # What is shown now is what is disputed when the page is sent again.
            form.data = {**request.POST.dict(), "outcome": outcome.pk}
        else:
            messages.success(request, _("%(number)s is sent to the awarding organisation.") % {"number": made.number})
            return redirect("mitigations:dispute", ao=request.ao.slug, dispute_id=made.pk)
    context = {
        "heading": _("Dispute what happens to this qualification"),
        "breadcrumbs": [(row.display_qan, ao_url(request, "catalogue:qualification", qan=row.qan))],
        "qualification": row,
        "outcome": outcome,
        "label": kind_in_words(chosen.document, outcome.kind),
        "chosen": chosen,
        "form": form,
    }
    return render(request, "mitigations/dispute_outcome.html", context)


def _outcome_to_dispute(request: PortalRequest, qualification_id: int) -> tuple[Adopted | None, Outcome | None]:
    """The framework asked for, or else the newest in which the qualification has an outcome, with that outcome."""
    wanted = request.GET.get("framework") or ""
    for adopted in adopted_with_outcomes():
        outcome = open_outcomes(adopted.code, [qualification_id]).get(qualification_id)
        if outcome is not None and wanted in ("", adopted.code):
            return adopted, outcome
    return None, None


@allowed(P.OUTCOMES_DISPUTE, P.OUTCOMES_SET, P.AO_OVERVIEW)
@require_http_methods(["GET", "POST"])
def dispute(request: PortalRequest, dispute_id: int) -> HttpResponse:
    """One dispute: what is disputed, why, what came of it; the AO settles it here, the centre may withdraw it."""
    found = _find(request, dispute_id)
    adopted = next((row for row in adopted_with_outcomes() if row.code == found.framework_code), None)
    if request.method != "POST":
        return _page(request, found, adopted)
    if found.state != OUTCOME_DISPUTE.initial:
        typed = [str(words) for name, words in request.POST.items() if name.endswith("reason")]
        tell_unsaved(request, _("Somebody settled this first. Nothing of yours was saved; read it below."), typed)
        return _page(request, found, adopted, status=409)
    if "withdraw" in request.POST:
        form: Any = ReasonForm(request.POST, prefix="withdraw")
        act: Any = withdraw_dispute
    elif adopted is None or not request.standing.can(P.OUTCOMES_SET):
        raise Http404
    else:
        form, act = _settle_form(found, adopted, request), _settle
    if not form.is_valid():
        return _page(request, found, adopted, form)
    try:
        act(actor=request.standing, dispute=found, **form.cleaned_data)
    except StalePageError as error:
        tell_unsaved(request, error, texts_of(form))
        return _page(request, _find(request, dispute_id), adopted, status=409)
    except GuardedError as error:
        for finding in error.findings:
            form.add_error(None, f"{finding.what} {finding.fix}")
        return _page(request, found, adopted, form)
    except TransitionError as error:
        form.add_error(None, str(error))
        return _page(request, found, adopted, form)
    messages.success(request, _said(_find(request, dispute_id), adopted))
    return redirect("mitigations:dispute", ao=request.ao.slug, dispute_id=found.pk)


def _said(dispute: OutcomeDispute, adopted: Adopted | None) -> str:
    """What was settled, and who is told of it."""
    if dispute.state == "withdrawn":
        return _("%(number)s is withdrawn: the outcome stands. The awarding organisation is told.") % {
            "number": dispute.number
        }
    if dispute.new_outcome is None or adopted is None:
        return _("The outcome stands as it was. %(centre)s is told, with your reason.") % {
            "centre": dispute.centre.name
        }
    centres = centres_with_learners(dispute.qualification)
    said = _(
        "%(kind)s is in force as version %(version)s. %(centre)s is told, and so is every centre with learners on the"
        " qualification (%(n)s)."
    )
    return said % {
        "kind": kind_in_words(adopted.document, dispute.new_outcome.kind),
        "version": dispute.new_outcome.number,
        "centre": dispute.centre.name,
        "n": centres,
    }


def _settle(*, actor: Any, dispute: OutcomeDispute, kind: str, reason: str, expected_version: int) -> OutcomeDispute:
    if kind == "keep":
        return keep_outcome(actor=actor, dispute=dispute, reason=reason, expected_version=expected_version)
    return change_outcome(actor=actor, dispute=dispute, kind=kind, reason=reason, expected_version=expected_version)


def _settle_form(found: OutcomeDispute, adopted: Adopted, request: PortalRequest | None = None) -> SettleForm:
    current = open_outcomes(adopted.code, [found.qualification_id]).get(found.qualification_id)
    return SettleForm(
        request.POST if request is not None else None, document=adopted.document, category=found.qualification.category,
        current=current.kind if current else "", initial={"expected_version": found.version},
    )  # fmt: skip


def _find(request: PortalRequest, dispute_id: int) -> OutcomeDispute:
    found: OutcomeDispute = get_object_or_404(visible_disputes(request.standing), pk=dispute_id)
    return found


def _page(
    request: PortalRequest, found: OutcomeDispute, adopted: Adopted | None, form: Any = None, status: int = 200
) -> HttpResponse:  # fmt: skip
    standing, is_open = request.standing, found.state == "raised"
    settles = is_open and adopted is not None and standing.can(P.OUTCOMES_SET)
    withdraws = is_open and standing.can(P.OUTCOMES_DISPUTE, found.centre_id)
    is_withdrawal = isinstance(form, ReasonForm)
    words = kind_in_words if adopted is not None else (lambda _document, kind: kind)
    document: Any = adopted.document if adopted is not None else None
    facts: list[Any] = [
        {
            "key": _("Qualification"),
            "value": str(found.qualification),
            "actions": [
                {
                    "text": _("Open"),
                    "url": ao_url(request, "catalogue:qualification", qan=found.qualification.qan),
                    "about": found.qualification.display_qan,
                }
            ],
        },
        (_("Disputed"), _("Version %(number)s: %(kind)s")
         % {"number": found.outcome.number, "kind": words(document, found.outcome.kind)}),
        (_("Centre"), found.centre.name),
        (_("Raised by"), str(found.raised_by)),
    ]  # fmt: skip
    if found.wanted_kind:
        facts.append((_("What the centre thinks right"), words(document, found.wanted_kind)))
    if found.new_outcome is not None:
        new = {"number": found.new_outcome.number, "kind": words(document, found.new_outcome.kind)}
        facts.append((_("In force instead"), _("Version %(number)s: %(kind)s") % new))
    fresh: Any = form if not is_withdrawal else None
    context = {
        "heading": _("Dispute %(number)s") % {"number": found.number},
        "breadcrumbs": [(_("Disputed outcomes"), ao_url(request, "mitigations:disputes"))],
        "turn": turn(OUTCOME_DISPUTE, found, standing),
        "dispute": found,
        "facts": facts,
        "overtaken": is_open and found.outcome.superseded_at is not None,
        "form": (fresh or _settle_form(found, adopted)) if settles and adopted is not None else None,
        "withdraw_form": (
            form if is_withdrawal else ReasonForm(prefix="withdraw", initial={"expected_version": found.version})
        ) if withdraws else None,
        "events": dispute_history(found),
    }  # fmt: skip
    return render(request, "mitigations/dispute.html", context, status=status)
