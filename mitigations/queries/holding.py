"""Who holds a claim, how long it has been there, and which ones are stuck (CLM-13)."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Min, Q, QuerySet
from django.utils import timezone

from awarding.accounts.models import Membership
from awarding.accounts.roles import Role
from awarding.accounts.standing import Standing
from awarding.workflow.table import State, Text
from centres.models import CohortStaff
from mitigations.models import Claim, HoldLimit
from mitigations.queries.claims import visible_claims
from mitigations.rules.holding import DEFAULT_DAYS
from mitigations.workflow import CLAIM

# Roles by whose holders at the centre a claim in this state is named; the others are named by their role alone.
_NAMED = {"with_iv": Role.INTERNAL_VERIFIER, "with_dcv": Role.DIRECT_CLAIMS_VERIFIER}
MOST_NAMES = 3


@dataclass(frozen=True)
class Held:
    """A claim and where it is: its state, the people who hold it ("" where only a role does), days in it, its limit."""

    claim: Claim
    state: State
    people: str
    days: int
    limit: int | None

    @property
    def holder(self) -> Text:
        """Whose turn it is: the people by name, else the role."""
        return self.people or self.state.holder

    @property
    def is_stuck(self) -> bool:
        return self.limit is not None and self.days >= self.limit


def hold_limits() -> dict[str, int | None]:
    """Days after which a claim counts as stuck, by state: the AO's own, else the defaults. None is never."""
    own = dict(HoldLimit.objects.values_list("state", "days"))
    return {state: own.get(state, days) for state, days in DEFAULT_DAYS.items()}


def stuck_claims(
    standing: Standing, limits: dict[str, int | None], *, state: str = "", now: dt.datetime | None = None
) -> QuerySet[Claim]:
    """The claims this person sees that are past their state's limit, the longest waiting first."""
    now = now or timezone.now()
    where = Q(pk__in=[])
    for name, days in limits.items():
        if days is not None and state in ("", name):
            where |= Q(state=name, state_since__lte=now - dt.timedelta(days=days))
    rows = visible_claims(standing).filter(where)
    return rows.select_related("centre", "qualification", "cohort", "opened_by").order_by("state_since", "id")


def count_stuck(standing: Standing) -> tuple[int, dt.datetime | None]:
    """How many claims are stuck, and since when the oldest of them is where it is. Two queries."""
    found = stuck_claims(standing, hold_limits()).order_by().aggregate(n=Count("pk"), since=Min("state_since"))
    return found["n"], found["since"]


def hold(claims: Sequence[Claim], limits: dict[str, int | None], now: dt.datetime | None = None) -> list[Held]:
    """Where each claim is and who holds it, in a fixed number of queries however many they are."""
    now = now or timezone.now()
    names = _names(claims)
    return [
        Held(
            claim, CLAIM.state(claim.state), names.get(claim.pk, ""), (now - claim.state_since).days,
            limits.get(claim.state),
        )
        for claim in claims
    ]  # fmt: skip


def _names(claims: Iterable[Claim]) -> dict[int, str]:
    """The people who hold each claim, by its id; nothing where only a role does."""
    rows = list(claims)
    people: dict[int, list[str]] = defaultdict(list)
    for claim in rows:
        if claim.state == "queued" and claim.opened_by is not None:
            people[claim.pk].append(str(claim.opened_by))
    _add_verifiers([claim for claim in rows if claim.state == "allocated"], people)
    _add_centres_own([claim for claim in rows if claim.state in _NAMED], people)
    return {pk: ", ".join(found[:MOST_NAMES]) for pk, found in people.items()}


def _add_verifiers(claims: list[Claim], people: dict[int, list[str]]) -> None:
    if not claims:
        return
    # Allocations belong to a later app; the relation's name is all that is known of them here.
    model: Any = Claim._meta.get_field("allocations").related_model
    open_ones = model.objects.filter(claim__in=claims, ended_at=None)
    for claim_id, name in open_ones.values_list("claim_id", "verifier__name"):
        people[claim_id].append(name)


def _add_centres_own(claims: list[Claim], people: dict[int, list[str]]) -> None:
    if not claims:
        return
    staff = set(
        CohortStaff.objects.filter(cohort_id__in={claim.cohort_id for claim in claims}).values_list(
            "cohort_id", "person_id"
        )
    )
    held = Membership.objects.filter(
        centre_id__in={claim.centre_id for claim in claims}, role__in=set(_NAMED.values()), ended_at=None
    ).order_by("person__name", "id")
    by_role: dict[tuple[int, str], list[tuple[int, str]]] = defaultdict(list)
    for centre_id, role, person_id, name in held.values_list("centre_id", "role", "person_id", "person__name"):
        by_role[centre_id, role].append((person_id, name))
    for claim in claims:
        role = _NAMED[claim.state]
        for person_id, name in by_role[claim.centre_id, role.value]:
            # Internal verifiers see the cohorts that they are staff of, and no others.
            if role != Role.INTERNAL_VERIFIER or (claim.cohort_id, person_id) in staff:
                people[claim.pk].append(name)
