"""What a learner has achieved in single units, and which units were assessed in a reduced way."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from awarding.catalogue.models import Grade, Unit
from awarding.tenancy.models import TenantForeignKey, TenantModel
from centres.models import Registration


class BankedUnit(TenantModel):
    """A unit grade that stands: an interim claim, an external result, a grade issued in 2020 (QTG-14, QTG-22)."""

    class Kind(models.TextChoices):
        INTERIM = "interim", _("Interim claim")
        EXTERNAL = "external", _("External result")
        ISSUED_2020 = "issued_2020", _("Grade issued in 2020")

    registration = TenantForeignKey(Registration, related_name="banked_units")
    unit = TenantForeignKey(Unit, related_name="+")
    grade = TenantForeignKey(Grade, related_name="+")
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    achieved_on = models.DateField(_("achieved on"))
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now)
    set_aside_reason = models.TextField(blank=True)
    set_aside_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    set_aside_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            # One that was set aside makes room for the right one.
            models.UniqueConstraint(
                fields=["registration", "unit", "kind"],
                condition=models.Q(set_aside_at=None),
                name="a_unit_banked_once_per_kind",
            )
        ]


class ReducedUnit(TenantModel):
    """The Z flag: an internal unit due in the window that was not fully assessed (QTG-15). Not a grade."""

    registration = TenantForeignKey(Registration, related_name="reduced_units")
    unit = TenantForeignKey(Unit, related_name="+")
    flagged_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    flagged_at = models.DateTimeField(default=timezone.now)
    # Set after the day by which the framework asks for it.
    is_late = models.BooleanField(default=False)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["registration", "unit"], name="one_z_flag_per_unit")]


class ExternalEntry(TenantModel):
    """That a learner was entered for a unit's external assessment inside the framework's window (QTG-16)."""

    registration = TenantForeignKey(Registration, related_name="external_entries")
    unit = TenantForeignKey(Unit, related_name="+")
    entered_on = models.DateField(_("entered on"))
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["registration", "unit"], name="one_external_entry_per_unit")]


class LaterUnit(TenantModel):
    """A unit of a learner who goes on, put forward for a teacher's grade in a later series (QTG-16)."""

    class Basis(models.TextChoices):
        REDUCED = "reduced", _("Z flag")
        ENTRY = "entry", _("External entry")

    registration = TenantForeignKey(Registration, related_name="later_units")
    unit = TenantForeignKey(Unit, related_name="+")
    basis = models.CharField(_("rests on"), max_length=8, choices=Basis.choices)
    put_forward_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    put_forward_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["registration", "unit"], name="a_unit_put_forward_once")]
