"""Long work as rows: what it is, how far it is, what came of it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from awarding.tenancy.models import TenantForeignKey, TenantModel


class JobState(models.TextChoices):
    QUEUED = "queued", _("Waiting to start")
    RUNNING = "running", _("Running")
    SUCCEEDED = "succeeded", _("Finished")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


class Job(TenantModel):
    """One piece of long work. Its body may be killed at any instant and run again: the row is what is true."""

    kind = models.CharField(max_length=60)
    title = models.CharField(max_length=200)
    # Asking twice for the same work (same key) while it is open answers the same job.
    key = models.CharField(max_length=120)
    parameters = models.JSONField(default=dict)
    state = models.CharField(max_length=12, choices=JobState.choices, default=JobState.QUEUED)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    result = models.JSONField(default=dict)
    fault = models.TextField(blank=True)
    result_file = TenantForeignKey("files.StoredFile", null=True, blank=True, related_name="+")
    # Who sees it besides the AO: the centre it was run for.
    centre = TenantForeignKey("centres.Centre", null=True, blank=True, related_name="+")
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    back_to = models.CharField(max_length=300, blank=True)
    queued_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    cancel_asked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["ao", "state", "heartbeat_at"])]
        constraints = [
            models.UniqueConstraint(
                fields=["ao", "key"],
                condition=models.Q(state__in=["queued", "running"]),
                name="one_open_job_per_key",
            )
        ]

    @property
    def is_open(self) -> bool:
        return self.state in (JobState.QUEUED, JobState.RUNNING)

    @property
    def percent(self) -> int:
        return min(100, round(100 * self.done / self.total)) if self.total else 0
