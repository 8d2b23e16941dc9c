"""Learners and what they are registered for."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from awarding.catalogue.models import Qualification
from awarding.tenancy.models import TenantForeignKey, TenantModel
from centres.models.centre import Centre

TEMPORARY_ULN = "9999999999"


class Learner(TenantModel):
    """A learner at a centre. `uln` is ten digits kept as text; the temporary number 9999999999 may repeat."""

    # Each index of these tables is paid for by every row of an import: none where another serves.
    centre = TenantForeignKey(Centre, related_name="learners", db_index=False)
    uln = models.CharField(_("ULN"), max_length=10)
    # The centre's own reference: tells learners apart who share the temporary ULN.
    reference = models.CharField(_("centre's reference"), max_length=30, blank=True)
    given_names = models.CharField(_("given names"), max_length=100)
    family_name = models.CharField(_("family name"), max_length=100)
    # Lower case without accents: names sort and are found by it on every server's collation.
    name_key = models.CharField(max_length=220, editable=False, default="")
    date_of_birth = models.DateField(_("date of birth"))
    is_synthetic = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["name_key", "id"]
        indexes = [models.Index(fields=["centre", "name_key", "id"])]
        constraints = [
            # In this order it also finds a ULN at any centre of the AO.
            models.UniqueConstraint(
                fields=["ao", "uln", "centre"], condition=~models.Q(uln=TEMPORARY_ULN), name="a_uln_once_per_centre"
            )
        ]

    def __str__(self) -> str:
        return self.full_name

    @property
    def full_name(self) -> str:
        return f"{self.given_names} {self.family_name}"


class Cohort(TenantModel):
    """A course run of one qualification at one centre: the group that one eRAC covers."""

    centre = TenantForeignKey(Centre, related_name="cohorts")
    qualification = TenantForeignKey(Qualification, related_name="+")
    name = models.CharField(_("cohort"), max_length=60)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["name", "id"]
        constraints = [models.UniqueConstraint(fields=["centre", "qualification", "name"], name="one_cohort_per_name")]

    def __str__(self) -> str:
        return self.name


class CohortStaff(TenantModel):
    """A teacher or internal verifier of a cohort: teachers see only their cohorts."""

    cohort = TenantForeignKey(Cohort, on_delete=models.CASCADE, related_name="staff")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["cohort", "person"], name="once_per_cohort")]


class Registration(TenantModel):
    """A learner's registration for a qualification. `ends_on` is the planned end date (MIT-06)."""

    class Status(models.TextChoices):
        ACTIVE = "active", _("Registered")
        COMPLETED = "completed", _("Completed")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    centre = TenantForeignKey(Centre, related_name="registrations", db_index=False)
    learner = TenantForeignKey(Learner, related_name="registrations", db_index=False)
    qualification = TenantForeignKey(Qualification, related_name="+")
    cohort = TenantForeignKey(Cohort, related_name="registrations")
    registered_on = models.DateField(_("registered on"))
    starts_on = models.DateField(_("starts on"))
    ends_on = models.DateField(_("planned end date"))
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.ACTIVE)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["centre", "qualification"])]
        constraints = [
            models.UniqueConstraint(fields=["learner", "qualification"], name="one_registration_per_qualification"),
            models.CheckConstraint(condition=models.Q(ends_on__gte=models.F("starts_on")), name="ends_after_it_starts"),
        ]
