"""The queue's side of notices."""

from __future__ import annotations

from celery import shared_task

from awarding.notices.services import send_waiting_emails
from awarding.tenancy.models import AwardingOrganisation
from awarding.tenancy.rounds import in_every_ao


@shared_task(ignore_result=True)
def send_emails(ao_id: int) -> None:
    send_waiting_emails(AwardingOrganisation.objects.get(pk=ao_id))


@shared_task(ignore_result=True)
def sweep_notices() -> None:
    """Every minute (settings): what could not be e-mailed is tried again."""
    in_every_ao(send_waiting_emails)
