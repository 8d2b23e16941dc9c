"""An eRAC claim: learners down, units across, and what is claimed in each cell."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from awarding.catalogue.models import Qualification, Unit
from awarding.frameworks.models import Adoption
from awarding.tenancy.models import TenantForeignKey, TenantModel
from awarding.workflow.models import Stateful
from centres.models import Centre, Cohort, Registration
from mitigations.models.outcome import Outcome
from mitigations.models.template import ChecklistTemplate


def new_row_key() -> str:
    """A hidden key of a workbook row: says nothing about the learner and cannot be guessed."""
    return secrets.token_hex(6)


class Claim(Stateful):
    """One numbered eRAC (CLM-01) of one cohort, from draft to processed. It pins the adoption it was made under."""

    workflow_name = "claim"

    centre = TenantForeignKey(Centre, related_name="claims")
    qualification = TenantForeignKey(Qualification, related_name="+")
    cohort = TenantForeignKey(Cohort, related_name="claims")
    number = models.CharField(_("eRAC number"), max_length=30)
    adoption = TenantForeignKey(Adoption, related_name="+")
    outcome = TenantForeignKey(Outcome, null=True, related_name="+")
    # The outcome's kind as it applied to this claim; empty when no mitigation is claimed (MIT-04, CLM-10).
    mitigation = models.CharField(max_length=40, blank=True)
    mitigation_declined_reason = models.TextField(blank=True)
    # The version of the checklist's template that it was started under; None where the AO has none.
    checklist_template = TenantForeignKey(ChecklistTemplate, null=True, blank=True, related_name="+")
    document_version = models.PositiveIntegerField(default=1)
    # Where it arrived in the queue (CLM-12). Kept when it comes back, so that it does not lose its place.
    queued_at = models.DateTimeField(null=True, blank=True)
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    # The rules of the findings that it was submitted with, for the panel to sort by.
    finding_rules = ArrayField(models.CharField(max_length=10), default=list, blank=True)
    # Who has the case open on the panel, so that two people do not read it side by side unawares.
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    opened_at = models.DateTimeField(null=True, blank=True)
    # A claim made of the cells that were returned from an earlier one, so that the rest could go on.
    continues = TenantForeignKey("self", null=True, blank=True, related_name="continuations")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["ao", "state", "queued_at", "id"]),
            models.Index(fields=["centre", "state"]),
        ]
        constraints = [models.UniqueConstraint(fields=["ao", "number"], name="one_claim_per_number")]

    def __str__(self) -> str:
        return self.number


class ClaimLearner(TenantModel):
    """A row of the eRAC: one registration of the cohort.

    `finishes_now` marks a learner who does not go on: the mitigation reaches all of their units (MIT-15).
    """

    claim = TenantForeignKey(Claim, on_delete=models.CASCADE, related_name="learners")
    registration = TenantForeignKey(Registration, related_name="claim_rows")
    row_key = models.CharField(max_length=12, default=new_row_key)
    position = models.PositiveIntegerField()
    finishes_now = models.BooleanField(_("finishes now"), default=False)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["claim", "registration"], name="a_registration_once_per_claim"),
            models.UniqueConstraint(fields=["claim", "row_key"], name="one_row_per_key"),
        ]


class ClaimUnit(TenantModel):
    """A column of the eRAC: one unit of the qualification.

    `is_later` marks a unit that a continuing learner takes after the disrupted months: the mitigation does not reach it
    (MIT-15).
    """

    claim = TenantForeignKey(Claim, on_delete=models.CASCADE, related_name="units")
    unit = TenantForeignKey(Unit, related_name="+")
    position = models.PositiveIntegerField()
    is_later = models.BooleanField(_("assessed later, as usual"), default=False)

    class Meta:
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["claim", "unit"], name="a_unit_once_per_claim")]


class ClaimCell(TenantModel):
    """What is claimed for one learner in one unit: a grade of the unit scale, or empty after it was cleared.

    A cell that was never filled in has no row. `version` grows with every change: a writer who saw an older one is
    told, and nothing is overwritten silently. `verdict` is the external verifier's.
    """

    class Verdict(models.TextChoices):
        OPEN = "open", _("Not looked at")
        ACCEPTED = "accepted", _("Accepted")
        RETURNED = "returned", _("Returned")

    claim = TenantForeignKey(Claim, on_delete=models.CASCADE, related_name="cells")
    learner = TenantForeignKey(ClaimLearner, on_delete=models.CASCADE, related_name="cells")
    unit = TenantForeignKey(ClaimUnit, on_delete=models.CASCADE, related_name="cells")
    value = models.CharField(max_length=8, blank=True)
    version = models.PositiveIntegerField(default=1)
    # Claimed from incomplete work (MIT-14).
    is_incomplete = models.BooleanField(default=False)
    verdict = models.CharField(max_length=8, choices=Verdict.choices, default=Verdict.OPEN)
    verdict_reason = models.TextField(blank=True)
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["learner", "unit"], name="one_cell_per_learner_and_unit")]
        indexes = [models.Index(fields=["claim"])]
