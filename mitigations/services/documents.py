"""Issuing the workbook of a claim, one version at a time (CLM-02)."""

from __future__ import annotations

import secrets
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from awarding.accounts.standing import Standing
from awarding.audit.services import record
from awarding.frameworks.queries import adopted_document
from mitigations.models import Claim, EracDocument
from mitigations.queries.documents import current_document, open_adoption_for
from mitigations.queries.grid import claim_cells, claim_learners
from mitigations.services.grid import lock_for_filling


@transaction.atomic
def issue_document(*, actor: Standing, claim_id: int) -> EracDocument:
    """A version of the claim's workbook that holds what the portal holds now, and supersedes earlier ones (CLM-02).

    While nothing has changed since the current version was issued that one is answered, so that asking twice does no
    harm. A claim whose framework was adopted anew is taken along to the new adoption. Raises as `lock_for_filling`.
    """
    claim = lock_for_filling(actor, claim_id)
    follow_adoption(actor, claim)
    base = _snapshot(claim)
    current = current_document(claim)
    if current is not None and current.base == base and current.adoption_id == claim.adoption_id:
        return current
    now = timezone.now()
    EracDocument.objects.filter(claim=claim, superseded_at=None).update(superseded_at=now)
    last = EracDocument.objects.filter(claim=claim).aggregate(last=Max("version"))["last"] or 0
    document = EracDocument.objects.create(
        claim=claim, version=last + 1, key=secrets.token_hex(16), adoption_id=claim.adoption_id, base=base,
        issued_by=actor.person, issued_at=now,
    )  # fmt: skip
    claim.document_version = document.version
    claim.save(update_fields=["document_version"])
    record("claim.document_issued", actor=actor, target=claim, data={"version": document.version})
    return document


def _snapshot(claim: Claim) -> dict[str, dict[str, str]]:
    """What each filled cell holds now: {row key: {column id: grade}}."""
    keys = {learner.pk: learner.row_key for learner in claim_learners(claim)}
    base: dict[str, dict[str, str]] = {}
    for (learner_id, unit_id), cell in sorted(claim_cells(claim).items()):
        if cell.value:
            base.setdefault(keys[learner_id], {})[str(unit_id)] = cell.value
    return base


def follow_adoption(actor: Standing, claim: Claim) -> None:
    """Takes a locked claim along to the adoption in force of its framework (CLM-02)."""
    adoption = open_adoption_for(claim)
    if adoption.pk == claim.adoption_id:
        return
    facts: dict[str, Any] = {"from": claim.adoption_id, "to": adoption.pk}
    claim.adoption = adoption
    if claim.mitigation and claim.mitigation not in adopted_document(adoption).outcomes:
        facts["mitigation_dropped"] = claim.mitigation
        claim.mitigation = ""
    claim.save(update_fields=["adoption", "mitigation"])
    record("claim.adoption_followed", actor=actor, target=claim, data=facts)
