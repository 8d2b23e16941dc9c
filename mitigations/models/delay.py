"""Delayed assessments: when centres say that their learners can sit, and the dates that follow."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from awarding.catalogue.models import Qualification
from awarding.frameworks.models import Adoption
from awarding.tenancy.models import TenantForeignKey, TenantModel
from awarding.workflow.models import Stateful
from centres.models import Centre

MOST_LEARNERS = 10_000


class DelayQuestion(Stateful):
    """What one centre is asked about one qualification whose assessment waits: when, how many, with what needs (MIT-16)."""

    workflow_name = "delay_question"

    framework_code = models.CharField(max_length=40)
    adoption = TenantForeignKey(Adoption, related_name="+")
    centre = TenantForeignKey(Centre, related_name="delay_questions")
    qualification = TenantForeignKey(Qualification, related_name="delay_questions")
    # Impacted learners when it was asked.
    learners = models.PositiveIntegerField()
    answer_by = models.DateField(_("answer by"))
    remind_every_days = models.PositiveSmallIntegerField(_("days between reminders"))
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    sent_at = models.DateTimeField(default=timezone.now)
    can_sit_from = models.DateField(_("from"), null=True, blank=True)
    can_sit_until = models.DateField(_("until"), null=True, blank=True)
    sitting = models.PositiveIntegerField(
        _("learners who will sit"), null=True, blank=True, validators=[MaxValueValidator(MOST_LEARNERS)]
    )
    needs = models.TextField(_("needs"), blank=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)
    reminders = models.PositiveSmallIntegerField(default=0)
    reminded_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["ao", "state", "id"])]
        constraints = [
            models.UniqueConstraint(
                fields=["centre", "qualification", "framework_code"], name="asked_once_per_centre_and_qualification"
            ),
            models.CheckConstraint(
                condition=models.Q(can_sit_from=None) | models.Q(can_sit_until__gte=models.F("can_sit_from")),
                name="sits_from_before_until",
            ),
        ]


class AssessmentDate(TenantModel):
    """A published date of a delayed assessment or of its resit (MIT-16). A change is a new row that replaces the old."""

    class Kind(models.TextChoices):
        ASSESSMENT = "assessment", _("Assessment")
        RESIT = "resit", _("Resit")

    framework_code = models.CharField(max_length=40)
    adoption = TenantForeignKey(Adoption, related_name="+")
    qualification = TenantForeignKey(Qualification, related_name="assessment_dates")
    kind = models.CharField(_("what it is"), max_length=10, choices=Kind.choices)
    title = models.CharField(_("which assessment"), max_length=200)
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))
    entries_by = models.DateField(_("entries by"), null=True, blank=True)
    details = models.TextField(_("what centres and learners should know"), blank=True)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    published_at = models.DateTimeField(default=timezone.now)
    replaces = TenantForeignKey("self", null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.TextField(blank=True)

    class Meta:
        ordering = ["starts_on", "id"]
        indexes = [models.Index(fields=["qualification", "ended_at"])]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_on__gte=models.F("starts_on")), name="date_ends_after_start"
            ),
        ]

    def __str__(self) -> str:
        return self.title
