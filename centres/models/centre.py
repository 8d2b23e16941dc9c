"""Schools, colleges and training providers: their national identity, and their approval by an AO."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from awarding.tenancy.models import TenantForeignKey, TenantModel


class Establishment(models.Model):
    """A place of learning as the nation knows it. Public facts, nobody's tenant row."""

    name = models.CharField(_("name"), max_length=255)
    urn = models.CharField(
        _("URN"), max_length=6, null=True, blank=True, unique=True, validators=[RegexValidator(r"^\d{6}$")]
    )
    ukprn = models.CharField(
        _("UKPRN"), max_length=8, null=True, blank=True, validators=[RegexValidator(r"^[1-9]\d{7}$")]
    )
    ncn = models.CharField(
        _("NCN"), max_length=5, null=True, blank=True, unique=True, validators=[RegexValidator(r"^\d{5}$")]
    )
    type = models.CharField(_("type"), max_length=120, blank=True)
    region = models.CharField(_("region"), max_length=80, blank=True)
    local_authority = models.CharField(_("local authority"), max_length=120, blank=True)
    is_synthetic = models.BooleanField(default=False)

    class Meta:
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name


class Centre(TenantModel):
    """An establishment approved by an AO, under the AO's own number."""

    class Risk(models.IntegerChoices):
        LOW = 1, _("1 Low")
        MARGINAL = 2, _("2 Marginal")
        MODERATE = 3, _("3 Moderate")
        HIGH = 4, _("4 High")

    establishment = models.ForeignKey(Establishment, on_delete=models.PROTECT, related_name="+")
    number = models.CharField(_("centre number"), max_length=20)
    name = models.CharField(_("name"), max_length=255)
    risk = models.PositiveSmallIntegerField(_("risk rating"), choices=Risk.choices, default=Risk.LOW)
    approved_on = models.DateField(_("approved on"), null=True, blank=True)
    closed_on = models.DateField(_("approval ended on"), null=True, blank=True)

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["ao", "number"], name="one_centre_per_number"),
            models.UniqueConstraint(fields=["ao", "establishment"], name="an_establishment_once_per_ao"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.number})"


class DeclaredInterest(TenantModel):
    """An interest that a panel member or external verifier has in a centre: they never decide its claims (CLM-08, SMP-10)."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    centre = TenantForeignKey(Centre, related_name="interests")
    nature = models.TextField(_("what the interest is"))
    declared_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-declared_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "centre"], condition=models.Q(ended_at=None), name="one_open_interest"
            )
        ]
