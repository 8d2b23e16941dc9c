"""The queue's side of invitations and sessions."""

from __future__ import annotations

from celery import shared_task

from awarding.accounts.services.account import clear_expired_sessions
from awarding.accounts.services.invitations import send_waiting_invitations
from awarding.tenancy.models import AwardingOrganisation
from awarding.tenancy.rounds import in_every_ao


@shared_task(ignore_result=True)
def send_invitations(ao_id: int) -> None:
    send_waiting_invitations(AwardingOrganisation.objects.get(pk=ao_id))


@shared_task(ignore_result=True)
def sweep_invitations() -> None:
    """Every minute (settings): invitations that could not be e-mailed are tried again."""
    in_every_ao(send_waiting_invitations)


@shared_task(ignore_result=True)
def clear_sessions() -> None:
    """Every night (settings): sessions that have ended are forgotten."""
    clear_expired_sessions()
