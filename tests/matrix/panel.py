"""What the panel has in hand: a decision with its condition, cases in every state, a claim held in principle."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from awarding.accounts.roles import Role
from awarding.accounts.standing import Standing
from awarding.files.models import StoredFile
from awarding.workflow.services import apply_transition
from mitigations.models import Claim, PanelCase, PanelCondition, PanelDecision, PanelOpinion
from mitigations.workflow import CLAIM
from tests.factories import make_claim

if TYPE_CHECKING:
    from tests.matrix.world import Tenant

DAY = dt.date(2030, 1, 1)


def make_decision(tenant: Tenant, claim: Claim, file: StoredFile | None = None) -> PanelCondition:
    """A released decision on the claim with one condition."""
    decision = PanelDecision.objects.create(
        claim=claim, verdict="in_principle", reasons="Wait", expires_on=DAY, findings=[{"rule": "CLM-06"}],
        decided_by=tenant.people[Role.PANEL_MEMBER],
    )  # fmt: skip
    condition: PanelCondition = PanelCondition.objects.create(
        decision=decision, position=1, what="The logbooks", due_on=DAY, file=file
    )
    return condition


def make_cases(tenant: Tenant, contact: Standing) -> None:
    """A case in each open state and a released one, two opinions in those that have them; and a claim held in principle."""
    for state in ("second", "differing", "decided", "released"):
        claim = make_claim(tenant.centre, contact, learners=1)
        claim = apply_transition(CLAIM, claim, "submit_to_panel", actor=contact)
        case = PanelCase.objects.create(claim=claim, state=state, draw={"value": 3.5, "share": 10})
        PanelOpinion.objects.create(
            case=case, verdict="sufficient", reasons="First", given_by=tenant.people[Role.PANEL_MEMBER]
        )
        if state != "second":
            PanelOpinion.objects.create(
                case=case, part="second", verdict="in_principle", reasons="Second", given_by=tenant.people[Role.PANEL_CHAIR],
                conditions=[{"what": "The logbooks", "due_on": DAY.isoformat()}],
            )  # fmt: skip
    held = make_claim(tenant.centre, contact, learners=1)
    apply_transition(CLAIM, held, "submit_to_panel", actor=contact)
    member = Standing(tenant.people[Role.PANEL_CHAIR], tenant.ao, frozenset({(Role.PANEL_CHAIR, None)}))
    apply_transition(CLAIM, held, "approve_in_principle", actor=member, reason="Wait")
    make_decision(tenant, held)
