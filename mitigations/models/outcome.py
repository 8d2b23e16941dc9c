"""What happens to a qualification under a framework."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from awarding.catalogue.models import Qualification
from awarding.frameworks.models import Adoption
from awarding.tenancy.models import TenantForeignKey, TenantModel
from mitigations.rules.outcome import OUT_OF_SCOPE

__all__ = ["OUT_OF_SCOPE", "Outcome"]


class Outcome(TenantModel):
    """One dated version of a qualification's outcome (MIT-01), or that it is out of scope, with the reason (MIT-03).

    `kind` is an outcome code of the adopted framework, or `out_of_scope`. Exactly one version per qualification and
    framework is open (not superseded).
    """

    qualification = TenantForeignKey(Qualification, related_name="outcomes")
    adoption = TenantForeignKey(Adoption, related_name="+")
    framework_code = models.CharField(max_length=40)
    number = models.PositiveIntegerField(default=1)
    kind = models.CharField(max_length=40)
    reason = models.TextField(blank=True)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    set_at = models.DateTimeField(default=timezone.now)
    superseded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-set_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["qualification", "framework_code"],
                condition=models.Q(superseded_at=None),
                name="one_open_outcome",
            ),
            models.UniqueConstraint(fields=["qualification", "framework_code", "number"], name="outcome_versions"),
        ]
