"""Regulation as rows: immutable versions of framework documents, and which one an AO has adopted."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from awarding.tenancy.models import TenantModel


class FrameworkVersion(models.Model):
    """One version of one framework document, exactly as loaded. Nobody's tenant row: regulation is public.

    Rows are never changed (append-only by trigger): a submission pins the version it was made under.
    """

    code = models.CharField(max_length=40)
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    document = models.JSONField()
    loaded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["code", "number"]
        constraints = [models.UniqueConstraint(fields=["code", "number"], name="one_row_per_framework_version")]

    def __str__(self) -> str:
        return f"{self.title} (version {self.number})"


class Adoption(TenantModel):
    """An AO's adoption of a framework version, with the settings that the framework leaves to it. One open per framework."""

    framework = models.ForeignKey(FrameworkVersion, on_delete=models.PROTECT, related_name="+")
    overrides = models.JSONField(default=dict)
    adopted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    adopted_at = models.DateTimeField(default=timezone.now)
    # When a newer adoption of the same framework replaced this one (CLM-02).
    superseded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-adopted_at", "-id"]
