"""What is recorded of learners' groups, for the two who may know: counts by characteristic, never who (SNS-08)."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, QuerySet

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from centres.models import Centre
from qtag.models import CharacteristicUpload, LearnerCharacteristic


@dataclass(frozen=True, slots=True)
class RecordedCharacteristic:
    """One characteristic: of how many learners it is known, and how many groups it has."""

    name: str
    learners: int
    groups: int


def recorded_characteristics(centre: Centre) -> list[RecordedCharacteristic]:
    """By name. One query."""
    rows = LearnerCharacteristic.objects.filter(learner__centre=centre).order_by("characteristic")
    counted = rows.values_list("characteristic").annotate(learners=Count("pk"), groups=Count("value", distinct=True))
    return [RecordedCharacteristic(*row) for row in counted]


def visible_characteristic_uploads(standing: Standing) -> QuerySet[CharacteristicUpload]:
    """Uploads of the centres whose learners' groups the person manages, newest first; no role at the AO sees any."""
    reach = standing.reach(Permission.CHARACTERISTICS_MANAGE)
    rows = CharacteristicUpload.objects.select_related("file", "centre", "job", "uploaded_by")
    return rows.none() if reach is None else rows.filter(centre_id__in=reach)
