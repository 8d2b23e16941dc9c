"""An uploaded file that says which groups a centre's learners belong to, from receipt until its bytes are erased."""

from __future__ import annotations

from django.db import models

from awarding.files.models import StoredFile
from awarding.jobs.models import Job
from awarding.spreadsheets.uploads import UploadedTable
from awarding.tenancy.models import TenantForeignKey
from centres.models import Centre


class CharacteristicUpload(UploadedTable):
    """One file of learners' groups (SNS-08). What it says is known to the centre's head and contact alone.

    Once it is loaded or discarded its bytes are erased, and `faults` keep no value.
    """

    centre = TenantForeignKey(Centre, related_name="+")
    file = TenantForeignKey(StoredFile, related_name="+")
    job = TenantForeignKey(Job, null=True, related_name="+")
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]

    @property
    def is_settled(self) -> bool:
        return self.state in (self.State.REFUSED, self.State.LOADED, self.State.DISCARDED)
