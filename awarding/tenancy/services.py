"""Writes of the tenancy ground: numbers that are unique in their AO."""

from __future__ import annotations

from awarding.tenancy.models import NumberSequence


def mint_number(kind: str) -> int:
    """The next number of this kind in the open AO, from 1. Call inside a transaction.

    The row lock is held to the end of the transaction: numbers have no gaps from races and none is given twice (CLM-01).
    """
    return mint_numbers(kind, 1)[0]


def mint_numbers(kind: str, count: int) -> range:
    """As `mint_number`, `count` of them at once, in order."""
    NumberSequence.objects.bulk_create([NumberSequence(kind=kind)], ignore_conflicts=True)
    sequence = NumberSequence.objects.select_for_update().get(kind=kind)
    first = sequence.last + 1
    sequence.last += count
    sequence.save(update_fields=["last"])
    return range(first, sequence.last + 1)
