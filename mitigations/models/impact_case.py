"""Learners whom the dates of a framework leave out, looked at one by one."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from awarding.catalogue.models import Qualification
from awarding.frameworks.models import Adoption
from awarding.tenancy.models import TenantForeignKey
from awarding.workflow.models import Stateful
from centres.models import Centre, Registration
from mitigations.models.claim import Claim


class ImpactCase(Stateful):
    """One learner outside the dates (MIT-08) or without a registration (MIT-07), as the centre puts it to the AO.

    A registered learner is named by `registration`; one who is not registered yet by name, ULN and date of birth as the
    centre gives them, until the registration is there. An accepted case counts the registration as impacted.
    """

    class Kind(models.TextChoices):
        OVERRAN = "overran", _("Overran: the planned end lies before the impact date")
        NOT_VERIFIED = "not_verified", _("External verification could not be arranged")
        UNREGISTERED = "unregistered", _("Not registered yet")

    workflow_name = "impact_case"

    number = models.CharField(_("case number"), max_length=30)
    kind = models.CharField(_("what happened"), max_length=12, choices=Kind.choices)
    framework_code = models.CharField(max_length=40)
    adoption = TenantForeignKey(Adoption, related_name="+")
    centre = TenantForeignKey(Centre, related_name="impact_cases")
    qualification = TenantForeignKey(Qualification, related_name="+")
    claim = TenantForeignKey(Claim, null=True, blank=True, related_name="impact_cases")
    registration = TenantForeignKey(Registration, null=True, blank=True, related_name="impact_cases")
    learner_name = models.CharField(_("learner"), max_length=200)
    uln = models.CharField(_("ULN"), max_length=10, blank=True)
    why = models.TextField(_("what happened"))
    evidence = models.TextField(_("evidence to hand"))
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    # By when whoever has the case now should act.
    due_on = models.DateField(null=True, blank=True)
    raised_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    raised_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["ao", "state", "id"])]
        constraints = [
            models.UniqueConstraint(fields=["ao", "number"], name="one_case_per_number"),
            models.UniqueConstraint(
                fields=["registration", "framework_code"],
                condition=models.Q(state__in=["raised", "owned", "asked", "accepted"]),
                name="one_open_case_per_registration",
            ),
        ]

    def __str__(self) -> str:
        return self.number
