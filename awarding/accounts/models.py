"""Who someone is: one account per person, and the roles they hold at AOs and centres."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from awarding.accounts.roles import Role
from awarding.tenancy.models import TenantForeignKey, TenantModel


class UserManager(BaseUserManager["User"]):
    """Makes accounts; e-mail addresses are kept in lower case."""

    def create_user(self, email: str, password: str | None = None, *, name: str = "", **extra: Any) -> User:
        user = self.model(email=email.strip().lower(), name=name, **extra)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser):
    """A person. One account however many AOs and centres they work for; what they may do is in Membership."""

    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=150)
    language = models.CharField(_("language"), max_length=8, default="en-gb")
    is_active = models.BooleanField(default=True)
    # Demonstration people are offered on the sign-in page of a demonstration, and nowhere else.
    is_demo = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="one_account_per_email")]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return self.name


class Membership(TenantModel):
    """A role that a person holds at an AO (no centre) or at one of its centres. Ended, never deleted."""

    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    centre = TenantForeignKey("centres.Centre", null=True, blank=True, related_name="memberships")
    role = models.CharField(max_length=30, choices=Role.choices)
    granted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True)
    granted_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["role", "id"]
        indexes = [models.Index(fields=["person", "ended_at"])]
        constraints = [
            models.UniqueConstraint(
                fields=["ao", "person", "centre", "role"],
                condition=models.Q(ended_at=None),
                nulls_distinct=False,
                name="one_open_membership",
            ),
        ]


class Invitation(TenantModel):
    """An invitation to take up a role; accepted once through the link in the message, and only until it expires."""

    email = models.EmailField()
    name = models.CharField(max_length=150)
    centre = TenantForeignKey("centres.Centre", null=True, blank=True, related_name="invitations")
    role = models.CharField(max_length=30, choices=Role.choices)
    # Only a digest is kept: who reads the database cannot accept in somebody's name.
    token_digest = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    # How often it was sent again; each sending has a link of its own.
    sendings = models.PositiveSmallIntegerField(default=0)
    emailed_at = models.DateTimeField(null=True, blank=True)
    email_attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["-created_at", "-id"]

    @property
    def has_expired(self) -> bool:
        return self.expires_at <= timezone.now()
