"""Grades by teachers for single components: the lists, one request, writing it, moving it (CTB-01 to CTB-05)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from awarding.accounts.audience import allowed
from awarding.accounts.requests import ao_url, standing_in
from awarding.accounts.roles import Permission as P
from awarding.findings.finding import Finding
from awarding.frameworks.queries import adopted_document
from awarding.ui.unsaved import tell_unsaved, texts_of
from awarding.workflow.queries import history, moves_open_to, turn
from awarding.workflow.services import GuardedError, StalePageError, TransitionError
from mitigations.forms.component_tags import TagForm, TagMoveForm
from mitigations.models import Claim, ComponentTag
from mitigations.queries.component_tags import gives_component_tags, tag_findings, tag_grades, visible_tags
from mitigations.queries.documents import open_adoption_for
from mitigations.queries.grid import claim_learners, claim_units
from mitigations.rules.component_tag import window_findings
from mitigations.services.component_tags import draft_tag, edit_tag, move_tag
from mitigations.services.grid import ClaimLockedError
from mitigations.views.frame import claim_or_404, claim_page
from mitigations.views.sections import panel_sections
from mitigations.workflow import COMPONENT_TAG, EDITABLE_STATES

PER_PAGE = 50


@allowed(P.CLAIMS_VIEW)
@require_safe
def component_tags(request: HttpRequest) -> HttpResponse:
    """The requests on all claims that this person sees, newest first, by state."""
    state = request.GET.get("state", "")
    known = {row.name: row.label for row in COMPONENT_TAG.states}
    found = visible_tags(standing_in(request))
    here = ao_url(request, "mitigations:component_tags")
    filters: list[tuple[Any, str, bool]] = [(_("All"), here, state not in known)]
    filters += [(label, f"{here}?state={name}", state == name) for name, label in known.items()]
    found = found.filter(state=state) if state in known else found
    context = _listed(request, found) | {"heading": _("Grades for single components"), "filters": filters}
    context |= {"filtered": state in known, "sections": panel_sections(request)}
    return render(request, "mitigations/component_tags.html", context)


def _listed(request: HttpRequest, found: QuerySet[ComponentTag]) -> dict[str, Any]:
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    return {"page_obj": page, "rows": [{"tag": tag, "state": COMPONENT_TAG.state(tag.state)} for tag in page]}


@allowed(P.CLAIMS_VIEW)
@require_safe
def claim_component_tags(request: HttpRequest, claim_id: int) -> HttpResponse:
    """The requests of one claim, and where to make another one."""
    claim = claim_or_404(request, claim_id)
    context = _listed(request, visible_tags(standing_in(request)).filter(claim=claim)) | {
        "of_claim": True,
        "may_ask": _may_ask(request, claim),
        "findings": _window(claim) if gives_component_tags(claim) else [],
        "gives": gives_component_tags(claim),
    }
    return claim_page(request, claim, "component_tags.html", context, heading=_("Grades for single components"))


def _may_ask(request: HttpRequest, claim: Claim) -> bool:
    with_centre = claim.state in EDITABLE_STATES and gives_component_tags(claim)
    return with_centre and standing_in(request).can(P.CLAIMS_SUBMIT, claim.centre_id)


def _window(claim: Claim) -> list[Finding]:
    return window_findings(adopted_document(open_adoption_for(claim)), timezone.localdate(), claim.number)


@allowed(P.CLAIMS_SUBMIT)
@require_http_methods(["GET", "POST"])
def ask_component_tag(request: HttpRequest, claim_id: int) -> HttpResponse:
    """Begins a request for a learner and a unit; it is sent from its own page."""
    claim = claim_or_404(request, claim_id)
    standing_in(request).require(P.CLAIMS_SUBMIT, claim.centre_id)
    if not gives_component_tags(claim):
        messages.info(request, _("This eRAC claims no grades for single components."))
        return redirect(ao_url(request, "mitigations:claim", claim_id=claim.pk))
    places = (
        [(row.pk, row.registration.learner.full_name) for row in claim_learners(claim)],
        # Short enough for a narrow screen: a select is as wide as its longest option.
        [(col.pk, Truncator(f"{col.unit.reference} {col.unit.title}").chars(24)) for col in claim_units(claim)],
    )
    form = _form(request, claim, places=places)
    found, status = _window(claim), 200
    if form.is_bound and form.is_valid():
        data = form.cleaned_data
        try:
            tag = draft_tag(
                actor=standing_in(request),
                claim=claim,
                learner_id=data["learner"],
                unit_id=data["unit"],
                said=form.said(),
            )
        except GuardedError as error:
            found = error.findings
            form.add_error(None, str(error))
        except ClaimLockedError as error:
            form.add_error(None, str(error))
            status = 409
        else:
            messages.success(request, _("The request is saved. Read it through, then send it."))
            return redirect(ao_url(request, "mitigations:component_tag", component_tag_id=tag.pk))
    return _write_page(request, claim, form, found, _("Ask for a component grade"), status)


@allowed(P.CLAIMS_SUBMIT)
@require_http_methods(["GET", "POST"])
def edit_component_tag(request: HttpRequest, component_tag_id: int) -> HttpResponse:
    """Changes a request that is not sent yet."""
    tag = _find(request, component_tag_id)
    standing_in(request).require(P.CLAIMS_SUBMIT, tag.centre_id)
    here = ao_url(request, "mitigations:component_tag", component_tag_id=tag.pk)
    if not gives_component_tags(tag.claim) or (request.method == "GET" and tag.state != "drafted"):
        messages.info(request, _("This request cannot be changed now."))
        return redirect(here)
    form, status = _form(request, tag.claim, initial=TagForm.initial_of(tag)), 200
    if form.is_bound and form.is_valid():
        version = form.cleaned_data["expected_version"]
        try:
            edit_tag(actor=standing_in(request), tag=tag, said=form.said(), expected_version=version)
        except (StalePageError, ClaimLockedError) as error:
            form.add_error(None, str(error))
            status = 409
        else:
            messages.success(request, _("The request is saved. Read it through, then send it."))
            return redirect(here)
    claim = claim_or_404(request, tag.claim_id)
    return _write_page(request, claim, form, [], _("Change the request: %(where)s") % {"where": tag}, status)


def _form(request: HttpRequest, claim: Claim, **more: Any) -> TagForm:
    grades = [(grade.code, str(grade.label or grade.code)) for grade in tag_grades(claim)]
    document = adopted_document(claim.adoption)
    return TagForm(request.POST if request.method == "POST" else None, document=document, grades=grades, **more)


def _write_page(
    request: HttpRequest, claim: Claim, form: TagForm, found: list[Finding], heading: str, status: int
) -> HttpResponse:
    context = {"form": form, "findings": found, "has_errors": bool(form.errors)}
    return claim_page(request, claim, "component_tag_form.html", context, heading=heading, status=status)


@allowed(P.CLAIMS_VIEW)
@require_safe
def component_tag(request: HttpRequest, component_tag_id: int) -> HttpResponse:
    """One request: what the centre says, what the checks say, whose turn, what happened."""
    return _tag_page(request, _find(request, component_tag_id))


def _find(request: HttpRequest, pk: int) -> ComponentTag:
    return get_object_or_404(visible_tags(standing_in(request)), pk=pk)


def _tag_page(
    request: HttpRequest, tag: ComponentTag, form: TagMoveForm | None = None, found: list[Finding] | None = None,
    status: int = 200,
) -> HttpResponse:  # fmt: skip
    standing = standing_in(request)
    moves = moves_open_to(COMPONENT_TAG, tag, standing)
    if form is None and moves:
        form = TagMoveForm(initial={"expected_version": tag.version}, moves=moves)
    if found is None and tag.state in ("drafted", "requested"):
        found = tag_findings(tag, tag.requested_on or timezone.localdate())
    context = {
        "heading": _("Component grade: %(where)s") % {"where": tag},
        "breadcrumbs": [
            (tag.claim.number, ao_url(request, "mitigations:claim", claim_id=tag.claim_id)),
            (_("Grades for single components"), ao_url(request, "mitigations:claim_component_tags", claim_id=tag.claim_id)),
        ],
        "tag": tag,
        "turn": turn(COMPONENT_TAG, tag, standing),
        "facts": _facts(request, tag),
        "findings": found or [],
        "may_edit": tag.state == "drafted" and standing.can(P.CLAIMS_SUBMIT, tag.centre_id),
        "form": form,
        "has_errors": bool(form is not None and form.errors),
        "events": history(tag),
    }  # fmt: skip
    return render(request, "mitigations/component_tag.html", context, status=status)


def _facts(request: HttpRequest, tag: ComponentTag) -> list[Any]:
    document = adopted_document(tag.claim.adoption)
    tags = document.component_tags
    url = ao_url(request, "mitigations:claim", claim_id=tag.claim_id)
    link = {"text": _("Open"), "url": url, "about": tag.claim.number}
    none = _("Nothing yet")
    types = document.evidence_types
    evidence = ", ".join(_(types[code].label) for code in tag.evidence_types if code in types)
    rows: list[Any] = [
        {"key": _("eRAC"), "value": tag.claim.number, "actions": [link]},
        (_("Learner"), tag.learner.registration.learner.full_name),
        (_("Centre"), tag.centre),
        (_("Qualification"), tag.claim.qualification),
        (_("Unit"), f"{tag.unit.unit.reference} {tag.unit.unit.title}"),
        (_("Grade proposed"), tag.grade),
    ]
    codes = document.outcome(tags.outcome).last_resort_statements if tags else ()
    for code in codes:
        said = _("Confirmed") if code in tag.statements else _("Not confirmed")
        rows.append((_(document.statements[code].text), said))
    rows += [(_("Evidence"), evidence or none), (_("What the learner produced"), tag.evidence or none)]
    rows += [(_(tell.label), tag.tells.get(tell.code) or none) for tell in (tags.tells if tags else ())]
    return [*rows, (_("Drafted by"), tag.drafted_by)]


@allowed(P.CLAIMS_SUBMIT, P.PANEL_DECIDE)
@require_POST
def move_component_tag(request: HttpRequest, component_tag_id: int) -> HttpResponse:
    """Sends, agrees, refuses or withdraws."""
    tag = _find(request, component_tag_id)
    form = TagMoveForm(request.POST, moves=moves_open_to(COMPONENT_TAG, tag, standing_in(request)))
    if not form.is_valid():
        return _tag_page(request, tag, form)
    data = form.cleaned_data
    try:
        moved = move_tag(
            actor=standing_in(request), tag=tag, move=data["move"], reason=data["reason"],
            expected_version=data["expected_version"],
        )  # fmt: skip
    except GuardedError as error:
        form.add_error("move", str(error))
        return _tag_page(request, tag, form, error.findings)
    except (TransitionError, ClaimLockedError) as error:
        tell_unsaved(request, error, texts_of(form))
        return _tag_page(request, _find(request, component_tag_id), status=409)
    messages.success(request, _said(moved))
    return redirect(ao_url(request, "mitigations:component_tag", component_tag_id=moved.pk))


def _said(tag: ComponentTag) -> str:
    """What the move did, who was told, and what comes next."""
    said = {
        "requested": _("The request for %(where)s is sent. The panel agrees or refuses, and you are told."),
        "agreed": _("Agreed: %(grade)s for %(where)s is in eRAC %(number)s. The centre is told, with your reason."),
        "refused": _(
            "Refused: %(grade)s for %(where)s does not count in eRAC %(number)s. The centre is told, with your reason; it"
            " can assess the component and claim it in the ordinary way, or ask anew."
        ),
        "withdrawn": _(
            "Withdrawn: %(where)s has no grade by teachers in eRAC %(number)s; claim it in the ordinary way."
        ),
    }[tag.state]
    return said % {"grade": tag.grade, "where": tag, "number": tag.claim.number}
