"""External verification: who is allocated a claim, which learners and units they sample, the evidence sent for it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from awarding.files.models import StoredFile
from awarding.tenancy.models import TenantForeignKey, TenantModel
from mitigations.models import Claim, ClaimLearner, ClaimUnit


class Allocation(TenantModel):
    """A claim given to an external verifier, who has no declared interest in its centre (SMP-10). Ended, never deleted."""

    claim = TenantForeignKey(Claim, related_name="allocations")
    verifier = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    allocated_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    allocated_at = models.DateTimeField(default=timezone.now)
    due_on = models.DateField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["verifier", "ended_at"])]
        constraints = [
            models.UniqueConstraint(fields=["claim"], condition=models.Q(ended_at=None), name="one_open_allocation")
        ]


class SamplePick(TenantModel):
    """One learner and unit that the verifier looks at. Added or swapped with a reason; never quietly dropped (SMP-06)."""

    class Verdict(models.TextChoices):
        OPEN = "open", _("Waiting")
        ACCEPTED = "accepted", _("Accepted")
        RETURNED = "returned", _("Returned")
        SWAPPED = "swapped", _("Swapped")

    claim = TenantForeignKey(Claim, related_name="sample_picks")
    learner = TenantForeignKey(ClaimLearner, related_name="+")
    unit = TenantForeignKey(ClaimUnit, related_name="+")
    reason = models.TextField(_("why it was picked"), blank=True)
    picked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    picked_at = models.DateTimeField(default=timezone.now)
    requested_at = models.DateTimeField(null=True, blank=True)
    due_on = models.DateField(null=True, blank=True)
    verdict = models.CharField(max_length=8, choices=Verdict.choices, default=Verdict.OPEN)
    verdict_reason = models.TextField(blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    replaces = TenantForeignKey("self", null=True, blank=True, related_name="replacements")

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["learner", "unit"], name="a_piece_picked_once")]


class EvidenceFile(TenantModel):
    """A file that the centre sent for one picked piece. Removed only by being marked so, with who and when."""

    pick = TenantForeignKey(SamplePick, related_name="files")
    file = TenantForeignKey(StoredFile, related_name="+")
    caption = models.CharField(_("what it shows"), max_length=200, blank=True)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(default=timezone.now)
    removed_at = models.DateTimeField(null=True, blank=True)
    removed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["id"]
