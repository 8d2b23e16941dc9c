"""Rounds of notices to centres: what each was sent, whether it agrees, what it says is missing."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from awarding.catalogue.models import Qualification
from awarding.files.models import StoredFile
from awarding.frameworks.models import Adoption
from awarding.jobs.models import Job
from awarding.tenancy.models import TenantForeignKey, TenantModel
from awarding.workflow.models import Stateful
from centres.models import Centre


class NoticeRound(TenantModel):
    """One version of the notices under one framework, to every centre with impacted learners (MIT-09).

    A newer round supersedes it. Unanswered notices are chased every `remind_every_days`.
    """

    framework_code = models.CharField(max_length=40)
    adoption = TenantForeignKey(Adoption, related_name="+")
    number = models.PositiveIntegerField()
    message = models.TextField(_("what you want to say to the centres"), blank=True)
    answer_by = models.DateField(_("answer by"))
    remind_every_days = models.PositiveSmallIntegerField(_("days between reminders"))
    job = TenantForeignKey(Job, null=True, related_name="+")
    begun_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    begun_at = models.DateTimeField(default=timezone.now)
    superseded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["ao", "framework_code", "number"], name="one_round_per_number"),
            models.UniqueConstraint(
                fields=["ao", "framework_code"], condition=models.Q(superseded_at=None), name="one_open_round"
            ),
        ]


class CentreNotice(Stateful):
    """The notice of one round to one centre: its workbook, its counts, its answer (MIT-09, MIT-10)."""

    workflow_name = "centre_notice"

    round = TenantForeignKey(NoticeRound, related_name="notices")
    centre = TenantForeignKey(Centre, related_name="notices")
    file = TenantForeignKey(StoredFile, related_name="+")
    # What the workbook holds: rows of eRACs (or cohorts without one yet), impacted learners, and those on no eRAC yet.
    documents = models.PositiveIntegerField()
    learners = models.PositiveIntegerField()
    learners_without_claim = models.PositiveIntegerField()
    sent_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)
    reminders = models.PositiveSmallIntegerField(default=0)
    reminded_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["round", "state"])]
        constraints = [models.UniqueConstraint(fields=["round", "centre"], name="one_notice_per_centre_and_round")]


class NoticeLine(Stateful):
    """One learner or programme that a centre says is missing from its notice, and what became of it (MIT-10)."""

    class Kind(models.TextChoices):
        LEARNER = "learner", _("A learner")
        PROGRAMME = "programme", _("A programme")

    workflow_name = "notice_line"

    notice = TenantForeignKey(CentreNotice, related_name="lines")
    centre = TenantForeignKey(Centre, related_name="+")
    kind = models.CharField(_("what is missing"), max_length=9, choices=Kind.choices)
    qualification = TenantForeignKey(Qualification, null=True, blank=True, related_name="+")
    # As the centre typed it: a programme may be missing from the catalogue too.
    qan = models.CharField(_("qualification number (QAN)"), max_length=12, blank=True)
    learner_name = models.CharField(_("learner"), max_length=200, blank=True)
    uln = models.CharField(_("ULN"), max_length=10, blank=True)
    details = models.TextField(_("details"))
    reported_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reported_at = models.DateTimeField(default=timezone.now)
    answer = models.TextField(blank=True)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["ao", "state", "id"])]
