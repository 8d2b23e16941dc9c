"""Asking that a learner moves to another size, and deciding it (MIT-13)."""

from __future__ import annotations

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from awarding.accounts.roles import Permission, Role
from awarding.accounts.standing import Standing
from awarding.catalogue.models import Qualification
from awarding.findings.finding import Finding, Severity, blocking
from awarding.notices.services import notify_roles
from awarding.workflow.services import GuardedError, ReasonMissingError, apply_transition, write_event
from centres.models import Registration
from centres.services.sizes import move_registration
from mitigations.models import SizeMove
from mitigations.queries.size_moves import open_move_of, size_facts
from mitigations.rules.size_move import size_findings
from mitigations.services.telling import tell_moved
from mitigations.workflow_sizes import SIZE_MOVE, refuse_immovable


@transaction.atomic
def request_size_move(*, actor: Standing, registration: Registration, target: Qualification, reason: str) -> SizeMove:
    """Asks that a learner goes on with another size of the family. Always with a reason (MIT-13).

    A smaller size in the disrupted period of a framework is flagged and waits for the AO; any other move is made at once.
    GuardedError when the units do not fit the target, the learner stands on an eRAC, or a request is open already.
    """
    actor.require(Permission.IMPACT_ANSWER, registration.centre_id)
    rows = Registration.objects.select_for_update(of=("self",)).select_related("learner", "qualification", "cohort")
    locked = rows.get(pk=registration.pk)
    if not reason.strip():
        raise ReasonMissingError(_("Say why the other size is right for this learner."))
    _refuse_strangers(locked, target)
    facts, adoption = size_facts(locked, target, timezone.localdate())
    found = size_findings(facts)
    move = SizeMove(
        centre_id=locked.centre_id, registration=locked, source=locked.qualification, target=target, adoption=adoption,
        reason=reason.strip(), requested_by=actor.person, state=SIZE_MOVE.initial,
    )  # fmt: skip
    stopping = blocking([*found, *refuse_immovable(move)])
    if stopping:
        raise GuardedError(stopping)
    move.save()
    write_event(move, "request", "", actor=actor, reason=move.reason, data={"findings": [f.code for f in found]})
    if not move.is_flagged:
        return _make(actor, move, "make")
    notify_roles(
        roles={Role.AO_ADMIN}, centre_id=None, key=f"size-move-{move.pk}", target=move, url=move_url(move),
        subject=_("A move to a smaller size waits for you"), body=move.reason, besides=actor.person,
    )  # fmt: skip
    return move


@transaction.atomic
def decide_size_move(
    *, actor: Standing, move: SizeMove, transition: str, reason: str, expected_version: int | None = None
) -> SizeMove:
    """The AO agrees or declines, or the centre withdraws, with a reason (MIT-13). Raises as `apply_transition`.

    Agreeing checks once more whether the units fit the target.
    """
    actor.require(SIZE_MOVE.transition(transition).permission or Permission.IMPACT_MANAGE, move.centre_id)
    if transition == "agree":
        facts, _adoption = size_facts(move.registration, move.target, timezone.localdate())
        stopping = blocking(size_findings(facts)) if move.registration.qualification_id == move.source_id else []
        if stopping:
            raise GuardedError(stopping)
        return _make(actor, move, "agree", reason, expected_version)
    moved = apply_transition(SIZE_MOVE, move, transition, actor=actor, reason=reason, expected_version=expected_version)
    _tell(actor, moved, transition, reason)
    return moved


def _make(
    actor: Standing, move: SizeMove, transition: str, reason: str = "", expected_version: int | None = None
) -> SizeMove:
    moved = apply_transition(SIZE_MOVE, move, transition, actor=actor, reason=reason, expected_version=expected_version)
    move_registration(actor=actor, registration=moved.registration, target=moved.target)
    _tell(actor, moved, transition, reason)
    return moved


def _refuse_strangers(registration: Registration, target: Qualification) -> None:
    source = registration.qualification
    where = registration.learner.full_name
    if target.pk == source.pk or target.family_id is None or target.family_id != source.family_id:
        what = _("%(target)s is no other size of the learner’s qualification.") % {"target": target}
        fix = _("Choose a size of the same family, or register the learner anew.")
        raise GuardedError([Finding("MIT-13", Severity.BLOCKS, where, what, fix, "no_size")])
    if open_move_of(registration) is not None:
        what, fix = _("A request for this learner is open already."), _("Wait for the answer, or withdraw it.")
        raise GuardedError([Finding("MIT-13", Severity.BLOCKS, where, what, fix, "open_request")])


def _tell(actor: Standing, move: SizeMove, transition: str, reason: str) -> None:
    title = _("Move to another size: %(event)s") % {"event": SIZE_MOVE.event_label(transition)}
    tell_moved(
        actor=actor, workflow=SIZE_MOVE, subject=move, move=transition, title=title, body=reason, url=move_url(move)
    )


def move_url(move: SizeMove) -> str:
    """The address of a request's page."""
    return reverse("mitigations:size_move", kwargs={"ao": move.ao.slug, "size_move_id": move.pk})
