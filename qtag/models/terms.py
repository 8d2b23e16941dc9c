"""What an AO says of Q-TAGs for one qualification: data, never a constant in code."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from awarding.catalogue.models import Qualification, Unit
from awarding.tenancy.models import TenantForeignKey, TenantModel


class QualificationTerms(TenantModel):
    """The AO's terms for a qualification under one framework (QTG-04, QTG-05, QTG-20). None: nothing special holds."""

    qualification = TenantForeignKey(Qualification, related_name="qtag_terms")
    framework_code = models.CharField(max_length=40)
    # QTG-04: empty while the qualification is in scope.
    out_of_scope_reason = models.TextField(_("why it is out of scope"), blank=True)
    # QTG-05: every unit is linked to a licence to practise, so that no Q-TAG is possible.
    is_all_licence = models.BooleanField(_("every unit is linked to a licence to practise"), default=False)
    # QTG-20: with whom a centre must agree before Q-TAGs open, such as the external examiner.
    agreement_with = models.CharField(_("agreement needed first with"), max_length=120, blank=True)
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["qualification", "framework_code"], name="qtag_terms_once_per_framework")
        ]


class LicenceUnit(TenantModel):
    """A unit that must be fully assessed and passed before its qualification's Q-TAG (QTG-05)."""

    terms = TenantForeignKey(QualificationTerms, on_delete=models.CASCADE, related_name="licence_units")
    unit = TenantForeignKey(Unit, related_name="+")
    # Counts only for learners who chose the unit.
    is_conditional = models.BooleanField(default=False)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["terms", "unit"], name="a_licence_unit_once")]
