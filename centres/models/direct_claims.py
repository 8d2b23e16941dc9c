"""Direct claims status: a centre's right to have one qualification's claims released by its own verifier."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from awarding.catalogue.models import Qualification
from awarding.tenancy.models import TenantForeignKey, TenantModel
from awarding.workflow.models import Stateful
from centres.models.centre import Centre


class DirectClaimsStatus(Stateful):
    """Where one centre stands with one qualification (CLM-11). Who moved it, when and why is its history."""

    workflow_name = "direct_claims_status"

    centre = TenantForeignKey(Centre, related_name="direct_claims")
    qualification = TenantForeignKey(Qualification, related_name="+")
    recommended_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    recommended_on = models.DateField(null=True, blank=True)
    granted_on = models.DateField(null=True, blank=True)
    # The next monitoring is to be held by this day; None when none is planned.
    monitoring_due_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["centre__name", "qualification__title", "id"]
        constraints = [
            models.UniqueConstraint(fields=["centre", "qualification"], name="one_status_per_centre_and_qualification")
        ]
        indexes = [models.Index(fields=["ao", "state", "monitoring_due_on"])]

    def __str__(self) -> str:
        return f"{self.centre.name}, {self.qualification.display_qan}"


class DirectClaimsMonitoring(TenantModel):
    """One monitoring of direct claims that was held. Append-only by trigger."""

    class Outcome(models.TextChoices):
        SATISFACTORY = "satisfactory", _("Satisfactory")
        ACTION_NEEDED = "action_needed", _("Action needed")
        UNSATISFACTORY = "unsatisfactory", _("Not satisfactory")

    status = TenantForeignKey(DirectClaimsStatus, related_name="monitorings")
    held_on = models.DateField(_("held on"))
    outcome = models.CharField(_("outcome"), max_length=14, choices=Outcome.choices)
    notes = models.TextField(_("what was found"))
    next_due_on = models.DateField(_("next monitoring by"), null=True, blank=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-held_on", "-id"]
