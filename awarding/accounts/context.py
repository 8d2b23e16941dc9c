"""What every page's layout needs: who is here, for which AO, where they can go."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from awarding.accounts.navigation import navigation_for


def portal(request: HttpRequest) -> dict[str, Any]:
    """Context of layouts/base.html. Costs no query of its own: the standing is already on the request."""
    ao = getattr(request, "ao", None)
    standing = getattr(request, "standing", None)
    return {
        "service_name": settings.SERVICE_NAME,
        "demo": settings.DEMO,
        "ao": ao,
        "standing": standing,
        "navigation": navigation_for(standing, request.path),
    }
