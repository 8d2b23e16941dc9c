"""Which comparisons of the demonstration with earlier years show something on their pages."""

from __future__ import annotations

from typing import Any

from qtag.models import CharacteristicUpload, DifferenceReason, Judgement, QualificationChange, SenseRow
from tests.matrix.routes import Route
from tests.system.first import first


def things(route: Route) -> dict[str, Any]:
    """A difference that a centre has explained, and what was recorded of a qualification."""
    if route.name.startswith("qtag:characteristic"):
        upload = CharacteristicUpload.objects.order_by("id").first()
        return {"centre_id": upload.centre_id if upload else 0, "upload_id": upload.pk if upload else 0}
    if not route.name.startswith("qtag:sense"):
        return {}
    reason = DifferenceReason.objects.order_by("id").first()
    row = SenseRow.objects.filter(centre=reason.centre, key=reason.key).first() if reason else None
    judgement = Judgement.objects.filter(state="submitted").order_by("id").first()
    return {
        "row_id": row.pk if row else 0,
        "centre_id": row.centre_id if row else 0,
        "reason_id": reason.pk if reason else 0,
        "submission_id": judgement.submission_id if judgement else 0,
        "kind": "qualification",
        "change_id": first(QualificationChange.objects.all()),
    }
