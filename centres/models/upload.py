"""An uploaded file of learners and registrations, from receipt to load."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from awarding.files.models import StoredFile
from awarding.jobs.models import Job
from awarding.tenancy.models import TenantForeignKey, TenantModel
from centres.models.centre import Centre


class RegistrationUpload(TenantModel):
    """One uploaded workbook or CSV. The preview is the real import rolled back; nothing is stored until it is loaded."""

    class State(models.TextChoices):
        RECEIVED = "received", gettext_lazy("Being checked")
        CHECKED = "checked", gettext_lazy("Checked: ready to load")
        REFUSED = "refused", gettext_lazy("Cannot be read")
        LOADING = "loading", gettext_lazy("Loading")
        LOADED = "loaded", gettext_lazy("Loaded")
        DISCARDED = "discarded", gettext_lazy("Discarded")

    centre = TenantForeignKey(Centre, related_name="uploads")
    file = TenantForeignKey(StoredFile, related_name="+")
    job = TenantForeignKey(Job, null=True, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.RECEIVED)
    # {"read", "loaded", "unchanged", "refused"}: what a load does, or would do while the state is checked.
    counts = models.JSONField(default=dict)
    # [{"sheet", "cell", "code", "value", "message", "fix", "severity", "row"}], the first thousand; all are in the workbook.
    faults = models.JSONField(default=list)
    refusal = models.TextField(blank=True)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    uploaded_at = models.DateTimeField(default=timezone.now)
    loaded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]

    @property
    def has_rows_to_load(self) -> bool:
        """Whether a load would store anything."""
        return bool(self.counts.get("loaded") or self.counts.get("updated"))

    @property
    def shown_state(self) -> str:
        """The state in words; a checked file of which nothing can be loaded is not called ready."""
        if self.state == self.State.CHECKED and not self.has_rows_to_load:
            return _("Checked: nothing to load")
        return self.get_state_display()
