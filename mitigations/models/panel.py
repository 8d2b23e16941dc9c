"""What the special considerations panel thought, decided and asked for, and how its AO wants it to work."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from awarding.files.models import StoredFile
from awarding.tenancy.models import TenantForeignKey, TenantModel
from awarding.workflow.models import Stateful
from mitigations.models.claim import Claim
from mitigations.rules.conditions import Condition
from mitigations.workflow import OPEN_CASE_STATES


class Verdict(models.TextChoices):
    """What the panel finds."""

    SUFFICIENT = "sufficient", _("Sufficient")
    IN_PRINCIPLE = "in_principle", _("Approved in principle")
    INSUFFICIENT = "insufficient", _("Insufficient")
    # Of a direct-claims centre's claim, in place of "sufficient" (CLM-11).
    LEFT_WITH_DCV = "left_with_dcv", _("Left with the direct-claims verifier")
    MODERATION = "moderation", _("Moderation by an external verifier")


def default_reminders() -> list[int]:
    return [7, 1]


class PanelSettings(TenantModel):
    """How an AO's panel works; without a row everything is as the defaults say. At most one row for each AO."""

    releases_apart = models.BooleanField(_("decisions are released apart"), default=False)
    # Per cent of the cases that a second member decides blind.
    second_opinion_share = models.PositiveSmallIntegerField(
        _("share of second opinions"), default=0, validators=[MaxValueValidator(100)]
    )
    # What the draw is made with: with it anybody can draw again and find the same.
    draw_seed = models.CharField(max_length=32, blank=True)
    in_principle_days = models.PositiveSmallIntegerField(_("days an approval in principle lasts"), default=28)
    reminder_days = ArrayField(models.PositiveSmallIntegerField(), default=default_reminders, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ao"], name="one_panel_settings_per_ao")]


class PanelCase(Stateful):
    """One look of the panel at one claim, from the first opinion to its release. The claim waits meanwhile."""

    workflow_name = "panel_case"

    claim = TenantForeignKey(Claim, related_name="cases")
    # How often the panel has looked at the claim, this time included.
    round = models.PositiveSmallIntegerField(default=1)
    # How the draw for a second opinion went: {"share", "seed", "value", "is_drawn"}.
    draw = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["ao", "state", "id"])]
        constraints = [
            models.UniqueConstraint(
                fields=["claim"], condition=models.Q(state__in=OPEN_CASE_STATES), name="one_open_case_per_claim"
            )
        ]


class PanelOpinion(TenantModel):
    """What one member found in a case, before anybody outside the panel is told. Append-only by trigger."""

    class Part(models.TextChoices):
        FIRST = "first", _("First opinion")
        SECOND = "second", _("Second opinion")
        CHAIR = "chair", _("The chair")

    case = TenantForeignKey(PanelCase, related_name="opinions")
    part = models.CharField(max_length=6, choices=Part.choices, default=Part.FIRST)
    verdict = models.CharField(_("decision"), max_length=20, choices=Verdict.choices)
    reasons = models.TextField(_("reasons"))
    next_step = models.TextField(_("next step"), blank=True)
    next_step_due = models.DateField(_("by"), null=True, blank=True)
    # [{"what": ..., "due_on": "2020-09-01"}, ...]
    conditions = models.JSONField(default=list)
    expires_on = models.DateField(_("expires on"), null=True, blank=True)
    # The findings as they stood when the opinion was given.
    findings = models.JSONField(default=list)
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    given_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["case", "part"], name="one_opinion_per_part"),
            models.UniqueConstraint(fields=["case", "given_by"], name="one_opinion_per_person"),
        ]

    @property
    def wanted(self) -> list[Condition]:
        """The conditions as the rules know them."""
        return [Condition(row["what"], date.fromisoformat(row["due_on"])) for row in self.conditions]


class PanelDecision(TenantModel):
    """One released decision with its reasons (CLM-08, CLM-09). Append-only by trigger: a later decision is a new row.

    There is none before release: what is not told yet stands in the case's opinions.
    """

    Verdict = Verdict

    claim = TenantForeignKey(Claim, related_name="decisions")
    case = TenantForeignKey(PanelCase, related_name="decisions", null=True, blank=True)
    verdict = models.CharField(_("decision"), max_length=20, choices=Verdict.choices)
    reasons = models.TextField(_("reasons"))
    next_step = models.TextField(_("next step"), blank=True)
    next_step_due = models.DateField(_("by"), null=True, blank=True)
    # Until when an approval in principle holds (CLM-07).
    expires_on = models.DateField(_("expires on"), null=True, blank=True)
    # The findings as the panel saw them, so that the decision can be explained later.
    findings = models.JSONField(default=list)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(default=timezone.now)
    # Empty for decisions of the time when deciding was releasing.
    released_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    released_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
        indexes = [GinIndex(fields=["findings"], name="decisions_by_finding", opclasses=["jsonb_path_ops"])]

    @property
    def told_at(self) -> object:
        """When the centre was told."""
        return self.released_at or self.decided_at


class PanelCondition(TenantModel):
    """One thing that a claim approved in principle still needs, and by when (CLM-07)."""

    decision = TenantForeignKey(PanelDecision, related_name="conditions")
    position = models.PositiveSmallIntegerField()
    what = models.CharField(_("what is needed"), max_length=500)
    due_on = models.DateField(_("by"))
    met_at = models.DateTimeField(null=True, blank=True)
    met_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    note = models.TextField(_("what was done"), blank=True)
    file = TenantForeignKey(StoredFile, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["decision", "position"], name="one_condition_per_position")]
