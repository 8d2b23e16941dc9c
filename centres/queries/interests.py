"""Declared interests: who may not decide or verify which centre's claims."""

from __future__ import annotations

from django.db.models import QuerySet

from awarding.accounts.models import User
from centres.models import DeclaredInterest


def has_open_interest(person_id: int, centre_id: int) -> bool:
    """Whether the person has declared an interest in the centre that has not ended (CLM-08, SMP-10)."""
    return DeclaredInterest.objects.filter(person_id=person_id, centre_id=centre_id, ended_at=None).exists()


def people_with_interest(centre_id: int) -> set[int]:
    """The ids of everybody with an open interest in the centre: to leave them out of a choice (SMP-10)."""
    rows = DeclaredInterest.objects.filter(centre_id=centre_id, ended_at=None)
    return set(rows.values_list("person_id", flat=True))


def interests_of(person: User) -> QuerySet[DeclaredInterest]:
    """One's own declarations, open ones first, then by date."""
    return DeclaredInterest.objects.filter(person=person).select_related("centre").order_by("ended_at", "-declared_at")


def open_interests() -> QuerySet[DeclaredInterest]:
    """Everybody's open declarations, for the AO."""
    return (
        DeclaredInterest.objects.filter(ended_at=None).select_related("centre", "person").order_by("centre__name", "id")
    )
