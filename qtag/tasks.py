"""The clock's side of Q-TAGs."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from awarding.tenancy.queries import tenants
from awarding.tenancy.scope import open_scope
from qtag.services.deadlines import tell_deadlines


@shared_task(ignore_result=True)
def check_deadlines() -> None:
    """Tells centres and AOs what is due or late (QTG-10, HOC-03). An AO that fails keeps none of the others waiting."""
    today = timezone.localdate()
    for ao in tenants():
        with open_scope(ao):
            tell_deadlines(today)
