"""Which decisions, appeals and disputes of the demonstration show something on their pages."""

from __future__ import annotations

from typing import Any

from mitigations.models import Appeal, AppealFile, AppealStage, Claim, OutcomeDispute, PanelCase, PanelDecision
from tests.matrix.routes import Route
from tests.system.first import first

SEEN_BY = {
    "mitigations:panel_queue": "adaeze.obi@aim.example",
    "mitigations:panel_batch": "adaeze.obi@aim.example",
}
QUERIES = {
    "mitigations:panel_batch": "?claim={queued_claim}",
    "mitigations:panel_release": "?case={panel_case}",
}


def things(route: Route) -> dict[str, Any]:
    return {
        "queued_claim": first(Claim.objects.filter(state="queued", cases=None)),
        "panel_case": first(PanelCase.objects.filter(state="decided")),
        "decision_id": first(PanelDecision.objects.filter(appeals=None).exclude(verdict="sufficient")),
        "dispute_id": first(OutcomeDispute.objects.filter(state="raised")),
        "appeal_id": first(Appeal.objects.filter(state="lodged")),
        "appeal_file_id": first(AppealFile.objects.all()),
        "stage_id": first(AppealStage.objects.filter(dropped_at=None)),
    }
