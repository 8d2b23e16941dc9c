"""What an awarding organisation expects of the checklists of one qualification."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from awarding.catalogue.models import Qualification, Unit
from awarding.tenancy.models import TenantForeignKey, TenantModel


class ChecklistTemplate(TenantModel):
    """One version of a qualification's checklist template under a framework. A claim pins the one it was started under.

    `expected` and `standing_alone` are codes of the framework's evidence types: those expected of every unit that says
    nothing of its own, and those that may stand alone here (never more than the framework lets; the AO may narrow it).
    Rows do not change but for `superseded_at`; exactly one version of a qualification and framework is open, or none
    when the template was withdrawn.
    """

    qualification = TenantForeignKey(Qualification, related_name="checklist_templates")
    framework_code = models.CharField(max_length=40)
    number = models.PositiveIntegerField(default=1)
    guidance = models.TextField(_("help for the whole checklist"), blank=True)
    expected = models.JSONField(default=list)
    standing_alone = models.JSONField(default=list)
    reason = models.TextField(_("why this version"), blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    superseded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["qualification", "framework_code", "number"], name="checklist_template_versions"
            ),
            models.UniqueConstraint(
                fields=["qualification", "framework_code"],
                condition=models.Q(superseded_at=None),
                name="one_open_checklist_template",
            ),
        ]


class TemplateUnit(TenantModel):
    """What a template says of one unit by itself: the evidence expected in place of the usual, and help."""

    template = TenantForeignKey(ChecklistTemplate, on_delete=models.CASCADE, related_name="units")
    unit = TenantForeignKey(Unit, related_name="+")
    # None: as every unit.
    expected = models.JSONField(null=True)
    guidance = models.TextField(_("help for this unit"), blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["template", "unit"], name="a_unit_once_per_checklist_template")]
