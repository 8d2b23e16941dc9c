"""Telling the people concerned what happened; about a claim always with its number (CLM-01)."""

from __future__ import annotations

from awarding.accounts.roles import AO_ROLES, Role
from awarding.accounts.standing import Actor
from awarding.notices.models import Urgency
from awarding.notices.services import notify_roles
from awarding.workflow.models import Stateful
from awarding.workflow.table import Workflow
from mitigations.models import Claim
from mitigations.queries.claims import claim_url
from mitigations.workflow import CLAIM, EVENT_LABELS


def tell_of_move(
    *, actor: Actor, claim: Claim, move: str, body: str, page: str = "claim", besides: Role | None = None
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


def tell_moved(
    *, actor: Actor, workflow: Workflow, subject: Stateful, move: str, title: str, body: str, url: str,
    urgency: Urgency = Urgency.GENERAL,
) -> None:  # fmt: skip
    """Tells the roles that a transition notifies, at the AO and at the subject's centre, that it was made."""
    roles = workflow.transition(move).notifies
    key = f"{workflow.name}-{subject.pk}-{move}-{subject.version}"
    for audience, centre_id in ((roles & AO_ROLES, None), (roles - AO_ROLES, getattr(subject, "centre_id", None))):
        if audience:
            notify_roles(
                roles=set(audience), centre_id=centre_id, key=key, subject=title, body=body, url=url, target=subject,
                urgency=urgency, besides=actor.person,
            )  # fmt: skip
