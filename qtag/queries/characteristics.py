"""What is recorded of learners' groups, for the two who may know: counts by characteristic and until when, never who (SNS-08)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import QuerySet

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from centres.models import Centre, Registration
from qtag.models import CharacteristicUpload, LearnerCharacteristic
from qtag.queries.retention import retention_facts
from qtag.queries.sense_runs import stored_settings
from qtag.rules.retention import Studied, characteristics_until

#: A file that nobody loads or discards is erased after so many days.
FORGOTTEN_DAYS = 14


@dataclass(frozen=True, slots=True)
class RecordedCharacteristic:
    """One characteristic: of how many learners it is known, how many groups it has, and until when the last of it is kept.

    `until` is None where a case is open on the results of all, `is_held` where one is open on the result of any.
    """

    name: str
    learners: int
    groups: int
    until: date | None
    is_held: bool


def recorded_characteristics(centre: Centre) -> list[RecordedCharacteristic]:
    """By name. A fixed number of queries."""
    rows = LearnerCharacteristic.objects.filter(learner__centre=centre)
    until = kept_until(rows)
    found: dict[str, list[tuple[str, date | None]]] = defaultdict(list)
    for pk, name, value in rows.order_by("characteristic").values_list("pk", "characteristic", "value"):
        found[name].append((value, until[pk]))
    return [_of_characteristic(name, entries) for name, entries in found.items()]


def _of_characteristic(name: str, entries: Collection[tuple[str, date | None]]) -> RecordedCharacteristic:
    days = [day for _value, day in entries if day is not None]
    groups = len({value for value, _day in entries})
    return RecordedCharacteristic(name, len(entries), groups, max(days, default=None), len(days) < len(entries))


def kept_until(rows: QuerySet[LearnerCharacteristic]) -> dict[int, date | None]:
    """By entry, the last day on which it is kept, None while a case is open (SNS-08, QTG-19). A fixed number of queries."""
    entries = list(rows.order_by().values_list("pk", "learner_id", "recorded_on"))
    months = stored_settings().characteristics_months
    registered = Registration.objects.order_by().filter(learner_id__in={learner for _pk, learner, _day in entries})
    found = list(registered.values_list("pk", "learner_id", "ends_on", "status"))
    facts = retention_facts([pk for pk, *_rest in found])
    studied: dict[int, list[Studied]] = defaultdict(list)
    for pk, learner, ends_on, status in found:
        studied[learner].append(Studied(ends_on, status == Registration.Status.WITHDRAWN, facts[pk]))
    return {pk: characteristics_until(day, studied[learner], months) for pk, learner, day in entries}


def visible_characteristic_uploads(standing: Standing) -> QuerySet[CharacteristicUpload]:
    """Uploads of the centres whose learners' groups the person manages, newest first; no role at the AO sees any."""
    reach = standing.reach(Permission.CHARACTERISTICS_MANAGE)
    rows = CharacteristicUpload.objects.select_related("file", "centre", "job", "uploaded_by")
    return rows.none() if reach is None else rows.filter(centre_id__in=reach)


def forgotten_uploads(now: datetime) -> QuerySet[CharacteristicUpload]:
    """Uploads of any centre that still wait to be loaded or discarded, weeks after they came."""
    state = CharacteristicUpload.State
    rows = CharacteristicUpload.objects.filter(state__in=[state.RECEIVED, state.CHECKED, state.LOADING])
    return rows.filter(uploaded_at__lt=now - timedelta(days=FORGOTTEN_DAYS)).order_by("pk")
