"""An outcome that a centre thinks is wrong."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from awarding.catalogue.models import Qualification
from awarding.tenancy.models import TenantForeignKey
from awarding.workflow.models import Stateful
from centres.models import Centre
from mitigations.models.outcome import Outcome


class OutcomeDispute(Stateful):
    """One centre's objection to one version of a qualification's outcome, and what came of it (MIT-05)."""

    workflow_name = "outcome_dispute"

    number = models.CharField(_("number"), max_length=20)
    centre = TenantForeignKey(Centre, related_name="+")
    qualification = TenantForeignKey(Qualification, related_name="+")
    outcome = TenantForeignKey(Outcome, related_name="disputes")
    framework_code = models.CharField(max_length=40)
    reason = models.TextField(_("why it is wrong"))
    # An outcome of the framework that the centre thinks right; empty when it says none.
    wanted_kind = models.CharField(max_length=40, blank=True)
    raised_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    raised_at = models.DateTimeField(default=timezone.now)
    decision = models.TextField(_("the AO’s reason"), blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    new_outcome = TenantForeignKey(Outcome, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["ao", "state", "id"])]
        constraints = [
            models.UniqueConstraint(fields=["ao", "number"], name="one_dispute_per_number"),
            models.UniqueConstraint(
                fields=["centre", "qualification", "framework_code"],
                condition=models.Q(state="raised"),
                name="one_open_dispute_per_centre",
            ),
        ]

    def __str__(self) -> str:
        return self.number
