"""What the panel has in hand: a decision with its condition, cases in every state, a claim held in principle."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from awarding.accounts.roles import Role
from awarding.files.models import StoredFile
from awarding.workflow.services import apply_transition
from mitigations.models import Claim, PanelCase, PanelCondition, PanelDecision, PanelOpinion
from mitigations.workflow import CLAIM
from tests.factories import make_claim

if TYPE_CHECKING:
    from tests.matrix.scene import Scene

DAY = dt.date(2030, 1, 1)
OWN_MEANING = {"mitigations:decision_letter": {"decision_id": "letter_decision_id"}}


def parameters(scene: Scene) -> dict[str, Any]:
    """A released decision on the first claim with its condition; and cases."""
    condition = _decide(scene, scene.claim, scene.stored)
    _make_cases(scene)
    return {"condition_id": condition.pk, "letter_decision_id": condition.decision_id}


def grow(scene: Scene) -> None:
    """Two more of every case, and another decision on the first claim."""
    for _ in range(2):
        _make_cases(scene)
    _decide(scene, scene.claim, scene.stored)


def _decide(scene: Scene, claim: Claim, file: StoredFile | None = None) -> PanelCondition:
    """A released decision on the claim with one condition."""
    decision = PanelDecision.objects.create(
        claim=claim, verdict="in_principle", reasons="Wait", expires_on=DAY, findings=[{"rule": "CLM-06"}],
        decided_by=scene.person(Role.PANEL_MEMBER),
    )  # fmt: skip
    condition: PanelCondition = PanelCondition.objects.create(
        decision=decision, position=1, what="The logbooks", due_on=DAY, file=file
    )
    return condition


def _make_cases(scene: Scene) -> None:
    """A case in each open state and a released one, two opinions in those that have them; and a claim held in principle."""
    for state in ("second", "differing", "decided", "released"):
        case = PanelCase.objects.create(claim=_queued(scene), state=state, draw={"value": 3.5, "share": 10})
        PanelOpinion.objects.create(
            case=case, verdict="sufficient", reasons="First", given_by=scene.person(Role.PANEL_MEMBER)
        )
        if state != "second":
            PanelOpinion.objects.create(
                case=case, part="second", verdict="in_principle", reasons="Second",
                given_by=scene.person(Role.PANEL_CHAIR),
                conditions=[{"what": "The logbooks", "due_on": DAY.isoformat()}],
            )  # fmt: skip
    held = _queued(scene)
    apply_transition(CLAIM, held, "approve_in_principle", actor=scene.standing(Role.PANEL_CHAIR), reason="Wait")
    _decide(scene, held)


def _queued(scene: Scene) -> Claim:
    claim = make_claim(scene.tenant.centre, scene.contact, learners=1)
    return apply_transition(CLAIM, claim, "submit_to_panel", actor=scene.contact)
