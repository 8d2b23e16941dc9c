"""The head of centre's declaration: what exactly was signed, and whether it still covers what is there."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from awarding.files.models import StoredFile
from awarding.frameworks.models import Adoption
from awarding.tenancy.models import TenantForeignKey, TenantModel
from awarding.workflow.models import Stateful
from centres.models import Centre
from qtag.models.submission import Submission


class Deputy(Stateful):
    """Somebody whom the head names to sign in their place, once the AO has accepted them and to the last day (HOC-01).

    Why the AO refused one, or ended one early, stands with the event of that move.
    """

    workflow_name = "deputy"

    centre = TenantForeignKey(Centre, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField(_("why the head cannot sign"))
    last_day = models.DateField(_("signs until the end of"))
    named_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    named_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["centre", "person"],
                condition=models.Q(state__in=["named", "accepted"]),
                name="named_deputy_once",
            )
        ]


class Declaration(TenantModel):
    """One signature over everything that a centre had submitted at that moment (HOC-01, HOC-04). Append-only.

    `content` is exactly what was shown and signed, `digest` its SHA-256; `statements` holds each statement's code,
    words and the instant at which it was confirmed (HOC-02).
    """

    centre = TenantForeignKey(Centre, related_name="declarations")
    adoption = TenantForeignKey(Adoption, related_name="+")
    content: Any = models.JSONField()
    digest = models.CharField(max_length=64)
    statements: Any = models.JSONField()
    is_late = models.BooleanField(default=False)
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    signed_as = models.CharField(max_length=80)
    signed_at = models.DateTimeField(default=timezone.now)
    document = TenantForeignKey(StoredFile, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["-id"]


class DeclarationPart(Stateful):
    """The part of a declaration that covers one submission: it alone is voided when a grade of it changes (HOC-04)."""

    workflow_name = "declaration_part"

    declaration = TenantForeignKey(Declaration, related_name="parts")
    submission = TenantForeignKey(Submission, related_name="declaration_parts")
    centre = TenantForeignKey(Centre, related_name="+")
    digest = models.CharField(max_length=64)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["declaration", "submission"], name="one_part_per_submission")]


class DeclarationConcern(Stateful):
    """A declaration that was due and is missing: a malpractice concern for the AO to judge (HOC-03). One per centre.

    Raised by the clock, never by a person; signing afterwards does not take it back, since the AO judges what it means.
    """

    workflow_name = "declaration_concern"

    centre = TenantForeignKey(Centre, related_name="+")
    adoption = TenantForeignKey(Adoption, related_name="+")
    due_on = models.DateField()
    raised_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["centre", "adoption"], name="one_concern_per_declaration")]
