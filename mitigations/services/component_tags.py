"""Asking for a component's grade, and agreeing to it (CTB-01 to CTB-05)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from awarding.audit.services import record
from awarding.findings.finding import Finding, Severity, blocking
from awarding.workflow.services import GuardedError, StalePageError, apply_transition, write_event
from mitigations.models import Claim, ClaimCell, ClaimLearner, ClaimUnit, ComponentTag
from mitigations.queries.component_tags import gives_component_tags, tag_findings, tag_grades
from mitigations.queries.grid import closed_places
from mitigations.services.grid import lock_for_filling
from mitigations.services.telling import tell_moved
from mitigations.workflow import COMPONENT_TAG, EDITABLE_STATES

OPEN_STATES = ("drafted", "requested", "agreed")


@dataclass(frozen=True)
class TagInput:
    """What a centre writes of one component; codes are the framework's, `tells` is {code: text}."""

    grade: str
    statements: list[str] = field(default_factory=list)
    tells: dict[str, str] = field(default_factory=dict)
    evidence_types: list[str] = field(default_factory=list)
    evidence: str = ""


@transaction.atomic
def draft_tag(*, actor: Standing, claim: Claim, learner_id: int, unit_id: int, said: TagInput) -> ComponentTag:
    """Begins a request for one learner's grade in one unit (ids of the row and the column); unfinished is fine.

    GuardedError where the claim has no such grades, nothing is to be claimed there, the grade is none of the units' or
    a request is under way; ClaimLockedError while the claim is not with its centre.
    """
    actor.require(Permission.CLAIMS_SUBMIT, claim.centre_id)
    locked = lock_for_filling(actor, claim.pk)
    learner = ClaimLearner.objects.select_related("registration__learner").get(claim=locked, pk=learner_id)
    unit = ClaimUnit.objects.select_related("unit").get(claim=locked, pk=unit_id)
    _refuse_place(locked, learner, unit)
    _refuse_grade(locked, said.grade)
    tag = ComponentTag.objects.create(
        centre_id=locked.centre_id, claim=locked, learner=learner, unit=unit, state=COMPONENT_TAG.initial,
        drafted_by=actor.person, **_fields(said),
    )  # fmt: skip
    write_event(tag, "draft", "", actor=actor, data={"grade": said.grade})
    return tag


@transaction.atomic
def edit_tag(*, actor: Standing, tag: ComponentTag, said: TagInput, expected_version: int) -> ComponentTag:
    """Changes a request that is not sent yet. StalePageError when it moved or was changed since the page was opened."""
    actor.require(Permission.CLAIMS_SUBMIT, tag.centre_id)
    claim = lock_for_filling(actor, tag.claim_id)
    locked = ComponentTag.objects.select_for_update(of=("self",)).get(pk=tag.pk)
    if locked.state != "drafted" or locked.version != expected_version:
        raise StalePageError(_("Somebody else changed or sent this request meanwhile. Nothing of yours was saved."))
    _refuse_grade(claim, said.grade)
    for name, value in _fields(said).items():
        setattr(locked, name, value)
    locked.version += 1
    locked.save()
    record("component_tag.edited", actor=actor, target=locked, data={"grade": said.grade})
    return locked


@transaction.atomic
def move_tag(
    *, actor: Standing, tag: ComponentTag, move: str, reason: str = "", expected_version: int | None = None
) -> ComponentTag:
    """One move of a request: request, agree, refuse, withdraw. Raises as `apply_transition`, and ClaimLockedError.

    A request is checked when it is sent and again when it is agreed to (CTB-01, -03, -04), each time by the day on which
    it was sent (CTB-05). Agreeing puts the grade into the eRAC; withdrawing what was agreed takes it out again.
    """
    actor.require(COMPONENT_TAG.transition(move).permission or Permission.PANEL_DECIDE, tag.centre_id)
    claim = lock_for_filling(actor, tag.claim_id) if move in ("request", "withdraw") else _lock(tag.claim_id)
    before = ComponentTag.objects.get(pk=tag.pk).state
    changes = {"requested_on": timezone.localdate()} if move == "request" else {}
    moved = apply_transition(
        COMPONENT_TAG, tag, move, actor=actor, reason=reason, expected_version=expected_version, changes=changes
    )
    if move in ("request", "agree"):
        _refuse_unfounded(moved, claim)
    if move == "agree":
        _write_cell(actor, moved, moved.grade)
    elif move == "withdraw" and before == "agreed":
        _write_cell(actor, moved, "")
    title = f"{claim.number}: {COMPONENT_TAG.event_label(move)}"
    body = "\n\n".join(filter(None, (str(moved), reason.strip())))
    tell_moved(
        actor=actor, workflow=COMPONENT_TAG, subject=moved, move=move, title=title, body=body, url=tag_url(moved)
    )
    return moved


