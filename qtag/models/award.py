"""That the AO accepted a submission: from here its Q-TAGs become results."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from awarding.tenancy.models import TenantForeignKey
from awarding.workflow.models import Stateful
from centres.models import Centre
from qtag.models.submission import Submission


class Award(Stateful):
    """One submission on its way to results, however often it is asked for (CLM-14).

    `takes_late` says that the AO also takes what came after the close, and `late_reason` why (QTG-10). `accepted_digest` is
    that of the signed part that was accepted: of anything else no result is made before somebody has looked (QTG-13).
    """

    workflow_name = "award"

    submission = TenantForeignKey(Submission, related_name="awards")
    centre = TenantForeignKey(Centre, related_name="+")
    takes_late = models.BooleanField(_("takes late Q-TAGs"), default=False)
    late_reason = models.TextField(_("why late Q-TAGs are taken"), blank=True)
    accepted_digest = models.CharField(max_length=64, blank=True)
    accepted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    accepted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["submission"], name="one_award_per_submission")]
