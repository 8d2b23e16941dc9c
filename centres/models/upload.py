"""An uploaded file of learners and registrations, from receipt to load."""

from __future__ import annotations

from django.db import models

from awarding.files.models import StoredFile
from awarding.jobs.models import Job
from awarding.spreadsheets.uploads import UploadedTable
from awarding.tenancy.models import TenantForeignKey
from centres.models.centre import Centre


class RegistrationUpload(UploadedTable):
    """One uploaded workbook or CSV. The preview is the real import rolled back; nothing is stored until it is loaded.

    The file is kept: the workbook of faulty rows is made anew from it.
    """

    centre = TenantForeignKey(Centre, related_name="uploads")
    file = TenantForeignKey(StoredFile, related_name="+")
    job = TenantForeignKey(Job, null=True, related_name="+")
    loaded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
