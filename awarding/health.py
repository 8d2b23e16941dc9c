"""Whether the portal can work right now, for load balancers and the launcher."""

from __future__ import annotations

from django.core.cache import cache
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse

from awarding.accounts.audience import public


@public
def healthz(request: HttpRequest) -> JsonResponse:
    """200 with {"database": "ok", "broker": "ok"}, or 503 naming what is away. A lost broker delays work, loses none."""
    state = {"database": "ok", "broker": "ok"}
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        state["database"] = "away"
    try:
        cache.get("health")
    except Exception:  # noqa: BLE001 - whatever the client raises, the broker is away
        state["broker"] = "away"
    return JsonResponse(state, status=200 if state["database"] == "ok" else 503)
