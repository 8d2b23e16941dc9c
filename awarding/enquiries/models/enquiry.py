"""A question with its owner, its day and everything that was written about it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from awarding.catalogue.models import Qualification
from awarding.enquiries.models.routing import Topic
from awarding.tenancy.models import TenantForeignKey, TenantModel
from awarding.workflow.models import Stateful


class Enquiry(Stateful):
    """One question about one number: an eRAC’s, a qualification’s, a centre’s (HLP-01).

    What it is about is kept as kind, id and the number itself: apps that come later say what their numbers lead to
    (`references.py`). `qualification` is the one concerned in either case. `due_on` is set while it is the AO's turn.
    """

    workflow_name = "enquiry"

    number = models.CharField(_("number"), max_length=20)
    centre = TenantForeignKey("centres.Centre", related_name="+")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    topic = TenantForeignKey(Topic, null=True, blank=True, related_name="enquiries")
    about_kind = models.CharField(max_length=30)
    about_id = models.BigIntegerField()
    about_number = models.CharField(_("about"), max_length=30)
    qualification = TenantForeignKey(Qualification, null=True, related_name="enquiries")
    subject = models.CharField(_("subject"), max_length=150)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    due_on = models.DateField(_("answer by"), null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["ao", "number"], name="one_enquiry_per_number")]
        indexes = [
            models.Index(fields=["ao", "state", "due_on"]),
            models.Index(fields=["ao", "about_kind", "about_id"]),
            models.Index(fields=["centre", "state"]),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_overdue(self) -> bool:
        return self.due_on is not None and self.due_on < timezone.localdate()


class EnquiryMessage(TenantModel):
    """One thing that was written. Append-only by trigger. Internal notes are never shown to the centre."""

    enquiry = TenantForeignKey(Enquiry, related_name="messages")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    is_from_centre = models.BooleanField(default=False)
    is_internal = models.BooleanField(default=False)
    text = models.TextField()
    written_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["enquiry", "id"])]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(is_internal=False) | models.Q(is_from_centre=False),
                name="notes_are_the_aos",
            )
        ]
