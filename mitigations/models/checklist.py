"""The evidence checklist: per learner and component, which evidence there is and whether it can be reached."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from awarding.files.returned import ReturnedWorkbook
from awarding.frameworks.models import Adoption
from awarding.tenancy.models import TenantForeignKey, TenantModel
from mitigations.models.claim import Claim, ClaimLearner, ClaimUnit


def new_sheet_key() -> str:
    """What a checklist workbook carries hidden, to be known again when it comes back."""
    return secrets.token_hex(16)


class EvidenceEntry(TenantModel):
    """One line of the checklist (CLM-03, CLM-05). Evidence out of reach is declared and does not block.

    `status` is a component state of the claim's framework, `evidence_types` are codes of its evidence types. Where
    the evidence cannot be reached, `reach_reason` says why and `kept_at` where it lies.
    """

    claim = TenantForeignKey(Claim, on_delete=models.CASCADE, related_name="evidence_entries")
    learner = TenantForeignKey(ClaimLearner, on_delete=models.CASCADE, related_name="evidence_entries")
    unit = TenantForeignKey(ClaimUnit, on_delete=models.CASCADE, related_name="evidence_entries")
    status = models.CharField(_("state"), max_length=40, blank=True)
    evidence_types = models.JSONField(default=list)
    is_reachable = models.BooleanField(_("can be reached"), default=True)
    reach_reason = models.CharField(_("why it cannot be reached"), max_length=300, blank=True)
    kept_at = models.CharField(_("where it is"), max_length=200, blank=True)
    note = models.CharField(_("note"), max_length=500, blank=True)
    version = models.PositiveIntegerField(default=1)
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["learner", "unit"], name="one_entry_per_learner_and_unit")]
        indexes = [models.Index(fields=["claim"])]


class BulkAnswer(TenantModel):
    """One answer given for many lines of a checklist, with what it overwrote, so that it can be taken back.

    `said` is what was answered ({"status", "evidence_types", "is_reachable", "reach_reason", "kept_at"}, without the
    parts that were left as they were); `lines` is [{"learner", "unit", "before", "version"}] with the ids of the rows
    and columns, what each line said before (null where there was none) and the version that the answer gave it.
    """

    claim = TenantForeignKey(Claim, on_delete=models.CASCADE, related_name="bulk_answers")
    said = models.JSONField()
    lines = models.JSONField()
    overwritten = models.PositiveIntegerField(default=0)
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    given_at = models.DateTimeField(default=timezone.now)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]


class ChecklistSheet(TenantModel):
    """One version of a claim's checklist as a workbook. A newer version, or a newer adoption, supersedes it (CLM-02).

    `base` is what each cell held when the version was made, {"row key:column id": {field: text}}: the base of a
    three-way merge.
    """

    claim = TenantForeignKey(Claim, on_delete=models.CASCADE, related_name="checklist_sheets")
    version = models.PositiveIntegerField()
    key = models.CharField(max_length=32, unique=True, default=new_sheet_key)
    adoption = TenantForeignKey(Adoption, related_name="+")
    base = models.JSONField(default=dict)
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    issued_at = models.DateTimeField(default=timezone.now)
    superseded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-version"]
        constraints = [models.UniqueConstraint(fields=["claim", "version"], name="one_checklist_sheet_per_version")]


class ChecklistUpload(ReturnedWorkbook):
    """A checklist workbook that came back.

    `changes`: [{"line", "field", "learner", "unit", "title", "before", "after", "cell", "theirs", "version"}]
    """

    claim = TenantForeignKey(Claim, on_delete=models.CASCADE, related_name="checklist_uploads")
    sheet = TenantForeignKey(ChecklistSheet, null=True, related_name="+")

    class Meta(ReturnedWorkbook.Meta):
        pass
