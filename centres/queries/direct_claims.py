"""Reads of direct claims status: who has it, what waits for a decision, which monitoring is due."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Q, QuerySet
from django.utils import timezone

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from awarding.catalogue.models import Qualification
from awarding.tenancy.prepared import prepared
from centres.models import Centre, DirectClaimsStatus
from centres.queries.visibility import visible_centres
from centres.rules.direct_claims import WARNING_DAYS
from centres.workflow import DIRECT_CLAIMS

MONITORED_STATES = ("granted", "frozen")


def has_direct_claims(centre_id: int, qualification_id: int) -> bool:
    """Whether the centre's own verifier may release claims of the qualification now (CLM-11)."""
    return bool(_granted(centre_id=centre_id, qualification_id=qualification_id))


@prepared
def _granted(*, centre_id: int, qualification_id: int) -> QuerySet[DirectClaimsStatus, int]:
    rows = DirectClaimsStatus.objects.filter(centre_id=centre_id, qualification_id=qualification_id, state="granted")
    return rows.values_list("pk", flat=True)[:1]


def recommendable_centres(standing: Standing) -> QuerySet[Centre]:
    """The centres whose claims were allocated to this external verifier at some time."""
    # Allocations belong to a later app; the relation's name is all that is known of them here.
    return Centre.objects.filter(claims__allocations__verifier=standing.person).distinct()


def visible_statuses(standing: Standing) -> QuerySet[DirectClaimsStatus]:
    """The statuses this person may see: the AO's people all, a verifier those of centres they verified, a centre its own."""
    rows = DirectClaimsStatus.objects.select_related("centre", "qualification", "recommended_by")
    reach = standing.reach(Permission.CENTRE_VIEW)
    if reach is None:
        return rows
    where = Q(centre_id__in=reach)
    if standing.can(Permission.DIRECT_CLAIMS_RECOMMEND):
        where |= Q(centre__in=recommendable_centres(standing))
    return rows.filter(where)


def list_statuses(
    standing: Standing, *, state: str = "", monitoring: str = "", words: str = "", today: dt.date | None = None
) -> QuerySet[DirectClaimsStatus]:
    """The visible statuses by centre and qualification. `monitoring` keeps those "overdue" or "soon" due."""
    today = today or timezone.localdate()
    rows = visible_statuses(standing)
    if state in {s.name for s in DIRECT_CLAIMS.states}:
        rows = rows.filter(state=state)
    if monitoring == "overdue":
        rows = overdue_statuses(rows, today)
    elif monitoring == "soon":
        rows = rows.filter(
            state__in=MONITORED_STATES, monitoring_due_on__range=(today, today + dt.timedelta(days=WARNING_DAYS))
        )
    for word in words.split():
        rows = rows.filter(
            Q(centre__name__icontains=word)
            | Q(centre__number__iexact=word)
            | Q(qualification__qan=word.replace("/", "").upper())
            | Q(qualification__title__icontains=word)
        )
    return rows.order_by("centre__name", "qualification__title", "id")


def overdue_statuses(rows: QuerySet[DirectClaimsStatus], today: dt.date) -> QuerySet[DirectClaimsStatus]:
    return rows.filter(state__in=MONITORED_STATES, monitoring_due_on__lt=today)


def statuses_of(centre: Centre) -> list[DirectClaimsStatus]:
    """Every status of the centre, for its home page. One query."""
    rows = DirectClaimsStatus.objects.filter(centre=centre).select_related("qualification")
    return list(rows.order_by("qualification__title", "id")[:100])


def states_by_centre(centres: Iterable[Centre]) -> dict[int, dict[str, int]]:
    """{centre id: {state: how many qualifications}}. One query."""
    counts: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    rows = DirectClaimsStatus.objects.filter(centre__in=[centre.pk for centre in centres])
    for centre_id, state in rows.values_list("centre_id", "state"):
        counts[centre_id][state] += 1
    return counts


def askable_centres(standing: Standing) -> QuerySet[Centre]:
    """The centres for which this person may apply, record an application, or recommend."""
    if standing.can(Permission.DIRECT_CLAIMS_DECIDE):
        return Centre.objects.all()
    if standing.can(Permission.DIRECT_CLAIMS_APPLY):
        return visible_centres(standing, Permission.DIRECT_CLAIMS_APPLY)
    return recommendable_centres(standing)


def taught_at(centre: Centre) -> QuerySet[Qualification]:
    """The qualifications that the centre has learners registered for, by title."""
    taught = centre.registrations.values("qualification_id")
    return Qualification.objects.filter(pk__in=taught).order_by("title", "qan")
