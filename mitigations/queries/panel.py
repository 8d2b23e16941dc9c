"""Reads of the special considerations panel: the queue, who has what open, whose turn a case is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.core.paginator import Page, Paginator
from django.db.models import Q, QuerySet
from django.utils import timezone

from awarding.accounts.standing import Standing
from awarding.findings.finding import Severity
from awarding.workflow.models import StatusEvent
from centres.models import DeclaredInterest
from mitigations.models import Claim

# A case left open this long is free again.
HELD_FOR = timedelta(minutes=30)
CASES_PER_PAGE = 50


@dataclass(frozen=True)
class QueueRow:
    """One case of the queue: its place from 1, who holds it, how many findings it was submitted with."""

    claim: Claim
    place: int
    findings: int
    questions: int
    is_held: bool
    is_yours: bool
    has_interest: bool


def panel_queue() -> QuerySet[Claim]:
    """The claims that wait for the panel, in order of arrival (CLM-12)."""
    return (
        Claim.objects.filter(state="queued")
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


def queue_page(standing: Standing, number: int | str | None) -> tuple[Page, list[QueueRow]]:
    """One page of the queue in a fixed number of queries."""
    page = Paginator(panel_queue(), CASES_PER_PAGE).get_page(number)
    claims = list(page)
    counts: dict[int, dict[str, int]] = {}
    events = StatusEvent.objects.filter(
        target_type=Claim._meta.label_lower,
        target_id__in=[claim.pk for claim in claims],
        transition__in=["submit_to_panel", "resume"],
    ).order_by("id")
    for event in events:
        counts[event.target_id] = event.data.get("findings", {})
    interests = interest_centre_ids(standing.person.pk)
    rows = []
    for place, claim in enumerate(claims, start=page.start_index()):
        found = counts.get(claim.pk, {})
        rows.append(
            QueueRow(
                claim, place, sum(found.values()), found.get(Severity.WARNS.value, 0), is_held(claim),
                claim.opened_by_id == standing.person.pk, claim.centre_id in interests,
            )
        )  # fmt: skip
    return page, rows


def next_case(standing: Standing) -> Claim | None:
    """The case that is this person's to take: the first that nobody else holds and in whose centre they have no interest."""
    held_by_others = Q(opened_at__gt=timezone.now() - HELD_FOR) & ~Q(opened_by_id=standing.person.pk)
    interests = interest_centre_ids(standing.person.pk)
    return panel_queue().exclude(held_by_others).exclude(centre_id__in=interests).first()


def is_in_turn(standing: Standing, claim: Claim) -> bool:
    """Whether taking this case keeps the order of arrival (CLM-12)."""
    first = next_case(standing)
    return first is None or (claim.queued_at, claim.pk) <= (first.queued_at, first.pk)
