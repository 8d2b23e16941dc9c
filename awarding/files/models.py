"""Files that people upload and the portal makes, kept outside the web root and served only through views that ask."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from awarding.tenancy.models import TenantModel


class StoredFile(TenantModel):
    """The facts of one file. The bytes lie in the private storage under `storage_name`, which says nothing of them."""

    purpose = models.CharField(max_length=40)
    name = models.CharField(max_length=255)
    storage_name = models.CharField(max_length=200, unique=True)
    media_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    # The bytes are gone since then; name, size and digest stay.
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
