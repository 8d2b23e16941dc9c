"""What the special considerations panel decided."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from awarding.tenancy.models import TenantForeignKey, TenantModel
from mitigations.models.claim import Claim


class PanelDecision(TenantModel):
    """One decision with its reasons (CLM-08, CLM-09). Append-only by trigger: a later decision is a new row."""

    class Verdict(models.TextChoices):
        SUFFICIENT = "sufficient", _("Sufficient")
        IN_PRINCIPLE = "in_principle", _("Approved in principle")
        INSUFFICIENT = "insufficient", _("Insufficient")

    claim = TenantForeignKey(Claim, related_name="decisions")
    verdict = models.CharField(_("decision"), max_length=12, choices=Verdict.choices)
    reasons = models.TextField(_("reasons"))
    next_step = models.TextField(_("next step"), blank=True)
    next_step_due = models.DateField(_("by"), null=True, blank=True)
    # The findings as the panel saw them, so that the decision can be explained later.
    findings = models.JSONField(default=list)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]
