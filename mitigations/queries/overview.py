"""How the claims of an AO stand, in one count."""

from __future__ import annotations

from django.db.models import Count

from awarding.accounts.standing import Standing
from awarding.workflow.table import State
from mitigations.queries.claims import visible_claims
from mitigations.workflow import CLAIM


def claims_by_state(standing: Standing) -> list[tuple[State, int]]:
    """How many claims that this person sees are in each state, in the order of the workflow. One query."""
    rows = visible_claims(standing).order_by().values_list("state").annotate(n=Count("pk", distinct=True))
    counted: dict[str, int] = dict(rows)
    return [(state, counted.get(state.name, 0)) for state in CLAIM.states]
