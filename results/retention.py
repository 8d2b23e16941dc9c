"""What results and appeals say on how long evidence is kept: months after the issue, and while an appeal goes on (QTG-19)."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from mitigations.models import Appeal
from mitigations.workflow import APPEAL
from qtag.queries.retention import retention_source
from qtag.rules.retention import CaseFact, RetentionFacts
from results.models import QualificationResult


@retention_source
def issued_results(registration_ids: Sequence[int]) -> dict[int, RetentionFacts]:
    """The day, in London, on which each registration's result was released; one to come counts as not issued. One query."""
    rows = QualificationResult.objects.filter(registration__in=list(registration_ids), release_at__lte=timezone.now())
    issued = rows.order_by().values_list("registration_id").annotate(Max("release_at"))
    return {pk: RetentionFacts(timezone.localtime(at).date()) for pk, at in issued}


@retention_source
def appeals_on_claims(registration_ids: Sequence[int]) -> dict[int, RetentionFacts]:
    """Every appeal against a panel's decision on a claim of the registration, with the day of its end (QTG-19). One query."""
    over = {state.name for state in APPEAL.states if state.is_final}
    rows = Appeal.objects.filter(claim__learners__registration__in=list(registration_ids)).order_by("pk")
    cases: dict[int, tuple[CaseFact, ...]] = {}
    for pk, number, state, since in rows.values_list("claim__learners__registration", "number", "state", "state_since"):
        ended = timezone.localtime(since).date() if state in over else None
        cases[pk] = (*cases.get(pk, ()), CaseFact(_("appeal %(number)s") % {"number": number}, ended))
    return {pk: RetentionFacts(cases=found) for pk, found in cases.items() if pk in set(registration_ids)}
