"""What was returned from a claim goes on as a claim of its own, so that the rest need not wait."""

from __future__ import annotations

from django.db import transaction

from awarding.accounts.standing import Actor
from awarding.workflow.services import write_event
from mitigations.models import Claim, ClaimCell, ClaimLearner, ClaimUnit, EvidenceEntry
from mitigations.services.generation import next_claim_number
from mitigations.workflow import CLAIM


@transaction.atomic
def continue_returned(*, actor: Actor, claim: Claim) -> Claim | None:
    """A drafted claim of the learners and units of the cells that the verifier returned, with what they held.

    Only returned cells carry over their values and checklist entries, with the reasons in the first claim's history;
    cells between them that were accepted are left empty. Answers the continuation that is there when asked twice, and
    None when nothing was returned.
    """
    claim = Claim.objects.select_for_update(of=("self",)).get(pk=claim.pk)
    known = Claim.objects.filter(continues=claim).first()
    if known is not None:
        return known
    returned = list(
        ClaimCell.objects.filter(claim=claim, verdict=ClaimCell.Verdict.RETURNED)
        .exclude(value="")
        .order_by("learner__position", "unit__position", "id")
    )
    if not returned:
        return None
    new = Claim.objects.create(
        centre_id=claim.centre_id, qualification_id=claim.qualification_id, cohort_id=claim.cohort_id,
        number=next_claim_number(), adoption_id=claim.adoption_id, outcome_id=claim.outcome_id,
        mitigation=claim.mitigation, mitigation_declined_reason=claim.mitigation_declined_reason, state=CLAIM.initial,
        continues=claim, created_by=actor.person, checklist_template_id=claim.checklist_template_id,
    )  # fmt: skip
    learners = _copy_learners(claim, new, {cell.learner_id for cell in returned})
    units = _copy_units(claim, new, {cell.unit_id for cell in returned})
    ClaimCell.objects.bulk_create(
        ClaimCell(
            claim=new, learner=learners[cell.learner_id], unit=units[cell.unit_id], value=cell.value,
            is_incomplete=cell.is_incomplete, updated_by=actor.person,
        )
        for cell in returned
    )  # fmt: skip
    wanted = {(cell.learner_id, cell.unit_id) for cell in returned}
    EvidenceEntry.objects.bulk_create(
        EvidenceEntry(
            claim=new, learner=learners[entry.learner_id], unit=units[entry.unit_id], status=entry.status,
            evidence_types=entry.evidence_types, is_reachable=entry.is_reachable, reach_reason=entry.reach_reason,
            kept_at=entry.kept_at, note=entry.note, updated_by=actor.person,
        )
        for entry in EvidenceEntry.objects.filter(claim=claim)
        if (entry.learner_id, entry.unit_id) in wanted
    )  # fmt: skip
    write_event(new, "continue", "", actor=actor, data={"continues": claim.number, "cells": len(returned)})
    return new


def _copy_learners(claim: Claim, new: Claim, ids: set[int]) -> dict[int, ClaimLearner]:
    rows = list(ClaimLearner.objects.filter(claim=claim, pk__in=ids).order_by("position", "id"))
    made = ClaimLearner.objects.bulk_create(
        ClaimLearner(claim=new, registration_id=row.registration_id, position=n, finishes_now=row.finishes_now)
        for n, row in enumerate(rows)
    )
    return {row.pk: copy for row, copy in zip(rows, made, strict=True)}


def _copy_units(claim: Claim, new: Claim, ids: set[int]) -> dict[int, ClaimUnit]:
    rows = list(ClaimUnit.objects.filter(claim=claim, pk__in=ids).order_by("position", "id"))
    made = ClaimUnit.objects.bulk_create(
        ClaimUnit(claim=new, unit_id=row.unit_id, position=n, is_later=row.is_later) for n, row in enumerate(rows)
    )
    return {row.pk: copy for row, copy in zip(rows, made, strict=True)}
