"""Which Q-TAGs of the demonstration show something on their pages."""

from __future__ import annotations

from typing import Any

from qtag.models import Declaration, DeclarationConcern, Deputy, Judgement

# Which move's page is looked at, and from which state.
RETURNED_FROM = {"qtag:send_back": "lead_endorsed", "qtag:reopen": "submitted"}


def qtag_things(route_name: str) -> dict[str, Any]:
    """Parameters of the routes of Q-TAGs: a learner in the state that the page is about."""
    state = RETURNED_FROM.get(route_name, "open")
    rows = Judgement.objects.filter(state=state).exclude(grade=None).order_by("id")
    judgement = rows.filter(evidence__isnull=False).first() or rows.first()
    if judgement is None:
        return {}
    piece = judgement.evidence.order_by("id").first()
    found = {
        "deputy_id": Deputy.objects.order_by("id").values_list("pk", flat=True).first() or 0,
        "concern_id": DeclarationConcern.objects.order_by("id").values_list("pk", flat=True).first() or 0,
        "qtag_unit": judgement.registration.qualification.unit_places.order_by("id")
        .values_list("unit", flat=True)
        .first(),
        "submission_id": judgement.submission_id,
        "judgement_id": judgement.pk,
        "adoption_id": judgement.submission.adoption_id,
        "declaration_id": Declaration.objects.order_by("id").values_list("pk", flat=True).first() or 0,
        "step": "collect",
        "section": "evidence",
        "kind": "evidence",
        "piece_id": piece.pk if piece else 0,
    }
    if route_name == "qtag:send_back":
        found["move"] = "return_department"
    return found
