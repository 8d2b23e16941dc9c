"""What a centre says about a difference, and what the AO makes of it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from awarding.catalogue.models import Qualification
from awarding.tenancy.models import TenantForeignKey, TenantModel
from centres.models import Centre
from qtag.models.sense_run import SenseRow


class DifferenceReason(TenantModel):
    """The comparison as a centre was shown it and the reason that it gave (SNS-09). The newest of a group holds.

    `key` is the row's, so that a reason outlives the row; `shown` is what the page showed, `shown_digest` the row's
    digest then: where the row's differs now, the reason is about other numbers.
    """

    class Kind(models.TextChoices):
        INTAKE = "intake", _("These learners came with other attainment than earlier ones")
        TEACHING = "teaching", _("Teaching changed: staff, time, methods or resources")
        SPECIFICATION = "specification", _("The specification or the units offered changed")
        ENTRY = "entry", _("Who is entered changed")
        EVIDENCE = "evidence", _("What could be assessed this year differs")
        CENTRE = "centre", _("The centre itself changed")
        OTHER = "other", _("Another reason")

    class View(models.TextChoices):
        ACCEPTED = "accepted", _("The reason explains it")
        ASKED = "asked", _("More is asked of the centre")
        SAMPLE = "sample", _("To be sampled")

    centre = TenantForeignKey(Centre, related_name="+", db_index=False)
    level = models.CharField(_("level"), max_length=13, choices=SenseRow.Level.choices)
    qualification = TenantForeignKey(Qualification, null=True, blank=True, related_name="+")
    key = models.CharField(max_length=40)
    label = models.CharField(_("group"), max_length=400, blank=True)
    shown: Any = models.JSONField()
    shown_digest = models.CharField(max_length=32)
    # Codes of Kind, at least one.
    kinds: Any = models.JSONField(default=list)
    text = models.TextField(_("the reason"))
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now)
    # What the AO makes of it.
    view = models.CharField(_("the AO's view"), max_length=8, choices=View.choices, blank=True)
    view_note = models.TextField(_("note"), blank=True)
    viewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    viewed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["centre", "key", "-id"], name="reasons_of_a_group")]


class DifferenceDraft(TenantModel):
    """What somebody at the centre has typed about a group and not recorded yet (SNS-09). One for each group, shared."""

    centre = TenantForeignKey(Centre, related_name="+", db_index=False)
    key = models.CharField(max_length=40)
    kinds: Any = models.JSONField(default=list)
    text = models.TextField(blank=True)
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    saved_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["centre", "key"], name="one_draft_per_group")]
