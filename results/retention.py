"""When a result was issued: from that day on the evidence behind it is kept for some months more (QTG-19)."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Max
from django.utils import timezone

from qtag.queries.retention import retention_source
from qtag.rules.retention import RetentionFacts
from results.models import QualificationResult


@retention_source
def issued_results(registration_ids: Sequence[int]) -> dict[int, RetentionFacts]:
    """The day, in London, on which each registration's result was released; one to come counts as not issued. One query."""
    rows = QualificationResult.objects.filter(registration__in=list(registration_ids), release_at__lte=timezone.now())
    issued = rows.order_by().values_list("registration_id").annotate(Max("release_at"))
    return {pk: RetentionFacts(timezone.localtime(at).date()) for pk, at in issued}
