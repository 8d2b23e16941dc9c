"""Requests for a teacher assessed grade of a single component (category B)."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from awarding.tenancy.models import TenantForeignKey
from awarding.workflow.models import Stateful
from centres.models import Centre
from mitigations.models.claim import Claim, ClaimLearner, ClaimUnit


class ComponentTag(Stateful):
    """One learner's grade in one unit of an eRAC, proposed by the centre and counting once the AO agrees (CTB-02).

    `statements`, the keys of `tells` and `evidence_types` are codes of the framework that the claim was made under.
    `requested_on` is the London day on which it was last sent, which the framework's window is held against (CTB-05).
    """

    workflow_name = "component_tag"

    centre = TenantForeignKey(Centre, related_name="component_tags")
    claim = TenantForeignKey(Claim, related_name="component_tags")
    learner = TenantForeignKey(ClaimLearner, related_name="component_tags")
    unit = TenantForeignKey(ClaimUnit, related_name="component_tags")
    grade = models.CharField(_("grade proposed"), max_length=8)
    statements = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    tells = models.JSONField(default=dict, blank=True)
    evidence_types = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    evidence = models.TextField(_("what the learner produced"), blank=True)
    requested_on = models.DateField(null=True, blank=True)
    drafted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    drafted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["ao", "state", "id"])]
        constraints = [
            models.UniqueConstraint(
                fields=["learner", "unit"],
                condition=models.Q(state__in=["drafted", "requested", "agreed"]),
                name="one_tag_per_component",
            )
        ]

    def __str__(self) -> str:
        return f"{self.learner.registration.learner.full_name}, {self.unit.unit.reference}"
