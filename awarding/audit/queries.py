"""Reads of the audit trail."""

from __future__ import annotations

from django.db.models import QuerySet

from awarding.audit.models import AuditRecord


def find_records(
    *, event: str = "", person: str = "", target_type: str = "", target_id: int | None = None
) -> QuerySet[AuditRecord]:
    """The open AO's records, newest first: by the beginning of the event's name, the actor's name or address, a target."""
    records = AuditRecord.objects.select_related("actor").order_by("-id")
    if event:
        records = records.filter(event__startswith=event)
    if person:
        records = records.filter(actor__name__icontains=person) | records.filter(actor__email__iexact=person)
    if target_type:
        records = records.filter(target_type=target_type)
    if target_id is not None:
        records = records.filter(target_id=target_id)
    return records
