"""How a thing moves: the state of a stateful row and the history of its moves."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _

from awarding.tenancy.models import TenantModel


class Stateful(TenantModel):
    """A tenant row with a state that only `workflow.services.apply_transition` changes.

    `version` grows with every move, so that a stale page is told instead of deciding twice.
    """

    state = models.CharField(max_length=30)
    state_since = models.DateTimeField(default=timezone.now)
    version = models.PositiveIntegerField(default=1)

    workflow_name: ClassVar[str]

    class Meta:
        abstract = True


class StatusEvent(TenantModel):
    """One move of one stateful row. Append-only by trigger."""

    target_type = models.CharField(max_length=60)
    target_id = models.BigIntegerField()
    transition = models.CharField(max_length=40)
    source = models.CharField(max_length=30, blank=True)
    target = models.CharField(max_length=30)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    process = models.CharField(max_length=80, blank=True)
    reason = models.TextField(blank=True)
    data = models.JSONField(default=dict)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["ao", "target_type", "target_id", "id"])]

    @property
    def who(self) -> str:
        """Who moved it, for people; which process of the portal it was stands in the audit trail."""
        return str(self.actor) if self.actor else _("The portal")
