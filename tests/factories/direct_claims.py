"""Direct claims status for tests, without the way there."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from awarding.catalogue.models import Qualification
from centres.models import Centre, DirectClaimsStatus


def give_direct_claims(
    centre: Centre, qualification: Qualification, *, state: str = "granted", due_on: dt.date | None = None
) -> DirectClaimsStatus:
    """A status in some state; granted today unless said otherwise."""
    return DirectClaimsStatus.objects.create(
        centre=centre,
        qualification=qualification,
        state=state,
        granted_on=timezone.localdate(),
        monitoring_due_on=due_on,
    )
