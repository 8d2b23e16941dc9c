"""Finishing verification: what was accepted goes on, what was returned becomes a claim of its own."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from awarding.accounts.roles import Role
from awarding.accounts.standing import Standing
from awarding.findings.finding import Finding
from awarding.notices.services import notify_roles
from awarding.workflow.services import GuardedError, apply_transition
from mitigations.models import Claim, ClaimCell
from mitigations.services.continuation import continue_returned
from mitigations.workflow import CLAIM
from qa_sampling.models import Allocation, SamplePick
from qa_sampling.queries import picks_of
from qa_sampling.rules import unfinished_findings
from qa_sampling.services.allocation import claim_url
from qa_sampling.services.sample import lock_allocated_claim


def unfinished_of(picks: Iterable[SamplePick]) -> list[Finding]:
    """What is still to be done before the verifier may finish (SMP-06)."""
    return unfinished_findings((f"{p.learner.registration.learner}, {p.unit.unit}", p.verdict) for p in picks)


@transaction.atomic
def finish_verification(
    *, actor: Standing, claim: Claim, expected_version: int | None = None
) -> tuple[Claim, Claim | None]:
    """Ends the verifier's work: cells not returned are accepted by sample; returned ones become a new drafted claim.

    Answers the verified claim and the new one, if any. Raises GuardedError while a piece of the sample is undecided.
    """
    claim = lock_allocated_claim(actor, claim.pk)
    picks = picks_of(claim)
    found = unfinished_of(picks)
    if found:
        raise GuardedError(found)
    cells = ClaimCell.objects.filter(claim=claim).exclude(value="")
    cells.filter(verdict=ClaimCell.Verdict.OPEN).update(verdict=ClaimCell.Verdict.ACCEPTED)
    returned = cells.filter(verdict=ClaimCell.Verdict.RETURNED).count()
    claim = apply_transition(
        CLAIM, claim, "verify", actor=actor, expected_version=expected_version, data={"returned": returned}
    )
    Allocation.objects.filter(claim=claim, ended_at=None).update(ended_at=timezone.now())
    follow_on = continue_returned(actor=actor, claim=claim) if returned else None
    _tell(actor, claim, follow_on, returned)
    return claim, follow_on


def _tell(actor: Standing, claim: Claim, follow_on: Claim | None, returned: int) -> None:
    if follow_on is None:
        body, url = _("Everything in it was accepted. The AO processes it next."), claim_url(actor, claim)
    else:
        body = ngettext(
            "%(n)s entry was returned with its reason and is now in %(number)s; the rest goes on. "
            "Mend it there and submit it.",
            "%(n)s entries were returned with reasons and are now in %(number)s; the rest goes on. "
            "Mend them there and submit it.",
            returned,
        ) % {"n": returned, "number": follow_on.number}
        url = claim_url(actor, follow_on)
    subject = _("%(number)s has been verified") % {"number": claim.number}
    key = f"claim-{claim.pk}-verified-{claim.version}"
    notify_roles(
        roles={Role.QUALITY_CONTACT},
        centre_id=claim.centre_id,
        key=key,
        subject=subject,
        body=body,
        url=url,
        target=claim,
    )
    notify_roles(
        roles={Role.AO_ADMIN},
        centre_id=None,
        key=key,
        subject=subject,
        body=_("It can be processed now."),
        url=reverse("results:claim", kwargs={"ao": actor.ao.slug, "claim_id": claim.pk}),
        target=claim,
    )
