"""Telling the people concerned what happened to a claim, always with its number (CLM-01)."""

from __future__ import annotations

from awarding.accounts.roles import AO_ROLES, Role
from awarding.accounts.standing import Standing
from awarding.notices.services import notify_roles
from mitigations.models import Claim
from mitigations.queries.claims import claim_url
from mitigations.workflow import CLAIM, EVENT_LABELS


def tell_of_move(
    *, actor: Standing, claim: Claim, move: str, body: str, page: str = "claim", besides: Role | None = None
) -> None:
    """A notice to the roles that the transition `move` names: at the AO, and at the claim's centre.

    `page` is the claim's page that the AO's people are sent to; a centre's people come to the claim itself.
    """
    roles = set(CLAIM.transition(move).notifies) - {besides}
    subject = f"{claim.number}: {EVENT_LABELS[move]}"
    key = f"claim-{claim.pk}-{move}-{claim.version}"
    at_ao, at_centre = roles & AO_ROLES, roles - AO_ROLES
    if at_ao:
        notify_roles(
            roles=at_ao, centre_id=None, key=key, subject=subject, body=body, url=claim_url(claim, page), target=claim,
            besides=actor.person,
        )  # fmt: skip
    if at_centre:
        notify_roles(
            roles=at_centre, centre_id=claim.centre_id, key=key, subject=subject, body=body, url=claim_url(claim),
            target=claim, besides=actor.person,
        )  # fmt: skip
