"""Who was told what: the inbox, and the e-mail that points to it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from awarding.tenancy.models import TenantForeignKey, TenantModel


class Urgency(models.TextChoices):
    URGENT = "urgent", _("Urgent")
    GENERAL = "general", _("General")


class Notice(TenantModel):
    """One message to one person about one thing (ACT-06: marked urgent or general, to those concerned only)."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="notices")
    centre = TenantForeignKey("centres.Centre", null=True, blank=True, related_name="+")
    # The same key is never sent twice to the same person.
    key = models.CharField(max_length=160)
    urgency = models.CharField(max_length=8, choices=Urgency.choices, default=Urgency.GENERAL)
    subject = models.CharField(max_length=200)
    body = models.TextField()
    url = models.CharField(max_length=300, blank=True)
    target_type = models.CharField(max_length=60, blank=True)
    target_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True, blank=True)
    emailed_at = models.DateTimeField(null=True, blank=True)
    email_attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["person", "read_at"])]
        constraints = [models.UniqueConstraint(fields=["ao", "person", "key"], name="never_told_twice")]
