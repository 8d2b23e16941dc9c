"""When an AO has its centres reminded of what is due."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from awarding.tenancy.models import TenantModel

DEFAULT_DAYS = (14, 7, 3, 1)


def default_days() -> list[int]:
    return list(DEFAULT_DAYS)


class ReminderPlan(TenantModel):
    """How many days before a deadline centres are reminded (QTG-10). One for each AO; without one `DEFAULT_DAYS` hold."""

    days_before: Any = models.JSONField(_("days before the deadline"), default=default_days)
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ao"], name="one_reminder_plan_per_ao")]
