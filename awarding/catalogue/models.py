"""What is awarded: qualifications of the register, their units, grade scales and rules of combination."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from awarding.catalogue.register.names import title_key
from awarding.tenancy.models import TenantForeignKey, TenantModel


class GradeScale(TenantModel):
    """An ordered list of grades, for units or for whole qualifications. Data of the AO, never a constant in code."""

    name = models.CharField(_("name"), max_length=80)

    class Meta:
        ordering = ["name", "id"]
        constraints = [models.UniqueConstraint(fields=["ao", "name"], name="one_scale_per_name")]

    def __str__(self) -> str:
        return self.name


class Grade(TenantModel):
    """One grade of a scale. Rank orders them, the lowest first; `is_achieved` is false for grades such as U."""

    scale = TenantForeignKey(GradeScale, on_delete=models.CASCADE, related_name="grades")
    code = models.CharField(_("grade"), max_length=8)
    label = models.CharField(_("in words"), max_length=40)
    rank = models.PositiveSmallIntegerField()
    is_achieved = models.BooleanField(default=True)
    # On a unit scale: points per credit for this grade. On a qualification scale: points from which it is reached.
    points = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["rank"]
        constraints = [models.UniqueConstraint(fields=["scale", "code"], name="one_grade_per_code")]

    def __str__(self) -> str:
        return self.code


class QualificationFamily(TenantModel):
    """The sizes of one qualification: award, certificate, diploma. Moving a learner to a smaller one is looked at (MIT-13)."""

    name = models.CharField(_("name"), max_length=200)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["name", "id"]
        constraints = [models.UniqueConstraint(fields=["ao", "name"], name="one_family_per_name")]

    def __str__(self) -> str:
        return self.name


class Qualification(TenantModel):
    """A regulated qualification. Published: anybody may read it; only its AO's scope may write it.

    `qan` is the eight characters without slashes; `qan_check_failed` says that its check character does not fit
    (a warning, not a refusal).
    """

    class Category(models.TextChoices):
        A = "A", _("A: signals occupational competence or licence to practise")
        B1 = "B1", _("B1: used for progression, most like general qualifications")
        B2 = "B2", _("B2: used for progression, other")

    qan = models.CharField(_("qualification number"), max_length=8, unique=True)
    qan_check_failed = models.BooleanField(default=False)
    title = models.CharField(_("title"), max_length=1000)
    title_key = models.CharField(max_length=1000, editable=False, default="")
    level = models.CharField(_("level"), max_length=60)
    type = models.CharField(_("type"), max_length=100)
    sector = models.CharField(_("sector subject area"), max_length=120)
    status = models.CharField(_("status"), max_length=60, blank=True)
    funding = models.JSONField(default=dict)
    category = models.CharField(_("category"), max_length=2, choices=Category.choices, blank=True)
    unit_scale = TenantForeignKey(GradeScale, null=True, blank=True, related_name="+")
    scale = TenantForeignKey(GradeScale, null=True, blank=True, related_name="+")
    min_credits = models.PositiveSmallIntegerField(_("credits needed"), default=0)
    # At most this share of the credits needed by credit transfer and recognition of prior learning; empty is no limit.
    transfer_limit = models.PositiveSmallIntegerField(_("most by transfer, in percent"), null=True, blank=True)
    # Which size of a family it is, the smallest first (MIT-13).
    family = TenantForeignKey("QualificationFamily", null=True, blank=True, related_name="sizes")
    size = models.PositiveSmallIntegerField(_("size"), default=0)
    snapshot_on = models.DateField(null=True, blank=True)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["title", "qan"]
        indexes = [
            GinIndex(fields=["title_key"], opclasses=["gin_trgm_ops"], name="qualification_title_trgm"),
            models.Index(fields=["ao", "title", "qan"]),
        ]

    def __str__(self) -> str:
        return f"{self.display_qan} {self.title}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keeps the key that search compares beside the title. Bulk writes set it themselves."""
        self.title_key = title_key(self.title)
        super().save(*args, **kwargs)

    @property
    def display_qan(self) -> str:
        return f"{self.qan[:3]}/{self.qan[3:7]}/{self.qan[7:]}"


