"""What keeps Q-TAG evidence from deletion although the result is old enough: a complaint, a malpractice case (QTG-19)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from awarding.catalogue.models import Qualification
from awarding.tenancy.models import TenantForeignKey
from awarding.workflow.models import Stateful
from centres.models import Centre, Learner


class EvidenceHold(Stateful):
    """Put by the AO on a centre's evidence, or that of one qualification or learner there; lifted with a reason.

    The centre reads that evidence is held, never why: a case may be confidential.
    """

    class Kind(models.TextChoices):
        COMPLAINT = "complaint", _("Complaint")
        MALPRACTICE = "malpractice", _("Malpractice case")
        APPEAL = "appeal", _("Appeal that is not in the portal")

    workflow_name = "evidence_hold"

    centre = TenantForeignKey(Centre, related_name="+")
    # None: whichever of the centre's.
    qualification = TenantForeignKey(Qualification, null=True, blank=True, related_name="+")
    learner = TenantForeignKey(Learner, null=True, blank=True, related_name="+")
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    reference = models.CharField(_("reference"), max_length=60)
    reason = models.TextField(_("why"))
    put_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    put_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["centre", "qualification", "learner", "reference"], condition=models.Q(state="in_force"),
                nulls_distinct=False, name="one_hold_in_force_per_reference",
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.reference}"