def withdraw_open_tags(*, actor: Standing, claim: Claim) -> int:
    """Withdraws the requests on a withdrawn claim that nobody has answered, and answers how many.

    What was agreed stays as it was agreed. For `withdraw_claim`, in its transaction, which holds the claim's lock.
    """
    reason = _("eRAC %(number)s was withdrawn.") % {"number": claim.number}
    found = ComponentTag.objects.filter(claim=claim, state__in=("drafted", "requested")).order_by("id")
    for tag in found:
        apply_transition(COMPONENT_TAG, tag, "withdraw", actor=actor, reason=reason)
    return len(found)


def _lock(claim_id: int) -> Claim:
    """The claim, before its requests and its cells, as every writer does."""
    claims = Claim.objects.select_related("centre", "qualification", "adoption__framework")
    claim: Claim = claims.select_for_update(of=("self",), no_key=True).get(pk=claim_id)
    return claim


def _refuse_unfounded(tag: ComponentTag, claim: Claim) -> None:
    found = blocking(tag_findings(tag, tag.requested_on))
    if claim.state not in EDITABLE_STATES:
        what = _("eRAC %(number)s is no longer with its centre.") % {"number": claim.number}
        found.append(
            _stop(str(tag), what, _("A grade can be agreed while the eRAC is with its centre."), "claim_moved")
        )
    if found:
        raise GuardedError(found)


def _write_cell(actor: Standing, tag: ComponentTag, value: str) -> None:
    """Puts the agreed grade into the cell; or takes it out, where it still stands there."""
    cell = ClaimCell.objects.select_for_update(of=("self",)).filter(learner=tag.learner_id, unit=tag.unit_id).first()
    if cell is None:
        cell = ClaimCell(claim_id=tag.claim_id, learner_id=tag.learner_id, unit_id=tag.unit_id, version=0)
    if not value and cell.value != tag.grade:
        return
    change = {"row": tag.learner.row_key, "unit": tag.unit.unit.reference, "before": cell.value, "after": value}
    cell.value, cell.version, cell.is_incomplete = value, cell.version + 1, bool(value)
    cell.updated_by, cell.updated_at = actor.person, timezone.now()
    cell.save()
    record("claim.cells_saved", actor=actor, target=tag.claim, data={"cells": [change], "component_tag": tag.pk})


def _fields(said: TagInput) -> dict[str, Any]:
    return {
        "grade": said.grade, "statements": sorted(set(said.statements)), "evidence": said.evidence.strip(),
        "evidence_types": sorted(set(said.evidence_types)),
        "tells": {code: text.strip() for code, text in said.tells.items()},
    }  # fmt: skip


def _refuse_place(claim: Claim, learner: ClaimLearner, unit: ClaimUnit) -> None:
    where = f"{learner.registration.learner.full_name}, {unit.unit.reference}"
    if not gives_component_tags(claim):
        what = _("This eRAC claims no grades for single components.")
        raise GuardedError([_stop(where, what, _("Claim the component in the ordinary way."), "no_component_tags")])
    if (learner.pk, unit.pk) in closed_places(claim) or (unit.is_later and not learner.finishes_now):
        what = _("Nothing is to be claimed for this learner in this unit: it is there already, or assessed later.")
        raise GuardedError([_stop(where, what, _("Choose another unit."), "nothing_to_claim")])
    if ComponentTag.objects.filter(learner=learner, unit=unit, state__in=OPEN_STATES).exists():
        what = _("A request for this component is there already.")
        raise GuardedError([_stop(where, what, _("Go on with that one, or withdraw it first."), "open_request")])


def _refuse_grade(claim: Claim, grade: str) -> None:
    grades = [row.code for row in tag_grades(claim)]
    if grade not in grades:
        what = _("“%(value)s” is not a grade of these units.") % {"value": grade[:40]}
        fix = _("Use one of: %(grades)s.") % {"grades": ", ".join(grades)}
        raise GuardedError([_stop(claim.number, what, fix, "off_scale")])


def _stop(where: str, what: str, fix: str, code: str) -> Finding:
    return Finding("CTB-02", Severity.BLOCKS, where, what, fix, code)


def tag_url(tag: ComponentTag) -> str:
    """The address of a request's page."""
    return reverse("mitigations:component_tag", kwargs={"ao": tag.ao.slug, "component_tag_id": tag.pk})
