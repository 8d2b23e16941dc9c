"""Answers that everybody may read."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from awarding.catalogue.models import Qualification
from awarding.enquiries.models.enquiry import Enquiry
from awarding.enquiries.models.routing import Topic
from awarding.tenancy.models import TenantForeignKey, TenantModel


class PublishedAnswer(TenantModel):
    """A question with its answer and the day from which it holds (HLP-02). Without a qualification it is general.

    It is written anew by whoever publishes it: nothing of the person or centre that asked is copied. `enquiry` says to
    the AO alone what it was made from.
    """

    question = models.CharField(_("question"), max_length=200)
    answer = models.TextField(_("answer"))
    topic = TenantForeignKey(Topic, null=True, blank=True, related_name="answers")
    qualification = TenantForeignKey(Qualification, null=True, blank=True, related_name="answers")
    enquiry = TenantForeignKey(Enquiry, null=True, blank=True, related_name="answers")
    version = models.PositiveIntegerField(default=1)
    # The day of the text as it stands: a changed answer bears the day of its change.
    dated_on = models.DateField(_("as of"))
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    published_at = models.DateTimeField(default=timezone.now)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-dated_on", "-id"]
        indexes = [models.Index(fields=["ao", "withdrawn_at", "-dated_on"])]

    def __str__(self) -> str:
        return self.question
