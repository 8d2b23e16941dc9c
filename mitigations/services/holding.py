"""Claims that stay too long where they are: the AO's limits, and a word to whoever holds one (CLM-13)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from awarding.accounts.roles import AO_ROLES, Permission
from awarding.accounts.standing import Standing
from awarding.audit.services import record
from awarding.notices.models import Urgency
from awarding.notices.services import notify_people, notify_roles
from mitigations.models import Claim, HoldLimit
from mitigations.queries.claims import claim_url
from mitigations.queries.holding import hold_limits
from mitigations.queries.verification import internal_verifiers
from mitigations.rules.holding import DEFAULT_DAYS, MOST_DAYS
from mitigations.workflow import CLAIM


@transaction.atomic
def set_hold_limits(*, actor: Standing, days: Mapping[str, int | None]) -> dict[str, int | None]:
    """Sets after how many days (1 to 365, None: never) a claim counts as stuck, by state. Answers the limits in force."""
    actor.require(Permission.AO_SETTINGS)
    before = hold_limits()
    after = {state: days.get(state, before[state]) for state in DEFAULT_DAYS}
    for state, value in after.items():
        if value is not None and not 1 <= value <= MOST_DAYS:
            raise ValueError(f"{state}: {value}")
        if value != before[state]:
            HoldLimit.objects.update_or_create(state=state, defaults={"days": value})
    changes = {state: [before[state], value] for state, value in after.items() if value != before[state]}
    if changes:
        record("claims.hold_limits_changed", actor=actor, data=changes)
    return after


@transaction.atomic
def remind_holder(*, actor: Standing, claim: Claim) -> int:
    """Tells whoever holds the claim that it waits for them, once a day at most. Answers how many people hold it."""
    actor.require(Permission.CLAIMS_UNSTICK, claim.centre_id)
    locked: Claim = Claim.objects.select_for_update(of=("self",)).select_related("ao", "centre").get(pk=claim.pk)
    state = CLAIM.state(locked.state)
    words = {"number": locked.number, "days": (timezone.now() - locked.state_since).days, "state": state.label,
             "next": state.next}  # fmt: skip
    facts: dict[str, Any] = {
        "key": f"claim-{locked.pk}-reminder-{locked.version}-{timezone.localdate()}",
        "subject": _("%(number)s waits for you") % words,
        "body": _("It has been “%(state)s” for %(days)s days. What comes next: %(next)s.") % words,
        "url": claim_url(locked),
        "target": locked,
        "urgency": Urgency.URGENT,
    }
    told = 0
    if locked.state == "with_iv":
        told += notify_people(people=internal_verifiers(locked), centre_id=locked.centre_id, **facts)
    else:
        at_ao, at_centre = set(state.roles) & AO_ROLES, set(state.roles) - AO_ROLES
        if at_ao:
            told += notify_roles(roles=at_ao, centre_id=None, besides=actor.person, **facts)
        if at_centre:
            told += notify_roles(roles=at_centre, centre_id=locked.centre_id, besides=actor.person, **facts)
    record("claim.holder_reminded", actor=actor, target=locked, data={"people": told})
    return told
