"""The oldest row of what the demonstration has: the one that is looked at."""

from __future__ import annotations

from typing import Any

from centres.models import Centre


def first(rows: Any) -> int:
    """Its key, 0 if there is none."""
    return rows.order_by("id").values_list("pk", flat=True).first() or 0


def first_centre() -> Centre | None:
    return Centre.objects.order_by("number").first()