class Unit(TenantModel):
    """A unit (component) of the AO, shared by the qualifications that use it."""

    reference = models.CharField(_("unit reference"), max_length=20)
    reference_check_failed = models.BooleanField(default=False)
    title = models.CharField(_("title"), max_length=300)
    level = models.CharField(_("level"), max_length=60, blank=True)
    credits = models.PositiveSmallIntegerField(_("credits"), default=0)
    guided_hours = models.PositiveSmallIntegerField(_("guided learning hours"), default=0)

    class Meta:
        ordering = ["reference"]
        constraints = [models.UniqueConstraint(fields=["ao", "reference"], name="one_unit_per_reference")]

    def __str__(self) -> str:
        return f"{self.reference} {self.title}"


class UnitGroup(TenantModel):
    """One group of a qualification's rules of combination: how many of its units or credits are needed, and at most count.

    Both are over what counts in the group and in the groups inside it. A maximum of 0 is none.
    """

    qualification = TenantForeignKey(Qualification, on_delete=models.CASCADE, related_name="groups")
    name = models.CharField(_("name"), max_length=120)
    position = models.PositiveSmallIntegerField(default=0)
    is_mandatory = models.BooleanField(_("every unit is needed"), default=False)
    min_units = models.PositiveSmallIntegerField(_("units needed"), default=0)
    min_credits = models.PositiveSmallIntegerField(_("credits needed"), default=0)
    max_units = models.PositiveSmallIntegerField(_("most units that count"), default=0)
    max_credits = models.PositiveSmallIntegerField(_("most credits that count"), default=0)
    inside = TenantForeignKey("self", null=True, blank=True, related_name="parts")

    class Meta:
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["qualification", "name"], name="one_group_per_name")]


class QualificationUnit(TenantModel):
    """A unit's place in a qualification."""

    qualification = TenantForeignKey(Qualification, on_delete=models.CASCADE, related_name="unit_places")
    unit = TenantForeignKey(Unit, related_name="places")
    group = TenantForeignKey(UnitGroup, on_delete=models.CASCADE, related_name="places")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["qualification", "unit"], name="a_unit_once_per_qualification")]


class OtherGroup(TenantModel):
    """A group in which a unit may count instead of in its own. It counts in one of them."""

    place = TenantForeignKey(QualificationUnit, on_delete=models.CASCADE, related_name="others")
    group = TenantForeignKey(UnitGroup, on_delete=models.CASCADE, related_name="takes_also")

    class Meta:
        ordering = ["group__position", "id"]
        constraints = [models.UniqueConstraint(fields=["place", "group"], name="a_group_once_per_place")]


class BarredSet(TenantModel):
    """Units of a qualification that are barred against each other: one of them counts."""

    qualification = TenantForeignKey(Qualification, on_delete=models.CASCADE, related_name="barred_sets")

    class Meta:
        ordering = ["id"]


class BarredUnit(TenantModel):
    """One unit of a barred set."""

    barred_set = TenantForeignKey(BarredSet, on_delete=models.CASCADE, related_name="members")
    place = TenantForeignKey(QualificationUnit, on_delete=models.CASCADE, related_name="barred")

    class Meta:
        ordering = ["place__position", "id"]
        constraints = [models.UniqueConstraint(fields=["barred_set", "place"], name="a_unit_once_per_barred_set")]


class LevelCredits(TenantModel):
    """So many credits of a qualification at a level or above; level 0 is entry level."""

    qualification = TenantForeignKey(Qualification, on_delete=models.CASCADE, related_name="level_credits")
    level = models.PositiveSmallIntegerField(_("level"))
    credits = models.PositiveSmallIntegerField(_("credits"))

    class Meta:
        ordering = ["level"]
        constraints = [models.UniqueConstraint(fields=["qualification", "level"], name="one_minimum_per_level")]


class RegisterLoad(models.Model):
    """One reading of a register file: public data, nobody's tenant row."""

    file_name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    layout = models.CharField(max_length=20)
    read = models.PositiveIntegerField(default=0)
    loaded = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    refusals = models.JSONField(default=list)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-id"]


class QualificationChange(TenantModel):
    """What a newer register file or an AO admin changed about a qualification. Append-only by trigger."""

    qualification = TenantForeignKey(Qualification, related_name="changes")
    load = models.ForeignKey(RegisterLoad, on_delete=models.PROTECT, null=True, related_name="changes")
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    field = models.CharField(max_length=40)
    before = models.TextField(blank=True)
    after = models.TextField(blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-id"]
