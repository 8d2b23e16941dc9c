"""Units that a learner brings: by credit transfer, or by recognition of prior learning."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from awarding.catalogue.models import Unit
from awarding.tenancy.models import TenantForeignKey, TenantModel
from centres.models.centre import Centre
from centres.models.learner import Registration


class PriorAchievement(TenantModel):
    """One unit that counts for a registration without being assessed here (MIT-12). What was ended stays as history."""

    class Kind(models.TextChoices):
        TRANSFER = "CT", _("Credit transfer: achieved and certificated elsewhere")
        PRIOR_LEARNING = "RPL", _("Recognition of prior learning: shown by earlier learning or work")

    centre = TenantForeignKey(Centre, related_name="+")
    registration = TenantForeignKey(Registration, related_name="prior_achievements")
    unit = TenantForeignKey(Unit, related_name="+")
    kind = models.CharField(_("how"), max_length=3, choices=Kind.choices)
    # Who certificated it, or where it was learned.
    source = models.CharField(_("from where"), max_length=200)
    evidence = models.TextField(_("evidence"))
    achieved_on = models.DateField(_("achieved on"), null=True, blank=True)
    # A grade of the qualification's unit scale; empty where what is brought carries none.
    grade = models.CharField(_("grade"), max_length=8, blank=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    end_reason = models.TextField(blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["registration", "unit"], condition=models.Q(ended_at=None), name="a_unit_brought_once"
            )
        ]

    @property
    def short_kind(self) -> str:
        """ "credit transfer" or "prior learning", as a cell of the grid says it."""
        return str(_("credit transfer") if self.kind == self.Kind.TRANSFER else _("prior learning"))
