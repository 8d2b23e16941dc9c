"""A workbook that came back: kept as it was sent, checked and compared, applied only when its uploader says so."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from awarding.files.models import StoredFile
from awarding.tenancy.models import TenantForeignKey, TenantModel


class ReturnedWorkbook(TenantModel):
    """The base of every kind of upload. `changes` are as `awarding.spreadsheets.comparison` describes them."""

    class State(models.TextChoices):
        CHECKED = "checked", gettext_lazy("Checked: ready to apply")
        REFUSED = "refused", gettext_lazy("Refused")
        APPLIED = "applied", gettext_lazy("Applied")
        DISCARDED = "discarded", gettext_lazy("Discarded")

    file = TenantForeignKey(StoredFile, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices)
    changes = models.JSONField(default=list)
    faults = models.JSONField(default=list)
    refusal = models.TextField(blank=True)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    uploaded_at = models.DateTimeField(default=timezone.now)
    applied_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True
        ordering = ["-id"]

    @property
    def shown_state(self) -> str:
        """The state in words; a workbook that changes nothing is not called ready."""
        if self.state == self.State.CHECKED and not self.changes:
            return _("Checked: it changes nothing")
        return self.get_state_display()
