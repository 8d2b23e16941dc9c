"""The queue's side of enquiries."""

from __future__ import annotations

from celery import shared_task

from awarding.enquiries.services.enquiry import remind_of_overdue
from awarding.tenancy.models import AwardingOrganisation
from awarding.tenancy.rounds import in_every_ao
from awarding.tenancy.scope import open_scope


@shared_task(ignore_result=True)
def remind_overdue() -> None:
    """Every hour (settings). A notice has a key of its own, so a round that is missed, late or doubled does no harm."""
    in_every_ao(_remind)


def _remind(ao: AwardingOrganisation) -> None:
    with open_scope(ao):
        remind_of_overdue()
