"""The evidence checklist: per learner and component, which evidence there is and whether it can be reached."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from awarding.tenancy.models import TenantForeignKey, TenantModel
from mitigations.models.claim import Claim, ClaimLearner, ClaimUnit


class EvidenceEntry(TenantModel):
    """One line of the checklist (CLM-03, CLM-05). Evidence out of reach is declared and does not block."""

    class Status(models.TextChoices):
        COMPLETE = "complete", _("Complete")
        PARTIAL = "partial", _("Partial")
        NONE = "none", _("None")

    claim = TenantForeignKey(Claim, on_delete=models.CASCADE, related_name="evidence_entries")
    learner = TenantForeignKey(ClaimLearner, on_delete=models.CASCADE, related_name="evidence_entries")
    unit = TenantForeignKey(ClaimUnit, on_delete=models.CASCADE, related_name="evidence_entries")
    status = models.CharField(_("state"), max_length=8, choices=Status.choices, blank=True)
    # Codes of the framework's evidence types.
    evidence_types = models.JSONField(default=list)
    is_reachable = models.BooleanField(_("can be reached"), default=True)
    note = models.CharField(_("note"), max_length=500, blank=True)
    version = models.PositiveIntegerField(default=1)
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["learner", "unit"], name="one_entry_per_learner_and_unit")]
        indexes = [models.Index(fields=["claim"])]
