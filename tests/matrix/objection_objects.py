"""A dispute of an outcome, and an appeal against a decision of the panel."""

from __future__ import annotations

import datetime as dt
import io
from typing import TYPE_CHECKING, Any

from awarding.accounts.roles import Role
from awarding.accounts.standing import Process
from mitigations.models import Claim, PanelDecision
from mitigations.services.appeals import add_appeal_file, lodge_appeal, save_stage
from mitigations.services.bundles import keep_bundle
from mitigations.services.disputes import raise_dispute
from mitigations.services.panel import decide_claim
from tests.matrix.scene import PDF

if TYPE_CHECKING:
    from tests.matrix.scene import Scene


def parameters(scene: Scene, name: str = "One") -> dict[str, Any]:
    """A dispute of an outcome, and an appeal with a file and a bundle against a decision; another decision without one."""
    contact = scene.contact
    stage = save_stage(actor=scene.admin, name=name, position=1, lodge_days=9, answer_days=9)
    # The panel member has an interest in the centre.
    member = scene.standing(Role.PANEL_CHAIR)
    decisions = []
    for _n in range(2):
        claim = scene.reach("submit_to_panel")
        Claim.objects.filter(pk=claim.pk).update(
            queued_at=dt.datetime(2019, 1, 1, tzinfo=dt.UTC), opened_by=member.person
        )
        claim.refresh_from_db()
        decide_claim(
            actor=member, claim=claim, verdict="insufficient", reasons=name, next_step="Mend it",
            next_step_due=dt.date(2099, 1, 1), expected_version=claim.version,
        )  # fmt: skip
        decisions.append(PanelDecision.objects.select_related("claim").get(claim=claim))
    outcome = decisions[0].claim.outcome
    dispute = raise_dispute(actor=contact, centre_id=scene.tenant.centre.pk, outcome=outcome, reason=name)
    appeal = lodge_appeal(actor=contact, decision=decisions[1], grounds=name)
    file = add_appeal_file(actor=contact, appeal=appeal, handle=io.BytesIO(PDF), name="grounds.pdf", size=len(PDF))
    appeal.refresh_from_db()
    keep_bundle(process=Process("matrix"), appeal_id=appeal.pk, version=appeal.version, pdf=PDF)
    return {
        "stage_id": stage.pk,
        "decision_id": decisions[0].pk,
        "dispute_id": dispute.pk,
        "appeal_id": appeal.pk,
        "appeal_file_id": file.pk,
    }


def grow(scene: Scene) -> None:
    """Two more disputes and appeals, each at a stage of its own."""
    for n in range(2):
        parameters(scene, f"More {n}")
