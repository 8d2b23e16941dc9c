"""What a judgement rests on, and what was taken into account with it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from awarding.catalogue.models import Grade
from awarding.files.models import StoredFile
from awarding.tenancy.models import TenantForeignKey, TenantModel
from qtag.models.judgement import Judgement


class EvidenceRecord(TenantModel):
    """One piece of a learner's evidence, attached or referenced. `type` is a code of the framework's evidence types.

    Never deleted: what was recorded by mistake is set aside with a reason. Its files are kept until QTG-19 lets them go.
    """

    class Control(models.TextChoices):
        HIGH = "high", _("High: supervised, under exam conditions")
        MEDIUM = "medium", _("Medium: partly supervised")
        LOW = "low", _("Low: not supervised")

    judgement = TenantForeignKey(Judgement, related_name="evidence")
    type = models.CharField(_("kind of evidence"), max_length=40)
    covers = models.CharField(_("what it covers"), max_length=300)
    control = models.CharField(_("level of control"), max_length=6, choices=Control.choices)
    dated_on = models.DateField(_("date of the work"))
    shows_grade = TenantForeignKey(Grade, null=True, blank=True, related_name="+")
    is_authentic = models.BooleanField(_("it is the learner's own work"), default=False)
    is_reachable = models.BooleanField(_("it can be reached"), default=True)
    kept_at = models.CharField(_("where it is kept"), max_length=300, blank=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now)
    set_aside_reason = models.TextField(blank=True)
    set_aside_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    set_aside_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]


class EvidenceFile(TenantModel):
    """A file attached to a piece of evidence. Deleting it erases the bytes and keeps name, size and digest (QTG-19)."""

    piece = TenantForeignKey(EvidenceRecord, related_name="files")
    file = TenantForeignKey(StoredFile, related_name="+")
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(default=timezone.now)
    set_aside_reason = models.TextField(blank=True)
    set_aside_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    set_aside_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]


class Circumstance(TenantModel):
    """An adjustment or personal circumstance taken into account (QTG-18). Shown only to those who need it. Append-only."""

    class Kind(models.TextChoices):
        ADJUSTMENT = "adjustment", _("Reasonable adjustment")
        ACCESS = "access", _("Access arrangement")
        PERSONAL = "personal", _("Personal circumstances")

    judgement = TenantForeignKey(Judgement, related_name="circumstances")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    what = models.TextField(_("what it was, and which evidence it touched"))
    taken_into_account = models.TextField(_("how it was taken into account"))
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]
