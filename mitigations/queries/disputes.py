"""Reads of disputed outcomes."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, QuerySet

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from awarding.catalogue.models import Qualification
from awarding.workflow.queries import history
from centres.models import Centre, Registration
from mitigations.models import OutcomeDispute
from mitigations.workflow import OUTCOME_DISPUTE


def visible_disputes(standing: Standing) -> QuerySet[OutcomeDispute]:
    """The AO's people who set or oversee outcomes see all; a centre's own are its voices' to see."""
    rows = OutcomeDispute.objects.select_related(
        "centre", "qualification", "outcome", "new_outcome", "raised_by", "decided_by"
    )
    if standing.can(Permission.OUTCOMES_SET) or standing.can(Permission.AO_OVERVIEW):
        return rows
    return rows.filter(centre_id__in=standing.reach(Permission.OUTCOMES_DISPUTE) or ())


def disputes_of(standing: Standing, qualification: Qualification) -> list[OutcomeDispute]:
    """Those about one qualification, newest first, at most ten. One query."""
    return list(visible_disputes(standing).filter(qualification=qualification).order_by("-id")[:10])


def centres_with_learners(qualification: Qualification) -> int:
    """How many centres are told when its outcome changes (MIT-05): those with learners who did not withdraw. One query."""
    rows = Registration.objects.filter(qualification=qualification).exclude(status=Registration.Status.WITHDRAWN)
    return rows.aggregate(n=Count("centre", distinct=True))["n"]


def disputing_centres(standing: Standing) -> list[tuple[int, str]]:
    """(id, name) of the centres in whose name this person disputes and appeals."""
    reach = standing.reach(Permission.OUTCOMES_DISPUTE) or frozenset()
    return [(row.pk, row.name) for row in Centre.objects.filter(pk__in=reach).order_by("name", "id")]


def event_rows(workflow: Any, subject: Any) -> list[dict[str, Any]]:
    """What happened to a row, newest first, as `components/history.html` shows it."""
    return [
        {
            "what": workflow.event_label(event.transition),
            "who": event.who,
            "when": event.at,
            "reason": event.reason,
        }
        for event in reversed(history(subject))
    ]


def dispute_history(dispute: OutcomeDispute) -> list[dict[str, Any]]:
    return event_rows(OUTCOME_DISPUTE, dispute)
