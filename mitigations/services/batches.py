"""Deciding, releasing and undoing several cases at once, each through the same service as a single one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from awarding.workflow.services import TransitionError
from mitigations.models import Claim, PanelCase
from mitigations.services.panel import Said, decide_claim, open_case
from mitigations.services.release import release_case, undo_case

# So many are done within a second or so; more are another batch.
MOST = 20


class BatchError(TransitionError):
    """The selection cannot be worked on together; the text says why."""


@dataclass(frozen=True)
class Picked:
    """One thing of a selection, in the version that the page showed."""

    id: int
    version: int


@dataclass(frozen=True)
class Done:
    """What became of one thing: `fault` is empty when it worked; `is_told` whether the centre has been told."""

    number: str
    fault: str = ""
    is_told: bool = False


def decide_batch(*, actor: Standing, picked: Iterable[Picked], said: Said, turn_reason: str = "") -> list[Done]:
    """Decides several claims of one centre and one qualification alike, in order of arrival (CLM-08, CLM-12).

    Each is opened and decided as if by itself, in a transaction of its own: those that are refused are named with why,
    and the others stand. `turn_reason` says why they come before earlier ones. Raises BatchError for a mixed selection,
    none, or more than `MOST`.
    """
    actor.require(Permission.PANEL_DECIDE)
    versions = _versions(picked)
    claims = list(Claim.objects.filter(pk__in=versions).order_by("queued_at", "id"))
    if len({(claim.centre_id, claim.qualification_id) for claim in claims}) > 1:
        raise BatchError(_("Choose claims of one centre and one qualification: only those are decided together."))

    def decide(claim: Claim) -> bool:
        open_case(actor=actor, claim=claim, reason=turn_reason)
        made = decide_claim(
            actor=actor, claim=claim, verdict=said.verdict, reasons=said.reasons, expected_version=versions[claim.pk],
            next_step=said.next_step, next_step_due=said.next_step_due, conditions=said.conditions,
            expires_on=said.expires_on,
        )  # fmt: skip
        return hasattr(made, "released_at")

    return [_attempt(claim.number, decide, claim) for claim in claims]


def release_batch(*, actor: Standing, picked: Iterable[Picked]) -> list[Done]:
    """Releases several decided cases; each stands or is refused by itself."""
    actor.require(Permission.PANEL_RELEASE)
    versions = _versions(picked)

    def release(case: PanelCase) -> bool:
        release_case(actor=actor, case=case, expected_version=versions[case.pk])
        return True

    return [_attempt(case.claim.number, release, case) for case in _cases(versions)]


def undo_batch(*, actor: Standing, picked: Iterable[Picked], reason: str) -> list[Done]:
    """Undoes several cases that are not released, for one reason; each stands or is refused by itself."""
    actor.require(Permission.PANEL_RELEASE)
    versions = _versions(picked)

    def undo(case: PanelCase) -> bool:
        undo_case(actor=actor, case=case, reason=reason, expected_version=versions[case.pk])
        return False

    return [_attempt(case.claim.number, undo, case) for case in _cases(versions)]


def _versions(picked: Iterable[Picked]) -> dict[int, int]:
    versions = {one.id: one.version for one in picked}
    if not versions:
        raise BatchError(_("Choose at least one."))
    if len(versions) > MOST:
        raise BatchError(_("Choose at most %(most)s at a time.") % {"most": MOST})
    return versions


def _cases(versions: dict[int, int]) -> list[PanelCase]:
    cases = PanelCase.objects.filter(pk__in=versions).select_related("claim__centre", "claim__ao")
    return list(cases.order_by("claim__queued_at", "claim_id"))


def _attempt(number: str, work: Callable[[Any], bool], thing: Claim | PanelCase) -> Done:
    try:
        with transaction.atomic():
            return Done(number, is_told=work(thing))
    except TransitionError as error:
        return Done(number, str(error))
