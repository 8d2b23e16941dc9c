"""Grades as a workbook: what was given out, to whom, and what came back."""

from __future__ import annotations

import secrets
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from awarding.files.returned import ReturnedWorkbook
from awarding.tenancy.models import TenantForeignKey, TenantModel
from qtag.models.submission import Submission


def new_sheet_key() -> str:
    """What a workbook carries hidden, to be known again when it comes back."""
    return secrets.token_hex(16)


class GradeSheet(TenantModel):
    """One version of a submission's workbook, with the learners whom its issuer sees (QTG-17).

    A newer version of the same person supersedes it; colleagues keep theirs, since each cell is merged by itself. `base` is
    what each cell held when it was made, {row key: {column: text}}, with an entry for every row given out.
    """

    submission = TenantForeignKey(Submission, related_name="grade_sheets")
    version = models.PositiveIntegerField()
    key = models.CharField(max_length=32, unique=True, default=new_sheet_key)
    base: Any = models.JSONField(default=dict)
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    issued_at = models.DateTimeField(default=timezone.now)
    superseded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-version"]
        constraints = [models.UniqueConstraint(fields=["submission", "version"], name="one_grade_sheet_per_version")]


class GradeUpload(ReturnedWorkbook):
    """A workbook of grades that came back; seen by its uploader alone. Its changes say the "learner" and the "title"."""

    submission = TenantForeignKey(Submission, related_name="grade_uploads")
    sheet = TenantForeignKey(GradeSheet, null=True, related_name="+")

    class Meta(ReturnedWorkbook.Meta):
        pass
