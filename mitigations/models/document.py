"""eRAC workbooks: the versions handed out, and the ones that came back."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from awarding.files.returned import ReturnedWorkbook
from awarding.frameworks.models import Adoption
from awarding.tenancy.models import TenantForeignKey, TenantModel
from mitigations.models.claim import Claim


class EracDocument(TenantModel):
    """One version of a claim's workbook. A newer version, or a newer adoption, supersedes it (CLM-02)."""

    claim = TenantForeignKey(Claim, on_delete=models.CASCADE, related_name="documents")
    version = models.PositiveIntegerField()
    # Hidden in the workbook: says which claim and version came back, whatever the file is called.
    key = models.CharField(max_length=32, unique=True)
    adoption = TenantForeignKey(Adoption, related_name="+")
    # What each cell held when the version was made, {row_key: {unit_id: value}}: the base of a three-way merge.
    base = models.JSONField(default=dict)
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    issued_at = models.DateTimeField(default=timezone.now)
    superseded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-version"]
        constraints = [models.UniqueConstraint(fields=["claim", "version"], name="one_document_per_version")]


class EracUpload(ReturnedWorkbook):
    """A claim's workbook that came back. Its changes say the "learner" and, as "title", the unit."""

    claim = TenantForeignKey(Claim, on_delete=models.CASCADE, related_name="uploads")
    document = TenantForeignKey(EracDocument, null=True, related_name="+")

    class Meta(ReturnedWorkbook.Meta):
        pass
