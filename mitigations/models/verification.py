"""Who at the centre answers for a claim before the AO does: the direct-claims verifier, the internal verifier.

And how long a claim may stay in one place before the AO looks at it.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from awarding.files.models import StoredFile
from awarding.tenancy.models import TenantForeignKey, TenantModel
from mitigations.models.claim import Claim


class VerifierRecord(TenantModel):
    """A direct-claims verifier's record of a decision, the QA5 (CLM-11). Append-only by trigger: the latest one counts.

    No published form of it was found; these are the facts that any record of a decision has.
    """

    class Decision(models.TextChoices):
        SUPPORTED = "supported", _("The claim stands")
        MODERATION = "moderation", _("An external verifier should moderate it")
        TO_MEND = "to_mend", _("It has to be mended first")

    claim = TenantForeignKey(Claim, related_name="verifier_records")
    decision = models.CharField(_("decision"), max_length=10, choices=Decision.choices)
    standards = models.TextField(_("standards looked at"))
    reasons = models.TextField(_("reasons"))
    file = TenantForeignKey(StoredFile, null=True, blank=True, related_name="+")
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    signed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-id"]


class InternalSignOff(TenantModel):
    """That internal verification of a claim was done (CLM-13). Append-only by trigger.

    Signed by the internal verifier, or recorded by the AO with who confirmed it, by what means and when.
    """

    class Means(models.TextChoices):
        SIGNED = "signed", _("Signed in the portal")
        EMAIL = "email", _("E-mail")
        LETTER = "letter", _("Letter")
        TELEPHONE = "telephone", _("Telephone")
        MEETING = "meeting", _("Meeting, in person or remote")
        RECORDS = "records", _("The centre’s own records, seen by the AO")

    claim = TenantForeignKey(Claim, related_name="internal_sign_offs")
    means = models.CharField(_("how"), max_length=10, choices=Means.choices)
    confirmed_by = models.CharField(_("who confirmed it"), max_length=200)
    confirmed_on = models.DateField(_("when it was confirmed"))
    note = models.TextField(_("note"))
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-id"]


class HoldLimit(TenantModel):
    """After how many days in one state a claim counts as stuck in this AO; None: never. Without a row the default holds."""

    state = models.CharField(max_length=30)
    days = models.PositiveSmallIntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ao", "state"], name="one_hold_limit_per_state")]
