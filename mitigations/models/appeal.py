"""Appeals against decisions of the panel."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from awarding.files.models import StoredFile
from awarding.tenancy.models import TenantForeignKey, TenantModel
from awarding.workflow.models import Stateful
from centres.models import Centre
from mitigations.models.claim import Claim
from mitigations.models.panel import PanelDecision

DAYS = (MinValueValidator(1), MaxValueValidator(120))


class AppealStage(TenantModel):
    """One stage of the AO's procedure: working days to lodge after what it is lodged against, and to be answered."""

    position = models.PositiveSmallIntegerField(_("place in the order"))
    name = models.CharField(_("name"), max_length=80)
    lodge_days = models.PositiveSmallIntegerField(_("working days to lodge"), validators=DAYS)
    answer_days = models.PositiveSmallIntegerField(_("working days to answer"), validators=DAYS)
    # A stage that is dropped stays for the appeals that went through it.
    dropped_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.name


class Appeal(Stateful):
    """A centre's appeal against one released decision, through its stages (CLM-15)."""

    workflow_name = "appeal"

    number = models.CharField(_("number"), max_length=20)
    claim = TenantForeignKey(Claim, related_name="appeals")
    centre = TenantForeignKey(Centre, related_name="+")
    decision = TenantForeignKey(PanelDecision, related_name="appeals")
    # The stage it is at, or was answered at last.
    stage = TenantForeignKey(AppealStage, related_name="+")
    lodged_at = models.DateTimeField(default=timezone.now)
    # The AO answers by this day while it is lodged.
    due_on = models.DateField(null=True, blank=True)
    # The centre goes to the next stage by this day after an answer that leaves one.
    next_lodge_by = models.DateField(null=True, blank=True)
    # Everything in one file, as it stood at that version of the appeal.
    bundle = TenantForeignKey(StoredFile, null=True, blank=True, related_name="+")
    bundle_version = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["ao", "state", "due_on"])]
        constraints = [
            models.UniqueConstraint(fields=["ao", "number"], name="one_appeal_per_number"),
            models.UniqueConstraint(fields=["decision"], name="one_appeal_per_decision"),
        ]

    def __str__(self) -> str:
        return self.number


class AppealRound(TenantModel):
    """What was said at one stage: the grounds, and the answer with its reasons. The stage's name is kept as it was."""

    class Answer(models.TextChoices):
        UPHELD = "upheld", _("Upheld")
        PARTLY = "partly_upheld", _("Upheld in part")
        NOT_UPHELD = "not_upheld", _("Not upheld")

    appeal = TenantForeignKey(Appeal, related_name="rounds")
    number = models.PositiveSmallIntegerField()
    stage_name = models.CharField(max_length=80)
    grounds = models.TextField(_("grounds"))
    lodged_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    lodged_at = models.DateTimeField(default=timezone.now)
    due_on = models.DateField()
    answer = models.CharField(_("answer"), max_length=14, choices=Answer.choices, blank=True)
    reasons = models.TextField(_("reasons"), blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["appeal", "number"], name="one_round_per_number_of_appeal")]


class AppealFile(TenantModel):
    """A file that the centre sent with its grounds."""

    round = TenantForeignKey(AppealRound, related_name="files")
    file = TenantForeignKey(StoredFile, related_name="+")
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]
