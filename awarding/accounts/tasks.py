"""The queue's side of invitations."""

from __future__ import annotations

from celery import shared_task

from awarding.accounts.services.invitations import send_waiting_invitations
from awarding.tenancy.models import AwardingOrganisation
from awarding.tenancy.queries import tenants


@shared_task(ignore_result=True)
def send_invitations(ao_id: int) -> None:
    send_waiting_invitations(AwardingOrganisation.objects.get(pk=ao_id))


@shared_task(ignore_result=True)
def sweep_invitations() -> None:
    """Every minute (settings): invitations that could not be e-mailed are tried again."""
    for ao in tenants():
        send_waiting_invitations(ao)
