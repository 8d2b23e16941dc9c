"""What learners bring by credit transfer and recognition of prior learning."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from awarding.catalogue.models import QualificationUnit
from awarding.catalogue.queries.combination import combination_of
from awarding.catalogue.rules.combination import Combination
from centres.models import PriorAchievement, Registration


def prior_achievements(registration: Registration) -> QuerySet[PriorAchievement]:
    """What is on record for a registration and was not ended, in the order it was recorded."""
    rows = PriorAchievement.objects.filter(registration=registration, ended_at=None)
    return rows.select_related("unit", "recorded_by").order_by("id")


def prior_units(registration_ids: Iterable[int]) -> dict[int, set[int]]:
    """{registration id: unit ids that are brought}. One query."""
    found: dict[int, set[int]] = defaultdict(set)
    rows = PriorAchievement.objects.filter(registration_id__in=list(registration_ids), ended_at=None).order_by()
    for registration_id, unit_id in rows.values_list("registration_id", "unit_id"):
        found[registration_id].add(unit_id)
    return dict(found)


@dataclass(frozen=True)
class TransferBalance:
    """How much of a qualification comes by transfer: credits brought, and the most that may count (None: no limit)."""

    combination: Combination
    brought: int
    allowed: int | None

    @property
    def is_over(self) -> bool:
        return self.allowed is not None and self.brought > self.allowed


def transfer_balance(registration: Registration) -> TransferBalance:
    """The balance of one registration. Six queries."""
    combination = combination_of(registration.qualification)
    units = prior_units([registration.pk]).get(registration.pk, set())
    return TransferBalance(combination, combination.credits_of(units), combination.transfer_allowance)


def units_to_bring(registration: Registration) -> QuerySet[QualificationUnit]:
    """The places of the qualification's units that are neither brought nor recorded as achieved, in order."""
    brought = PriorAchievement.objects.filter(registration=registration, ended_at=None).values("unit_id")
    achieved = Registration.objects.filter(pk=registration.pk, unit_results__isnull=False).values(
        "unit_results__unit_id"
    )
    places = QualificationUnit.objects.filter(qualification_id=registration.qualification_id)
    places = places.exclude(unit_id__in=brought).exclude(unit_id__in=achieved)
    return places.select_related("unit").order_by("position", "id")
