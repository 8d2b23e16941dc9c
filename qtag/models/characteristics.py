"""An uploaded file that says which groups a centre's learners belong to, from receipt until its bytes are erased."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from awarding.files.models import StoredFile
from awarding.jobs.models import Job
from awarding.tenancy.models import TenantForeignKey, TenantModel
from centres.models import Centre


class CharacteristicUpload(TenantModel):
    """One file of learners' groups (SNS-08). What it says is known to the centre's head and contact alone.

    `counts` is {"read", "loaded", "updated", "unchanged", "refused", "faults"}; `faults` those that a page shows, the first
    thousand. Once it is loaded or discarded its bytes are erased, and `faults` keep no value.
    """

    class State(models.TextChoices):
        RECEIVED = "received", _("Being checked")
        CHECKED = "checked", _("Checked: nothing is stored yet")
        REFUSED = "refused", _("Cannot be read")
        LOADING = "loading", _("Loading")
        LOADED = "loaded", _("Loaded")
        DISCARDED = "discarded", _("Discarded")

    centre = TenantForeignKey(Centre, related_name="+")
    file = TenantForeignKey(StoredFile, related_name="+")
    job = TenantForeignKey(Job, null=True, related_name="+")
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.RECEIVED)
    counts: Any = models.JSONField(default=dict)
    faults: Any = models.JSONField(default=list)
    refusal = models.TextField(blank=True)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    uploaded_at = models.DateTimeField(default=timezone.now)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]

    @property
    def is_settled(self) -> bool:
        return self.state in (self.State.REFUSED, self.State.LOADED, self.State.DISCARDED)

    @property
    def has_rows_to_load(self) -> bool:
        return bool(self.counts.get("loaded") or self.counts.get("updated"))
