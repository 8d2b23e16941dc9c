"""Putting a hold on the evidence of Q-TAGs, and lifting it (QTG-19)."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from awarding.catalogue.models import Qualification
from awarding.workflow.services import ReasonMissingError, apply_transition, write_event
from centres.models import Centre, Learner
from qtag.models import EvidenceHold
from qtag.workflow import EVIDENCE_HOLD


@transaction.atomic
def put_hold(
    *, actor: Standing, centre: Centre, kind: str, reference: str, reason: str,
    qualification: Qualification | None = None, learner: Learner | None = None,
) -> EvidenceHold:  # fmt: skip
    """From now on no file of what it covers is deleted (QTG-19). The same reference again answers the hold in force.

    Waits for a deletion under way at the centre: after this no file goes. The centre is not told: a case may be confidential.
    """
    actor.require(Permission.EVIDENCE_HOLD)
    if not reason.strip() or not reference.strip():
        raise ReasonMissingError(_("Give the reference of the case and say why its evidence is held."))
    lock_evidence(centre.pk)
    covers = {"centre": centre, "qualification": qualification, "learner": learner, "reference": reference.strip()}
    there = EvidenceHold.objects.filter(state=EVIDENCE_HOLD.initial, **covers).first()
    if there is not None:
        return there
    made = EvidenceHold.objects.create(
        **covers, kind=kind, reason=reason.strip(), put_by=actor.person, state=EVIDENCE_HOLD.initial
    )
    write_event(made, "put", "", actor=actor, reason=made.reason)
    return made


@transaction.atomic
def lift_hold(*, actor: Standing, hold: EvidenceHold, reason: str, expected_version: int | None) -> EvidenceHold:
    """The matter has ended: evidence is kept to this day at least, and as long as any other (QTG-19)."""
    return apply_transition(EVIDENCE_HOLD, hold, "lift", actor=actor, reason=reason, expected_version=expected_version)


def lock_evidence(centre_id: int) -> None:
    """One after the other: holds put on a centre's evidence and deletions of it, to the end of the transaction."""
    Centre.objects.select_for_update(of=("self",), no_key=True).get(pk=centre_id)
