"""Reads of the special considerations panel: the queue, who has what open, whose turn a case is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.paginator import Page, Paginator
from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from awarding.accounts.standing import Standing
from awarding.findings.finding import Text
from awarding.identifiers import bare_qan
from awarding.workflow.models import StatusEvent
from centres.models import DeclaredInterest
from mitigations.models import Claim, PanelCase
from mitigations.rules.marks import Mark, marks_of
from mitigations.workflow import OPEN_CASE_STATES

# A case left open this long is free again.
HELD_FOR = timedelta(minutes=30)
CASES_PER_PAGE = 50


@dataclass(frozen=True)
class Sieve:
    """Which claims of the queue are shown. The order of arrival stays, and each keeps its place in the whole queue."""

    finding: str = ""  # a rule id; "none" for claims without findings
    holder: str = ""  # "free", "held" or "mine"
    centre: str = ""  # a centre's number, or a part of its name
    qan: str = ""

    @property
    def is_open(self) -> bool:
        """Whether everything passes."""
        return not (self.finding or self.holder or self.centre or self.qan)

    def apply(self, claims: QuerySet[Claim], person_id: int) -> QuerySet[Claim]:
        if self.finding == "none":
            claims = claims.filter(finding_rules=[])
        elif self.finding:
            claims = claims.filter(finding_rules__contains=[self.finding])
        held = Q(opened_at__gt=timezone.now() - HELD_FOR)
        if self.holder:
            own = Q(opened_by_id=person_id)
            claims = claims.filter({"free": ~held | Q(opened_at=None), "mine": held & own}.get(self.holder, held))
        if self.centre:
            wanted = self.centre.strip()
            claims = claims.filter(Q(centre__number__iexact=wanted) | Q(centre__name__icontains=wanted))
        if self.qan:
            claims = claims.filter(qualification__qan=bare_qan(self.qan))
        return claims


EVERYTHING = Sieve()
ARRIVALS: dict[str, Text] = {
    "submit_to_panel": "",
    "resume": _("Back with its evidence"),
    "fall_due": _("Back: its time ran out"),
}


@dataclass(frozen=True)
class QueueRow:
    """One case of the queue: its place from 1, what its findings were, who holds it, how it came back."""

    claim: Claim
    place: int
    marks: list[Mark]
    came_back: Text
    is_held: bool
    is_yours: bool
    has_interest: bool

    @property
    def findings(self) -> int:
        return len(self.marks)


def panel_queue() -> QuerySet[Claim]:
    """The claims that wait for somebody on the panel to give the first opinion, in order of arrival (CLM-12)."""
    looked_at = PanelCase.objects.filter(claim=OuterRef("pk"), state__in=OPEN_CASE_STATES)
    return (
        Claim.objects.filter(~Exists(looked_at), state="queued")
        .select_related("centre", "qualification", "opened_by")
        .order_by("queued_at", "id")
    )


def interest_centre_ids(person_id: int) -> frozenset[int]:
    """The centres in which a person has an open declared interest (CLM-08)."""
    rows = DeclaredInterest.objects.filter(person_id=person_id, ended_at=None)
    return frozenset(rows.values_list("centre_id", flat=True))


def is_held(claim: Claim) -> bool:
    """Whether somebody opened the case within the last half hour."""
    return claim.opened_at is not None and claim.opened_at > timezone.now() - HELD_FOR


def queue_page(standing: Standing, number: int | str | None, sieve: Sieve = EVERYTHING) -> tuple[Page, list[QueueRow]]:
    """One page of the queue in a fixed number of queries."""
    queue = panel_queue()
    page = Paginator(sieve.apply(queue, standing.person.pk), CASES_PER_PAGE).get_page(number)
    claims = list(page)
    if sieve.is_open:
        places = {claim.pk: place for place, claim in enumerate(claims, start=page.start_index())}
    else:
        ids = queue.select_related(None).values_list("pk", flat=True)
        places = {claim_id: place for place, claim_id in enumerate(ids, start=1)}
    return page, queue_rows(standing, claims, places)


def queue_rows(standing: Standing, claims: list[Claim], places: Mapping[int, int]) -> list[QueueRow]:
    """Rows for claims of the queue; two queries."""
    events = StatusEvent.objects.filter(
        target_type=Claim._meta.label_lower,
        target_id__in=[claim.pk for claim in claims],
        transition__in=list(ARRIVALS),
    )
    arrivals = dict(events.order_by("id").values_list("target_id", "transition"))
    interests = interest_centre_ids(standing.person.pk)
    return [
        QueueRow(
            claim, places.get(claim.pk, 0), marks_of(claim.finding_rules), ARRIVALS[arrivals.get(claim.pk, "submit_to_panel")],
            is_held(claim), claim.opened_by_id == standing.person.pk, claim.centre_id in interests,
        )
        for claim in claims
    ]  # fmt: skip


@dataclass(frozen=True)
class Batch:
    """The waiting claims of one centre for one qualification, for a member who takes them together."""

    centre_name: str
    centre_number: str
    qan: str
    title: str
    count: int
    oldest: datetime | None

    @property
    def display_qan(self) -> str:
        return f"{self.qan[:3]}/{self.qan[3:7]}/{self.qan[7:]}"


def batches_page(number: int | str | None) -> tuple[Page, list[Batch]]:
    """The queue by centre and qualification, the one with the oldest claim first."""
    names = ("centre__name", "centre__number", "qualification__qan", "qualification__title")
    rows = panel_queue().select_related(None).order_by().values("centre_id", "qualification_id", *names)
    rows = rows.annotate(count=Count("pk"), oldest=Min("queued_at")).order_by("oldest", "centre_id", "qualification_id")
    page = Paginator(rows, CASES_PER_PAGE).get_page(number)
    batches = [
        Batch(row[names[0]], row[names[1]], row[names[2]], row[names[3]], row["count"], row["oldest"]) for row in page
    ]
    return page, batches


def first_in_turn(standing: Standing, count: int) -> list[int]:
    """The ids of the `count` cases that are this person's to take next, in order."""
    return list(_free_for(standing).select_related(None).values_list("pk", flat=True)[:count])


def _free_for(standing: Standing) -> QuerySet[Claim]:
    held_by_others = Q(opened_at__gt=timezone.now() - HELD_FOR) & ~Q(opened_by_id=standing.person.pk)
    interests = interest_centre_ids(standing.person.pk)
    return panel_queue().exclude(held_by_others).exclude(centre_id__in=interests)


def next_case(standing: Standing) -> Claim | None:
    """The case that is this person's to take: the first that nobody else holds and in whose centre they have no interest."""
    return _free_for(standing).first()


def is_in_turn(standing: Standing, claim: Claim) -> bool:
    """Whether taking this case keeps the order of arrival (CLM-12)."""
    first = next_case(standing)
    return first is None or (claim.queued_at, claim.pk) <= (first.queued_at, first.pk)
