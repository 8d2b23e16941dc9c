"""One qualification's Q-TAGs at one centre: who is judged, the six steps, what had to be agreed first."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from awarding.catalogue.models import Qualification
from awarding.frameworks.models import Adoption
from awarding.tenancy.models import TenantForeignKey, TenantModel
from centres.models import Centre


class Submission(TenantModel):
    """The Q-TAGs of one qualification at one centre under the adoption that they are made under."""

    centre = TenantForeignKey(Centre, related_name="qtag_submissions")
    qualification = TenantForeignKey(Qualification, related_name="+")
    adoption = TenantForeignKey(Adoption, related_name="+")
    # QTG-01: where the framework allows Q-TAGs only as a last resort, what the centre confirmed and why.
    last_resort_statements: Any = models.JSONField(default=list)
    last_resort_reason = models.TextField(blank=True)
    last_resort_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    last_resort_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["centre", "qualification", "adoption"], name="one_qtag_submission_per_qualification"
            )
        ]

    def __str__(self) -> str:
        return f"{self.qualification} · {self.centre}"


class StepRecord(TenantModel):
    """That one of the six steps was taken, and what came of it (QTG-12). Append-only: the newest of a step holds."""

    submission = TenantForeignKey(Submission, related_name="steps")
    step = models.CharField(max_length=40)
    note = models.TextField(_("what was done"))
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]


class Agreement(TenantModel):
    """That a centre agreed with whom the AO's terms name before Q-TAGs opened (QTG-20). Append-only."""

    submission = TenantForeignKey(Submission, related_name="agreements")
    agreed_with = models.CharField(_("agreed with"), max_length=200)
    agreed_on = models.DateField(_("agreed on"))
    note = models.TextField(_("what was agreed"), blank=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]
