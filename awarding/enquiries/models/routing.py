"""What is asked about, and who is to answer it: the AO's own settings."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from awarding.accounts.roles import Role
from awarding.tenancy.models import TenantForeignKey, TenantModel


class Topic(TenantModel):
    """A subject that people choose when they ask. A topic that is no longer offered stays with what was asked."""

    name = models.CharField(_("topic"), max_length=80)
    position = models.PositiveIntegerField(default=0)
    is_offered = models.BooleanField(default=True)

    class Meta:
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["ao", "name"], name="one_topic_per_name")]

    def __str__(self) -> str:
        return self.name


class EnquirySettings(TenantModel):
    """How long an answer may take, and whose the questions are that no rule fits. One row per AO, made when changed."""

    answer_days = models.PositiveSmallIntegerField(
        _("working days to answer"), default=5, validators=[MinValueValidator(1), MaxValueValidator(60)]
    )
    # A value of Role.
    fallback_role = models.CharField(_("who answers what no rule fits"), max_length=40, default=Role.AO_ADMIN.value)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ao"], name="one_row_of_enquiry_settings")]

    @property
    def fallback_label(self) -> str:
        return str(Role(self.fallback_role).label)


class RoutingRule(TenantModel):
    """Whose a question is: the first rule that fits decides (HLP-01). An empty topic or sector fits every one."""

    position = models.PositiveIntegerField(default=0)
    topic = TenantForeignKey(Topic, null=True, blank=True, related_name="rules")
    sector = models.CharField(_("sector subject area"), max_length=120, blank=True)
    # A value of Role, or a person.
    role = models.CharField(max_length=40, blank=True)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(role="", person__isnull=False) | (~models.Q(role="") & models.Q(person=None)),
                name="a_role_or_a_person",
            )
        ]

    @property
    def leads_to(self) -> str:
        return str(self.person) if self.person_id is not None else str(Role(self.role).label)
