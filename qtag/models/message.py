"""What the AO has written to just those centres whose Q-TAGs stand somewhere."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from awarding.frameworks.models import Adoption
from awarding.tenancy.models import TenantForeignKey, TenantModel


class ProgressMessage(TenantModel):
    """One message to the people of some centres. Append-only; `token` is that of the page it was sent from.

    `centres` are the ids of the centres, `filters` what was asked for on the progress page, `people` how many were told.
    Who they were says the inbox: each notice carries `key`.
    """

    adoption = TenantForeignKey(Adoption, related_name="+")
    token = models.CharField(max_length=32)
    subject = models.CharField(_("subject"), max_length=200)
    body = models.TextField(_("message"))
    filters: Any = models.JSONField(default=dict)
    roles: Any = models.JSONField(default=list)
    centres: Any = models.JSONField(default=list)
    people = models.PositiveIntegerField(default=0)
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    sent_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["ao", "token"], name="a_progress_message_once")]

    @property
    def key(self) -> str:
        return f"qtag-message-{self.token}"
