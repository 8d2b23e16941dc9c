"""Earlier results as they were loaded, and what the AO records about the centres and qualifications that they belong to."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from awarding.catalogue.models import Qualification
from awarding.tenancy.models import TenantForeignKey, TenantModel
from centres.models import Centre, Learner


class Principle(models.TextChoices):
    """What the grades of a series rest on. Only the first is a baseline in its own right (SNS-03)."""

    EXAM = "exam", _("Assessed as usual")
    CALCULATED = "calculated", _("Another principle, as in 2020")


class PastResults(TenantModel):
    """How many of a centre's learners had one grade of a qualification in one series, as loaded.

    `series` is a year and a season, such as 2019-summer; `grade` the code on the qualification's own scale. Nothing here
    is changed when centres or qualifications change: that is recorded beside it and applied when it is read.
    """

    # The unique key begins with the centre and serves its index, too: millions of rows pay for each one.
    centre = TenantForeignKey(Centre, related_name="+", db_index=False)
    qualification = TenantForeignKey(Qualification, related_name="+")
    series = models.CharField(_("series"), max_length=20)
    principle = models.CharField(_("principle"), max_length=10, choices=Principle.choices, default=Principle.EXAM)
    grade = models.CharField(_("grade"), max_length=8)
    count = models.PositiveIntegerField(_("learners"))

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["centre", "qualification", "series", "principle", "grade"], name="past_results_once"
            )
        ]
        # Which series are loaded is asked by pages and runs.
        indexes = [models.Index(fields=["ao", "series", "principle"], name="past_results_by_series")]


class PastGroupResults(TenantModel):
    """The same for the learners of one group, such as those with a disability (SNS-08). Never shown as it is."""

    centre = TenantForeignKey(Centre, related_name="+", db_index=False)
    qualification = TenantForeignKey(Qualification, related_name="+")
    series = models.CharField(_("series"), max_length=20)
    principle = models.CharField(_("principle"), max_length=10, choices=Principle.choices, default=Principle.EXAM)
    characteristic = models.CharField(_("characteristic"), max_length=60)
    value = models.CharField(_("group"), max_length=60)
    grade = models.CharField(_("grade"), max_length=8)
    count = models.PositiveIntegerField(_("learners"))

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["centre", "qualification", "series", "principle", "characteristic", "value", "grade"],
                name="past_group_results_once",
            )
        ]
        indexes = [models.Index(fields=["ao"], name="past_group_results_of_ao")]


class LearnerCharacteristic(TenantModel):
    """Which group of a characteristic a learner of this year belongs to (SNS-08). Read for tables of groups only.

    Special category data: how long it is kept is counted from `recorded_on`, the day on which a file last said something new.
    """

    learner = TenantForeignKey(Learner, related_name="+", db_index=False)
    characteristic = models.CharField(_("characteristic"), max_length=60)
    value = models.CharField(_("group"), max_length=60)
    recorded_on = models.DateField(_("recorded on"), default=timezone.localdate)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["learner", "characteristic"], name="a_characteristic_once")]
        indexes = [models.Index(fields=["ao"], name="characteristics_of_ao")]


class SeriesChoice(TenantModel):
    """What one series is to the sense check (SNS-03). `weeks` is how long its period was, for volumes (SNS-06)."""

    class Role(models.TextChoices):
        COUNTS = "counts", _("Compared with")
        STANDS_IN = "stands_in", _("Compared with only where nothing else is there")
        THIS_YEAR = "this_year", _("This year, for results that were judged elsewhere and loaded")
        LEFT_OUT = "left_out", _("Left out")

    series = models.CharField(_("series"), max_length=20)
    role = models.CharField(_("what it is"), max_length=10, choices=Role.choices)
    weeks = models.PositiveSmallIntegerField(
        _("weeks in its period"), default=52, validators=[MinValueValidator(1), MaxValueValidator(520)]
    )
    chosen_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    chosen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["series"]
        constraints = [
            models.UniqueConstraint(fields=["ao", "series"], name="a_series_chosen_once"),
            models.UniqueConstraint(
                fields=["ao"], condition=models.Q(role="this_year"), name="one_series_of_this_year"
            ),
        ]


class ComparisonTerms(TenantModel):
    """How one qualification is compared, where the AO says more than the catalogue (SNS-02, SNS-06)."""

    class By(models.TextChoices):
        AUTOMATIC = "", _("By grades, unless the scale is only pass and fail")
        GRADES = "grades", _("By grades")
        VOLUME = "volume", _("By how many achieve: pass and fail only, or roll-on/roll-off")

    qualification = TenantForeignKey(Qualification, related_name="+")
    compared_by = models.CharField(_("compared by"), max_length=6, choices=By.choices, default=By.AUTOMATIC, blank=True)
    # Empty: the qualification's type.
    suite = models.CharField(_("suite"), max_length=100, blank=True)
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["qualification"], name="one_comparison_per_qualification")]


class RecordedChange(TenantModel):
    """What both kinds of change have: from which day, why, by whom; a mistake is withdrawn, never deleted."""

    effective_on = models.DateField(_("from"))
    reason = models.TextField(_("why"))
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now)
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_reason = models.TextField(blank=True)

    class Meta:
        abstract = True


class CentreChange(RecordedChange):
    """Whose history counts for whom: series that ended before `effective_on` move, whole or in part (SNS-04).

    A merger has one row for each centre that came in; a split one for each that went out. With no `to_centre` the history
    of before counts for nobody (a centre whose status changed so much that its past says nothing).
    `qualification_ids` are those concerned, all when empty; `share` is the percentage of their learners that moves.
    """

    class Kind(models.TextChoices):
        MERGER = "merger", _("Merged into another centre")
        SPLIT = "split", _("A part went to another centre")
        STATUS = "status", _("Its status changed: what was before no longer counts")

    kind = models.CharField(_("what happened"), max_length=6, choices=Kind.choices)
    from_centre = TenantForeignKey(Centre, related_name="+")
    to_centre = TenantForeignKey(Centre, null=True, blank=True, related_name="+")
    qualification_ids: Any = models.JSONField(default=list)
    share = models.PositiveSmallIntegerField(
        _("share of its learners, in percent"), default=100, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )

    class Meta:
        ordering = ["effective_on", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(share__gte=1) & models.Q(share__lte=100), name="a_share_is_a_percentage"
            ),
            models.CheckConstraint(
                condition=models.Q(to_centre=None) | ~models.Q(to_centre=models.F("from_centre")),
                name="a_change_leads_to_another_centre",
            ),
        ]


class QualificationChange(RecordedChange):
    """A qualification that is no longer offered (SNS-05), or goes on under another number with its history (SNS-04)."""

    class Kind(models.TextChoices):
        DISCONTINUED = "discontinued", _("No longer offered")
        RENAMED = "renamed", _("Goes on under another number")

    kind = models.CharField(_("what happened"), max_length=12, choices=Kind.choices)
    from_qualification = TenantForeignKey(Qualification, related_name="+")
    to_qualification = TenantForeignKey(Qualification, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["effective_on", "id"]
        constraints = [
            models.CheckConstraint(
                condition=(models.Q(kind="discontinued") & models.Q(to_qualification=None))
                | (
                    models.Q(kind="renamed")
                    & models.Q(to_qualification__isnull=False)
                    & ~models.Q(to_qualification=models.F("from_qualification"))
                ),
                name="a_renamed_qualification_has_another",
            )
        ]
