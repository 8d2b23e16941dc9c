"""The verifier's sample: picking, swapping, asking for the evidence, deciding."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from awarding.accounts.roles import Permission, Role
from awarding.accounts.standing import PermissionMissingError, Standing
from awarding.audit.services import record
from awarding.notices.services import notify_roles
from awarding.workflow.services import ReasonMissingError, StalePageError, TransitionError
from mitigations.models import Claim, ClaimCell, ClaimLearner, ClaimUnit
from qa_sampling.models import SamplePick
from qa_sampling.queries import find_allocation


class NothingClaimedError(TransitionError):
    """The cell that was to be sampled claims nothing."""


def lock_allocated_claim(actor: Standing, claim_id: int) -> Claim:
    """The claim, locked, if it is with this verifier now; StalePageError or PermissionMissingError otherwise."""
    claim = Claim.objects.select_for_update(of=("self",)).select_related("centre").get(pk=claim_id)
    actor.require(Permission.VERIFICATION_DECIDE)
    if find_allocation(actor, claim_id) is None:
        raise PermissionMissingError(_("%(number)s is not allocated to you.") % {"number": claim.number})
    if claim.state != "allocated":
        raise StalePageError(_("%(number)s is no longer with you: it has moved on.") % {"number": claim.number})
    return claim


@transaction.atomic
def pick_piece(
    *,
    actor: Standing,
    claim: Claim,
    learner: ClaimLearner,
    unit: ClaimUnit,
    reason: str = "",
    replaces: SamplePick | None = None,
) -> SamplePick:
    """Adds one learner and unit to the sample. Picking the same piece again answers the pick that is there."""
    lock_allocated_claim(actor, claim.pk)
    if not ClaimCell.objects.filter(claim=claim, learner=learner, unit=unit).exclude(value="").exists():
        raise NothingClaimedError(_("Nothing is claimed for this learner in this unit: pick another."))
    if claim.pk not in (learner.claim_id,) or unit.claim_id != claim.pk:
        raise NothingClaimedError(_("This learner or unit is not part of the claim."))
    try:
        with transaction.atomic():
            pick = SamplePick.objects.create(
                claim=claim,
                learner=learner,
                unit=unit,
                reason=reason.strip(),
                picked_by=actor.person,
                replaces=replaces,
            )
    except IntegrityError:
        return SamplePick.objects.get(learner=learner, unit=unit)
    record("sample.picked", actor=actor, target=pick, data={"claim": claim.number, "reason": reason.strip()})
    return pick


@transaction.atomic
def pick_pieces(
    *, actor: Standing, claim: Claim, pieces: Iterable[tuple[ClaimLearner, ClaimUnit]], reason: str = ""
) -> int:
    """Adds several learners and units to the sample, all or none. Answers how many are new."""
    before = SamplePick.objects.filter(claim=claim).count()
    for learner, unit in pieces:
        pick_piece(actor=actor, claim=claim, learner=learner, unit=unit, reason=reason)
    return SamplePick.objects.filter(claim=claim).count() - before


@transaction.atomic
def swap_piece(*, actor: Standing, pick: SamplePick, learner: ClaimLearner, unit: ClaimUnit, reason: str) -> SamplePick:
    """Takes another piece in place of one that cannot be reached; both stay on record with the reason (SMP-06)."""
    lock_allocated_claim(actor, pick.claim_id)
    if not reason.strip():
        raise ReasonMissingError(_("Say why the piece is swapped: a sample is never quietly changed."))
    pick = SamplePick.objects.select_for_update(of=("self",)).select_related("claim").get(pk=pick.pk)
    if pick.verdict != SamplePick.Verdict.OPEN:
        raise StalePageError(_("This piece has already been decided or swapped."))
    if SamplePick.objects.filter(learner=learner, unit=unit).exists():
        raise NothingClaimedError(_("The piece you chose instead is in the sample already: choose another."))
    other = pick_piece(actor=actor, claim=pick.claim, learner=learner, unit=unit, reason=reason, replaces=pick)
    pick.verdict, pick.verdict_reason, pick.decided_at = SamplePick.Verdict.SWAPPED, reason.strip(), timezone.now()
    pick.save(update_fields=["verdict", "verdict_reason", "decided_at"])
    record("sample.swapped", actor=actor, target=pick, data={"for": other.pk, "reason": reason.strip()})
    return other


@transaction.atomic
def request_evidence(*, actor: Standing, claim: Claim, due_on: dt.date) -> int:
    """Asks the centre for the evidence of every piece not asked for yet, by a date. Answers how many were new."""
    claim = lock_allocated_claim(actor, claim.pk)
    fresh = SamplePick.objects.filter(claim=claim, requested_at=None, verdict=SamplePick.Verdict.OPEN)
    ids = list(fresh.values_list("pk", flat=True))
    if not ids:
        return 0
    SamplePick.objects.filter(pk__in=ids).update(requested_at=timezone.now(), due_on=due_on)
    record("evidence.requested", actor=actor, target=claim, data={"pieces": ids, "due": due_on.isoformat()})
    notify_roles(
        roles={Role.QUALITY_CONTACT, Role.TEACHER},
        centre_id=claim.centre_id,
        key=f"claim-{claim.pk}-evidence-{max(ids)}",
        subject=_("%(number)s: evidence is asked for by %(date)s")
        % {"number": claim.number, "date": f"{due_on.day} {due_on:%B %Y}"},
        body=_(
            "The external verifier has picked a sample. Open the page to see which learners and units, and send the files."
        ),
        url=reverse("qa_sampling:evidence", kwargs={"ao": actor.ao.slug, "claim_id": claim.pk}),
        target=claim,
    )
    return len(ids)


@transaction.atomic
def decide_piece(*, actor: Standing, pick: SamplePick, verdict: str, reason: str = "") -> SamplePick:
    """Accepts or returns one piece of the sample, and with it the claimed cell. A return needs a reason."""
    lock_allocated_claim(actor, pick.claim_id)
    pick = SamplePick.objects.select_for_update(of=("self",)).get(pk=pick.pk)
    if pick.verdict == SamplePick.Verdict.SWAPPED:
        raise StalePageError(_("This piece was swapped for another: decide on that one."))
    pick.verdict, pick.verdict_reason, pick.decided_at = verdict, reason.strip(), timezone.now()
    pick.save(update_fields=["verdict", "verdict_reason", "decided_at"])
    decide_cells(
        actor=actor,
        claim_id=pick.claim_id,
        verdict=verdict,
        reason=reason,
        learner_id=pick.learner_id,
        unit_id=pick.unit_id,
    )
    return pick


@transaction.atomic
def decide_cells(
    *,
    actor: Standing,
    claim_id: int,
    verdict: str,
    reason: str = "",
    learner_id: int | None = None,
    unit_id: int | None = None,
) -> int:
    """Accepts or returns what is claimed for one learner, one unit, or one cell, while the rest goes on.

    Answers how many cells it touched. Raises ReasonMissingError for a return without a reason.
    """
    if verdict not in (ClaimCell.Verdict.ACCEPTED, ClaimCell.Verdict.RETURNED):
        raise ValueError(f"no such verdict: {verdict!r}")
    if learner_id is None and unit_id is None:
        raise ValueError("name a learner, a unit, or both")
    if verdict == ClaimCell.Verdict.RETURNED and not reason.strip():
        raise ReasonMissingError(_("Say why it is returned: the centre needs to know what to mend."))
    claim = lock_allocated_claim(actor, claim_id)
    cells = ClaimCell.objects.filter(claim=claim).exclude(value="")
    if learner_id is not None:
        cells = cells.filter(learner_id=learner_id)
    if unit_id is not None:
        cells = cells.filter(unit_id=unit_id)
    count = cells.update(verdict=verdict, verdict_reason=reason.strip())
    record(
        f"cells.{verdict}",
        actor=actor,
        target=claim,
        data={"learner": learner_id, "unit": unit_id, "cells": count, "reason": reason.strip()},
    )
    return count
