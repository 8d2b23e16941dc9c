"""How the claims of an AO stand, in one count."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone

from awarding.accounts.standing import Standing
from awarding.workflow.table import State
from mitigations.queries.claims import visible_claims
from mitigations.workflow import CLAIM

# Nobody waits for these any more.
FINAL_STATES = frozenset({state.name for state in CLAIM.states if state.is_final})
# Days that an open claim has been where it is: from the first of these on, and up to the next.
AGES = (0, 7, 14, 28)


def claims_by_state(standing: Standing) -> list[tuple[State, int]]:
    """How many claims that this person sees are in each state, in the order of the workflow. One query."""
    return claims_by_state_and_age(standing)[0]


def claims_by_state_and_age(standing: Standing) -> tuple[list[tuple[State, int]], list[int]]:
    """As `claims_by_state`, and how many of those under way have been where they are for each of AGES. One query."""
    now = timezone.now()
    since = [now - timedelta(days=days) for days in AGES]
    older = {
        f"older_{number}": Count("pk", distinct=True, filter=Q(state_since__lte=moment))
        for number, moment in enumerate(since)
    }
    rows: Any = visible_claims(standing).order_by().values("state").annotate(n=Count("pk", distinct=True), **older)
    counted = {row["state"]: row for row in rows}
    is_open = [row for state, row in counted.items() if state not in FINAL_STATES]
    at_least = [sum(row[f"older_{number}"] for row in is_open) for number in range(len(AGES))] + [0]
    by_age = [at_least[number] - at_least[number + 1] for number in range(len(AGES))]
    return [(state, counted[state.name]["n"] if state.name in counted else 0) for state in CLAIM.states], by_age
