"""Results and certificates: what was recorded for a registration, once."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from awarding.catalogue.models import Unit
from awarding.files.models import StoredFile
from awarding.frameworks.models import Adoption
from awarding.tenancy.models import TenantForeignKey, TenantModel
from centres.models import Registration
from mitigations.models import Claim
from qtag.models import Submission

# The kind of job that processes a claim.
PROCESS_JOB = "results.process_claim"


def process_key(claim_id: int | str) -> str:
    """The key of the job that processes a claim: asked for twice, it is the same job (CLM-14)."""
    return f"process-claim-{claim_id}"


class UnitResult(TenantModel):
    """A unit achieved. One per registration and unit, however often processing runs (CLM-14). Append-only by trigger."""

    registration = TenantForeignKey(Registration, related_name="unit_results")
    unit = TenantForeignKey(Unit, related_name="+")
    claim = TenantForeignKey(Claim, related_name="unit_results")
    grade = models.CharField(max_length=8)
    # The instant from which the centre may see it (RES-01).
    centre_release_at = models.DateTimeField(default=timezone.now)
    recorded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["registration", "unit"], name="one_result_per_unit")]


class QualificationResult(TenantModel):
    """A qualification achieved, with what it was worked out from: a claim, or a submission of Q-TAGs.

    One in force per registration: a withdrawn one stays, and the next is another `edition` (QTG-13). A trigger keeps all
    but the instants of release from ever being changed.
    """

    registration = TenantForeignKey(Registration, related_name="results")
    claim = TenantForeignKey(Claim, null=True, blank=True, related_name="results")
    submission = TenantForeignKey(Submission, null=True, blank=True, related_name="results")
    edition = models.PositiveSmallIntegerField(default=1)
    grade = models.CharField(max_length=8)
    # {"credits", "points", "units": [{"reference", "grade"}]}, or {"how": "q_tag", "judgement", "version", "part"}:
    # explains the grade (RES-04).
    basis = models.JSONField(default=dict)
    # The instant from which anybody outside the AO may see it (RES-01).
    release_at = models.DateTimeField()
    # Its own centre may see it from here: earlier only under an embargo that the AO's framework sets (RES-01).
    centre_release_at = models.DateTimeField(default=timezone.now)
    recorded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["claim"]), models.Index(fields=["submission"])]
        constraints = [
            models.UniqueConstraint(fields=["registration", "edition"], name="one_result_per_edition"),
            models.CheckConstraint(
                condition=models.Q(claim__isnull=True) ^ models.Q(submission__isnull=True),
                name="a_result_has_one_source",
            ),
        ]


class ResultWithdrawal(TenantModel):
    """That a result no longer holds, and why: the AO reopened what it came from (QTG-13). Append-only by trigger."""

    result = TenantForeignKey(QualificationResult, related_name="withdrawals")
    reason = models.TextField()
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["result"], name="a_result_is_withdrawn_once")]


class QtagRelease(TenantModel):
    """The instant at which the AO releases the Q-TAG results of one group of levels: an act of its own (QTG-17, RES-01).

    `code` is that of the framework's release.
    """

    adoption = TenantForeignKey(Adoption, related_name="+")
    code = models.CharField(max_length=40)
    release_at = models.DateTimeField()
    # Why later than the framework's own instant (RES-02).
    reason = models.TextField(blank=True)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["adoption", "code"], name="one_release_per_group")]


class Certificate(TenantModel):
    """A certificate of one result: drafted while its PDF is made, then active; revoked when it was wrong."""

    class State(models.TextChoices):
        DRAFTED = "drafted", _("Being made")
        ACTIVE = "active", _("Active")
        REVOKED = "revoked", _("Revoked")

    result = TenantForeignKey(QualificationResult, related_name="certificates")
    number = models.CharField(_("certificate number"), max_length=30)
    # Printed with the number: a stranger cannot walk through the numbers on the check page.
    check_code = models.CharField(max_length=12)
    state = models.CharField(max_length=8, choices=State.choices, default=State.DRAFTED)
    file = TenantForeignKey(StoredFile, null=True, blank=True, related_name="+")
    issued_at = models.DateTimeField(null=True, blank=True)
    # Why the PDF could not be made, until it could.
    fault = models.TextField(blank=True)
    # The revoked certificate that this one was made instead of.
    replaces = TenantForeignKey("self", null=True, blank=True, related_name="replacements")
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    revoked_reason = models.TextField(blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["ao", "number"], name="one_certificate_per_number"),
            models.UniqueConstraint(
                fields=["result"], condition=~models.Q(state="revoked"), name="one_certificate_in_force"
            ),
        ]
