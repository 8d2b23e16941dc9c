"""Requests to move a learner to another size of the same qualification."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from awarding.catalogue.models import Qualification
from awarding.frameworks.models import Adoption
from awarding.tenancy.models import TenantForeignKey
from awarding.workflow.models import Stateful
from centres.models import Centre, Registration


class SizeMove(Stateful):
    """One learner who should go on with another size (MIT-13).

    `adoption` names the framework in whose disrupted period a smaller size was asked for: then it is a possible
    disadvantage, and the AO decides. Without one the registration moves at once.
    """

    workflow_name = "size_move"

    centre = TenantForeignKey(Centre, related_name="+")
    registration = TenantForeignKey(Registration, related_name="size_moves")
    source = TenantForeignKey(Qualification, related_name="+")
    target = TenantForeignKey(Qualification, related_name="+")
    adoption = TenantForeignKey(Adoption, null=True, blank=True, related_name="+")
    reason = models.TextField(_("reason"))
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["ao", "state", "id"])]
        constraints = [
            models.UniqueConstraint(
                fields=["registration"], condition=models.Q(state="requested"), name="one_open_size_move"
            )
        ]

    @property
    def is_flagged(self) -> bool:
        """Whether it is a possible disadvantage (MIT-13)."""
        return self.adoption_id is not None
