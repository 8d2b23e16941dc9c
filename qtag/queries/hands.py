"""Cohorts whose Q-TAGs cannot go the whole way: nobody of their staff judges or endorses (QTG-11)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from django.db.models import Count

from awarding.accounts.models import Membership
from awarding.accounts.roles import Role
from centres.models import Cohort, CohortStaff
from qtag.models import Judgement, Submission
from qtag.queries.expected import expected

# Who has to be staff of the cohort to see its learners: the others see the whole centre.
HANDS = (Role.TEACHER, Role.LEAD_INTERNAL_VERIFIER, Role.HEAD_OF_DEPARTMENT)


@dataclass(frozen=True)
class MissingHands:
    """A cohort, how many of its learners wait, and the roles that none of its staff holds."""

    cohort: Cohort
    learners: int
    roles: list[str]


def missing_hands(submission: Submission) -> list[MissingHands]:
    """The cohorts with learners still to be submitted and nobody for some of the hands, by name. Four queries."""
    waiting = expected(Judgement.objects.filter(submission=submission)).exclude(state="submitted")
    counts = dict(waiting.order_by().values_list("registration__cohort").annotate(Count("pk")))
    staff = CohortStaff.objects.filter(cohort__in=list(counts)).values_list("cohort_id", "person_id")
    people = defaultdict(set)
    for cohort_id, person_id in staff:
        people[cohort_id].add(person_id)
    holders = defaultdict(set)
    held = Membership.objects.filter(
        role__in=HANDS, centre=submission.centre_id, ended_at=None, person__is_active=True
    ).values_list("role", "person_id")
    for role, person_id in held:
        holders[role].add(person_id)
    found = []
    for cohort in Cohort.objects.filter(pk__in=list(counts)).order_by("name", "id"):
        roles = [str(role.label) for role in HANDS if not holders[role.value] & people[cohort.pk]]
        if roles:
            found.append(MissingHands(cohort, counts[cohort.pk], roles))
    return found
