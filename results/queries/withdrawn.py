"""Which results are in force, and who gets a certificate from a Q-TAG and not from units."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Max, QuerySet

from qtag.models import Judgement
from results.models import QualificationResult


def results_in_force() -> QuerySet[QualificationResult]:
    """Results that nobody withdrew: at most one for each registration."""
    return QualificationResult.objects.filter(withdrawals__isnull=True)


def next_editions(registration_ids: Iterable[int]) -> dict[int, int]:
    """By registration, the number that its next result gets; a registration that has had none is left out (it is 1)."""
    rows = QualificationResult.objects.filter(registration_id__in=list(registration_ids)).values_list("registration_id")
    return {pk: last + 1 for pk, last in rows.annotate(last=Max("edition")).order_by()}


def awaiting_qtag(registration_ids: Iterable[int]) -> set[int]:
    """The registrations whose certificate comes from a Q-TAG: their units are banked, not issued (QTG-14)."""
    rows = Judgement.objects.filter(registration_id__in=list(registration_ids), is_certificating=True)
    return set(rows.values_list("registration_id", flat=True))
