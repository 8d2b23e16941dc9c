"""What happened: one row an event, added and never changed."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from awarding.tenancy.models import AwardingOrganisation, OwnerKey
from awarding.tenancy.scope import NoScopeError, current_ao_id


def open_ao_id() -> int | None:
    """The open AO, or None for events that belong to no AO (a sign-in)."""
    try:
        return current_ao_id()
    except NoScopeError:
        return None


class AuditRecord(models.Model):
    """An event with its actor (a person) or named process, its target and facts. Append-only by trigger.

    Rows of no AO are seen only where no AO is open; rows of an AO only in its scope.
    """

    ao = OwnerKey(AwardingOrganisation, on_delete=models.PROTECT, null=True, default=open_ao_id, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    event = models.CharField(max_length=80)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    process = models.CharField(max_length=80, blank=True)
    target_type = models.CharField(max_length=60, blank=True)
    target_id = models.BigIntegerField(null=True)
    data = models.JSONField(default=dict)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["ao", "target_type", "target_id"])]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(actor__isnull=False) | ~models.Q(process=""), name="somebody_or_a_named_process"
            )
        ]
