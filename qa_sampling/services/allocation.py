"""Giving a claim to an external verifier, and taking it back."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from awarding.accounts.models import User
from awarding.accounts.queries import holders
from awarding.accounts.roles import Permission, Role
from awarding.accounts.standing import Standing
from awarding.findings.finding import Finding, Severity
from awarding.notices.services import notify_people, notify_roles
from awarding.workflow.services import GuardedError, apply_transition
from centres.queries import has_open_interest
from mitigations.models import Claim
from mitigations.workflow import CLAIM
from qa_sampling.models import Allocation
from qa_sampling.rules import interest_findings


@transaction.atomic
def allocate_claim(
    *, actor: Standing, claim: Claim, verifier: User, due_on: dt.date | None = None, expected_version: int | None = None
) -> Allocation:
    """Gives the claim to one of the AO's external verifiers and tells them and the centre (CLM-09, CLM-10).

    Raises GuardedError for a person who is no verifier of this AO or has declared an interest (SMP-10).
    """
    actor.require(Permission.VERIFICATION_ALLOCATE)
    if not holders({Role.EXTERNAL_VERIFIER}).filter(pk=verifier.pk).exists():
        raise GuardedError(
            [
                Finding(
                    rule="SMP-10",
                    severity=Severity.BLOCKS,
                    where=str(verifier),
                    what=_("%(person)s is not an external verifier here.") % {"person": verifier},
                    fix=_("Choose a verifier from the list, or invite this person as one."),
                )
            ]
        )
    found = interest_findings(has_open_interest(verifier.pk, claim.centre_id), str(verifier), str(claim.centre))
    if found:
        raise GuardedError(found)
    claim = apply_transition(
        CLAIM, claim, "allocate", actor=actor, expected_version=expected_version, data={"verifier": str(verifier)}
    )
    allocation = Allocation.objects.create(claim=claim, verifier=verifier, allocated_by=actor.person, due_on=due_on)
    url = reverse("qa_sampling:sample", kwargs={"ao": actor.ao.slug, "claim_id": claim.pk})
    key = f"claim-{claim.pk}-allocated-{allocation.pk}"
    notify_people(
        people=[verifier],
        key=key,
        subject=_("%(number)s is allocated to you") % {"number": claim.number},
        body=_("Pick a sample, ask the centre for its evidence, then accept or return each piece."),
        url=url,
        target=claim,
    )
    notify_roles(
        roles={Role.QUALITY_CONTACT},
        centre_id=claim.centre_id,
        key=key,
        subject=_("%(number)s is with an external verifier") % {"number": claim.number},
        body=_("The verifier will ask for evidence of a sample of learners and units."),
        url=claim_url(actor, claim),
        target=claim,
    )
    return allocation


@transaction.atomic
def take_back_claim(*, actor: Standing, claim: Claim, reason: str, expected_version: int | None = None) -> Claim:
    """Ends the allocation so that another verifier can be found. What was sampled and decided stays."""
    claim = apply_transition(CLAIM, claim, "reallocate", actor=actor, reason=reason, expected_version=expected_version)
    allocation = Allocation.objects.select_for_update(of=("self",)).get(claim=claim, ended_at=None)
    allocation.ended_at = timezone.now()
    allocation.save(update_fields=["ended_at"])
    notify_people(
        people=[allocation.verifier],
        key=f"claim-{claim.pk}-taken-back-{allocation.pk}",
        subject=_("%(number)s is no longer allocated to you") % {"number": claim.number},
        body=reason,
        url="",
        target=claim,
    )
    return claim


def claim_url(actor: Standing, claim: Claim) -> str:
    return reverse("mitigations:claim", kwargs={"ao": actor.ao.slug, "claim_id": claim.pk})
