"""The judgement of one learner's qualification grade, with everything that decides whether it may be made."""

from __future__ import annotations

import secrets
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from awarding.catalogue.models import Grade
from awarding.tenancy.models import TenantForeignKey, TenantModel
from awarding.workflow.models import Stateful
from centres.models import Centre, Registration
from qtag.models.submission import Submission


def new_row_key() -> str:
    """A key of a grid row: says nothing about the learner and cannot be guessed."""
    return secrets.token_hex(6)


class Judgement(Stateful):
    """One learner's Q-TAG, from open to submitted. `grade_version` counts the values that the grade has had."""

    workflow_name = "judgement"

    submission = TenantForeignKey(Submission, related_name="judgements")
    centre = TenantForeignKey(Centre, related_name="+")
    registration = TenantForeignKey(Registration, related_name="judgements")
    row_key = models.CharField(max_length=12, default=new_row_key)
    grade = TenantForeignKey(Grade, null=True, blank=True, related_name="+")
    grade_version = models.PositiveIntegerField(default=0)
    graded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    graded_at = models.DateTimeField(null=True, blank=True)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    # Why the grade stands although the evidence shows less (QTG-08).
    rationale = models.TextField(_("rationale"), blank=True)
    # Facts that decide eligibility; None is "not said yet".
    is_certificating = models.BooleanField(null=True)
    is_top_up = models.BooleanField(default=False)
    is_apprenticeship = models.BooleanField(default=False)
    was_absent = models.BooleanField(default=False)
    ready_on = models.DateField(null=True, blank=True)
    facts_version = models.PositiveIntegerField(default=0)
    # QTG-21: told which evidence is used, without the grade.
    told_on = models.DateField(null=True, blank=True)
    told_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    # Ids of the pieces and of the banked results that counted when the learner was told: of what was added since they
    # have not heard. Null where that was not kept.
    told_evidence: Any = models.JSONField(null=True, blank=True)
    told_banked: Any = models.JSONField(null=True, blank=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    is_late = models.BooleanField(default=False)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["centre", "state"])]
        constraints = [
            models.UniqueConstraint(fields=["submission", "registration"], name="one_judgement_per_registration"),
            models.UniqueConstraint(fields=["submission", "row_key"], name="one_judgement_per_row_key"),
        ]


class GradeChange(TenantModel):
    """Every value that a Q-TAG has had, with who, when, why and where it stood (QTG-13). Append-only by trigger."""

    judgement = TenantForeignKey(Judgement, related_name="grade_changes")
    before = models.CharField(max_length=8, blank=True)
    after = models.CharField(max_length=8, blank=True)
    version = models.PositiveIntegerField()
    reason = models.TextField(blank=True)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]
