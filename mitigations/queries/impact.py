"""Who is impacted."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Count, Exists, OuterRef, QuerySet

from awarding.frameworks.document import FrameworkDocument
from centres.models import Registration
from mitigations.models import Outcome

IMPACT_DATE = "impact"


def impacted_registrations(document: FrameworkDocument) -> QuerySet[Registration]:
    """The open AO's registrations that end on or after the framework's impact date (MIT-06), withdrawn ones apart.

    None at all where the framework has no impact date, or the AO has not set it.
    """
    entry = document.dates.get(IMPACT_DATE)
    if entry is None or entry.on is None:
        return Registration.objects.none()
    return Registration.objects.filter(ends_on__gte=entry.on).exclude(status=Registration.Status.WITHDRAWN)


def impacted_by_qualification(document: FrameworkDocument, qualification_ids: Iterable[int]) -> dict[int, int]:
    """{qualification id: impacted registrations}, for the qualifications given. One query."""
    rows = impacted_registrations(document).filter(qualification_id__in=list(qualification_ids))
    return dict(rows.order_by().values_list("qualification_id").annotate(learners=Count("id")))


def impacted_without_outcome(document: FrameworkDocument) -> tuple[int, int]:
    """(qualifications, registrations) that are impacted while no outcome is set under the framework. One query."""
    in_force = Outcome.objects.filter(
        qualification_id=OuterRef("qualification_id"), framework_code=document.id, superseded_at=None
    )
    waiting = impacted_registrations(document).filter(~Exists(in_force)).order_by()
    facts = waiting.aggregate(qualifications=Count("qualification_id", distinct=True), learners=Count("id"))
    return facts["qualifications"], facts["learners"]
