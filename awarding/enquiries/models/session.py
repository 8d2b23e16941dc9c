"""Clinics and short demonstrations."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from awarding.accounts.roles import Role
from awarding.tenancy.models import TenantForeignKey, TenantModel


class HelpSession(TenantModel):
    """A clinic or demonstration, announced to the roles that it is for (HLP-02)."""

    class Kind(models.TextChoices):
        CLINIC = "clinic", _("Clinic")
        DEMONSTRATION = "demonstration", _("Demonstration")

    kind = models.CharField(_("what it is"), max_length=13, choices=Kind.choices)
    title = models.CharField(_("title"), max_length=150)
    about = models.TextField(_("what it is about"))
    starts_at = models.DateTimeField(_("starts"))
    minutes = models.PositiveSmallIntegerField(_("minutes"))
    place = models.CharField(_("place"), max_length=200, blank=True)
    link = models.URLField(_("link to join"), max_length=300, blank=True)
    # Values of Role.
    roles = models.JSONField(default=list)
    capacity = models.PositiveSmallIntegerField(_("most people"), null=True, blank=True)
    announced_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    announced_at = models.DateTimeField(default=timezone.now)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancel_reason = models.TextField(blank=True)

    class Meta:
        ordering = ["starts_at", "id"]
        indexes = [models.Index(fields=["ao", "starts_at"])]

    def __str__(self) -> str:
        return self.title

    @property
    def role_labels(self) -> list[str]:
        return [str(Role(value).label) for value in self.roles]

    @property
    def has_begun(self) -> bool:
        return self.starts_at <= timezone.now()

    @property
    def is_open(self) -> bool:
        return self.cancelled_at is None and not self.has_begun


class SignUp(TenantModel):
    """Somebody's place at a session. Giving it up keeps the row."""

    session = TenantForeignKey(HelpSession, related_name="sign_ups")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    signed_up_at = models.DateTimeField(default=timezone.now)
    given_up_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["session", "person"], condition=models.Q(given_up_at=None), name="one_place_each"
            )
        ]
