"""The sense check as it was run: the AO's settings, each run with what it learnt, and a row for each group."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from awarding.catalogue.models import Qualification
from awarding.jobs.models import Job
from awarding.tenancy.models import TenantForeignKey, TenantModel
from centres.models import Centre
from qtag.models.written import WrittenJSONField


class SenseSettings(TenantModel):
    """What an AO decides about the check (docs/sense-check.md); without a row the published values hold."""

    promised_false_discovery = models.FloatField(
        _("share of flags that may be false"),
        default=0.05,
        validators=[MinValueValidator(0.001), MaxValueValidator(0.5)],
    )
    fewest_learners = models.PositiveSmallIntegerField(
        _("fewest learners on either side"), default=5, validators=[MinValueValidator(5), MaxValueValidator(100)]
    )
    too_few = models.FloatField(
        _("harmonic size up to which groups are too few"), default=5.0,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
    )  # fmt: skip
    full_confidence = models.FloatField(
        _("harmonic size from which a comparison counts in full"), default=15.0,
        validators=[MinValueValidator(2), MaxValueValidator(1000)],
    )  # fmt: skip
    smallest_difference = models.FloatField(
        _("smallest difference of concern, in grades"), default=0.0,
        validators=[MinValueValidator(0), MaxValueValidator(3)],
    )  # fmt: skip
    difference_sought = models.FloatField(
        _("difference that a flag is meant to find, in grades"), default=0.5,
        validators=[MinValueValidator(0.05), MaxValueValidator(3)],
    )  # fmt: skip
    # SNS-08: groups of fewer learners than this are kept from view.
    fewest_shown = models.PositiveSmallIntegerField(
        _("fewest learners shown of a group"), default=5, validators=[MinValueValidator(3), MaxValueValidator(50)]
    )
    # SNS-08, QTG-19: which groups learners belong to is erased so long after their results, unless a case is open on one.
    characteristics_months = models.PositiveSmallIntegerField(
        _("months that learners’ groups are kept after the result"), default=6,
        validators=[MinValueValidator(1), MaxValueValidator(24)],
    )  # fmt: skip
    # HOC-05: once the AO has run the check, a head of centre signs only for groups that have been compared.
    signing_waits = models.BooleanField(_("signing waits until every submitted group has been compared"), default=True)
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ao"], name="one_sense_settings_per_ao")]


class SenseRun(TenantModel):
    """One run over an AO. A whole run learns from every centre; an incremental one rests on the last whole run (`basis`).

    Written with its rows at the end, so that a run that was killed leaves nothing. `learnt` holds a whole run's calibrations
    and the series that it was made for; `counts` is {"groups", "compared", "flagged", "too_few", "seconds"} of what it computed,
    and "changed": the rows that are new, gone, or say something else than before.
    """

    class Kind(models.TextChoices):
        WHOLE = "whole", _("Whole")
        INCREMENTAL = "incremental", _("What changed")

    kind = models.CharField(_("kind"), max_length=11, choices=Kind.choices)
    begun_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)
    basis = TenantForeignKey("self", null=True, blank=True, related_name="+")
    settings_digest = models.CharField(max_length=16)
    input_digest = models.CharField(max_length=32, blank=True)
    learnt: Any = models.JSONField(default=dict)
    counts: Any = models.JSONField(default=dict)
    centres = models.PositiveIntegerField(default=0)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    job = TenantForeignKey(Job, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["-id"]


class ComparedCentre(TenantModel):
    """The run that last compared a centre, under which all of its rows hold, and what it compared.

    There is one for each centre that has rows. What is one for all of a centre's rows stands here once.
    """

    centre = TenantForeignKey(Centre, related_name="+", db_index=False)
    run = TenantForeignKey(SenseRun, related_name="+", db_index=False)
    # Of everything that the centre's numbers were computed from.
    input_digest = models.CharField(max_length=32)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["centre"], name="a_centre_is_compared_once")]


class SenseRow(TenantModel):
    """Where one group stands now: this year beside its past, under the run that last compared its centre.

    There is one row for each group whose judgements are all recorded (SNS-01), and it keeps its id from run to run.
    `key` names the group within its centre. Effects are in grades, or for volumes natural logarithms of a ratio.
    `figures` is {"grades": [codes], "now": [counts], "past": [{"series", "stands_in", "counts"}]} for a qualification
    compared by grades, {"now": count, "weeks", "past": [{"series", "stands_in", "count", "weeks"}]} for volumes, and
    {"members": [qualification ids], "left_out": [qualification ids]} for the wider levels (SNS-02, SNS-05).
    """

    class Level(models.TextChoices):
        QUALIFICATION = "qualification", _("Qualification")
        SUITE = "suite", _("Sector, level and suite")
        CENTRE = "centre", _("Whole centre")

    class Verdict(models.TextChoices):
        FLAGGED = "flagged", _("More than chance and the usual ups and downs explain")
        ORDINARY = "ordinary", _("Within chance and the usual ups and downs")
        TOO_FEW = "too_few", _("Too few to compare")
        NO_BASELINE = "no_baseline", _("Nothing to compare with")
        NOTHING_NOW = "nothing_now", _("No grades this year")

    class TooFew(models.TextChoices):
        NOW = "now", _("Too few learners this year")
        PAST = "past", _("Too few learners in earlier years")
        TOGETHER = "together", _("Too few on both sides together")

    level = models.CharField(_("level"), max_length=13, choices=Level.choices)
    # The unique key begins with the centre and serves its index, too.
    centre = TenantForeignKey(Centre, related_name="+", db_index=False)
    qualification = TenantForeignKey(Qualification, null=True, blank=True, related_name="+", db_index=False)
    label = models.CharField(_("group"), max_length=400, blank=True)
    key = models.CharField(max_length=40)
    by_volume = models.BooleanField(default=False)
    figures: Any = WrittenJSONField(default=dict)
    size = models.PositiveIntegerField(_("learners this year"), default=0)
    past_size = models.PositiveIntegerField(_("learners in earlier years"), default=0)
    years = models.PositiveSmallIntegerField(_("earlier years"), default=0)
    mean = models.FloatField(null=True)
    past_mean = models.FloatField(null=True)
    shift = models.FloatField(null=True)
    effect = models.FloatField(null=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    p = models.FloatField(null=True)
    # The share of false flags that one would accept by flagging this row and every row with stronger evidence.
    q = models.FloatField(null=True)
    confidence = models.FloatField(null=True)
    ratio = models.FloatField(null=True)
    on_stand_in = models.BooleanField(default=False)
    separated = models.BooleanField(default=False)
    verdict = models.CharField(_("what it shows"), max_length=11, choices=Verdict.choices)
    too_few_reason = models.CharField(max_length=8, choices=TooFew.choices, blank=True)
    # Every grade of the group was submitted: before, the AO does not see it (QTG-17).
    is_submitted = models.BooleanField(default=False)
    # Of everything in this row that a person is shown.
    digest = models.CharField(max_length=32)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["centre", "key"], name="a_sense_row_per_group")]
        indexes = [models.Index(fields=["ao", "level", "q"], name="sense_rows_by_evidence")]

    @property
    def is_flagged(self) -> bool:
        return self.verdict == self.Verdict.FLAGGED

    @property
    def is_compared(self) -> bool:
        return self.verdict in (self.Verdict.FLAGGED, self.Verdict.ORDINARY)
