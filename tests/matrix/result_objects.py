"""A result that was released long ago, with its certificate."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from results.models import Certificate, QualificationResult, UnitResult

if TYPE_CHECKING:
    from tests.matrix.scene import Scene


OWN_MEANING = {
    "api:result-detail": {"pk": "result_id"},
    "api:unit-result-detail": {"pk": "unit_result_id"},
    "public:check_certificate": {"code": "check_code"},
}


def parameters(scene: Scene) -> dict[str, Any]:
    """Of the first claim's first learner."""
    registration, claim = scene.learner.registration, scene.claim
    released = dt.datetime(2020, 8, 1, tzinfo=dt.UTC)
    unit_result = UnitResult.objects.create(
        registration=registration, unit=scene.unit.unit, claim=claim, grade="Pass", centre_release_at=released
    )
    result = QualificationResult.objects.create(
        registration=registration, claim=claim, grade="Pass", release_at=released, centre_release_at=released
    )
    certificate = Certificate.objects.create(
        result=result, number=f"C-{claim.pk}", check_code="ABCDEFGH", state=Certificate.State.ACTIVE,
        issued_at=released, file=scene.stored,
    )  # fmt: skip
    return {
        "result_id": result.pk,
        "unit_result_id": unit_result.pk,
        "certificate_id": certificate.pk,
        "number": certificate.number,
        "check_code": certificate.check_code,
    }


def grow(scene: Scene) -> None:
    """Nothing: results grow with what releases them."""
