"""Reads of approvals in principle: their conditions, what fell due, what comes next (CLM-07)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import F, Max, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from awarding.accounts.standing import Standing
from mitigations.models import Claim, PanelCondition, PanelDecision
from mitigations.queries.claims import visible_claims
from mitigations.rules.conditions import Condition, next_due

PER_PAGE = 50


def latest_decision(claim: Claim) -> PanelDecision | None:
    """The decision that holds for the claim now."""
    return claim.decisions.order_by("-id").first()


def condition_rows(claim: Claim) -> list[PanelCondition]:
    """The conditions of the claim's latest decision, in their order; none when that set none. One query."""
    rows = PanelCondition.objects.filter(decision__claim=claim).select_related("decision", "file", "met_by")
    found = list(rows.order_by("-decision_id", "position", "id"))
    latest = claim.decisions.aggregate(latest=Max("pk"))["latest"]
    return [row for row in found if row.decision_id == latest]


def conditions_of(claim: Claim) -> list[Condition]:
    """The same as the rules see them."""
    return [as_rule(row) for row in condition_rows(claim)]


def as_rule(row: PanelCondition) -> Condition:
    return Condition(row.what, row.due_on, row.met_at is not None)


def held_in_principle() -> QuerySet[Claim]:
    """The claims that are approved in principle, each with its decision's id and day of expiry, the next to expire first."""
    latest = PanelDecision.objects.filter(claim=OuterRef("pk")).order_by("-id")
    return (
        Claim.objects.filter(state="approved_in_principle")
        .annotate(decision_id=Subquery(latest.values("pk")[:1]), expires_on=Subquery(latest.values("expires_on")[:1]))
        .select_related("centre", "qualification")
        .order_by(F("expires_on").asc(nulls_last=True), "queued_at", "id")
    )


def fallen_due(today: date) -> QuerySet[Claim]:
    """The claims whose approval in principle has expired: its last day lies before `today`."""
    held: Any = held_in_principle()  # the annotation is not part of the model's type
    expired: QuerySet[Claim] = held.filter(expires_on__lt=today)
    return expired


@dataclass(frozen=True)
class HeldRow:
    """A claim approved in principle: its conditions, how many are open and overdue, and the next day that matters."""

    claim: Claim
    expires_on: date | None
    conditions: list[PanelCondition]
    open: int
    overdue: int
    next_due: date | None


def conditions_by_decision(decision_ids: list[int]) -> dict[int, list[PanelCondition]]:
    """The conditions of several decisions. One query."""
    found: dict[int, list[PanelCondition]] = {}
    for row in PanelCondition.objects.filter(decision_id__in=decision_ids):
        found.setdefault(row.decision_id, []).append(row)
    return found


def held_rows(claims: list[Claim]) -> list[HeldRow]:
    """Rows for claims that come from `held_in_principle`."""
    today = timezone.localdate()
    by_decision = conditions_by_decision([claim.decision_id for claim in claims if claim.decision_id])  # type: ignore[attr-defined]
    rows = []
    for claim in claims:
        conditions = by_decision.get(claim.decision_id, [])  # type: ignore[attr-defined]
        still_open = [c for c in conditions if c.met_at is None]
        expires_on: date | None = claim.expires_on  # type: ignore[attr-defined]
        rows.append(
            HeldRow(
                claim, expires_on, conditions, len(still_open), sum(c.due_on < today for c in still_open),
                next_due([as_rule(c) for c in conditions], expires_on, today),
            )
        )  # fmt: skip
    return rows


def held_page(standing: Standing, number: int | str | None, *, overdue: bool = False) -> tuple[Page, list[HeldRow]]:
    """One page of the claims approved in principle that this person sees, in a fixed number of queries."""
    today = timezone.localdate()
    claims = held_in_principle().filter(pk__in=visible_claims(standing).values("pk"))
    if overdue:
        late = PanelCondition.objects.filter(met_at=None, due_on__lt=today).values("decision_id")
        claims = claims.filter(Q(decision_id__in=late) | Q(expires_on__lt=today))
    page = Paginator(claims, PER_PAGE).get_page(number)
    return page, held_rows(list(page))
