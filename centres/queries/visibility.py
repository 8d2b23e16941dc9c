"""Which centres, cohorts, learners and registrations a person may see. Every page and API reads through these.

A role at the AO reaches all centres; a role at a centre reaches that centre; teachers and internal verifiers see the
cohorts they are staff of and nothing beside them.
"""

from __future__ import annotations

from django.db.models import Q, QuerySet

from awarding.accounts.roles import PERMISSIONS, Permission, Role
from awarding.accounts.standing import Standing
from awarding.tenancy.prepared import prepared
from centres.models import Centre, Cohort, CohortStaff, Learner, Registration

# Their permissions reach only the cohorts that they are staff of.
COHORT_ROLES = frozenset({Role.TEACHER, Role.INTERNAL_VERIFIER, Role.LEAD_INTERNAL_VERIFIER, Role.HEAD_OF_DEPARTMENT})


def whole_centres(standing: Standing, permission: Permission) -> frozenset[int] | None:
    """The centres in which `permission` reaches every cohort: None is all of the AO's."""
    held = {
        at
        for role, at in standing.grants
        if permission in PERMISSIONS[role] and (at is None or role not in COHORT_ROLES)
    }
    return None if None in held else frozenset(at for at in held if at is not None)


def staffed_cohort_ids(standing: Standing) -> QuerySet[CohortStaff, int]:
    """A subquery: the cohorts that the person is staff of, in centres where they still hold such a role."""
    centres = [at for role, at in standing.grants if role in COHORT_ROLES and at is not None]
    rows = CohortStaff.objects.filter(person=standing.person, cohort__centre_id__in=centres)
    return rows.values_list("cohort_id", flat=True)


def cohort_filter(standing: Standing, permission: Permission, prefix: str = "") -> Q:
    """The condition on a queryset with `centre` and `cohort`, behind `prefix` ("registration__"), that keeps what is visible."""
    whole = whole_centres(standing, permission)
    if whole is None:
        return Q()
    return _reached(standing, whole, f"{prefix}centre_id", f"{prefix}cohort_id")


def _reached(standing: Standing, whole: frozenset[int], centre: str, cohort: str) -> Q:
    """At one of the whole centres, or of a cohort that the person is staff of, for those whose roles are of that kind."""
    here = Q(**{f"{centre}__in": whole})
    if not any(role in COHORT_ROLES for role, _at in standing.grants):
        return here
    return here | Q(**{f"{cohort}__in": staffed_cohort_ids(standing)})


def visible_centres(standing: Standing, permission: Permission = Permission.CENTRE_VIEW) -> QuerySet[Centre]:
    """The centres that `permission` reaches, by name."""
    reach = standing.reach(permission)
    centres = Centre.objects.select_related("establishment")
    return centres if reach is None else centres.filter(pk__in=reach)


def first_centres(standing: Standing, permission: Permission) -> list[Centre]:
    """The first 200 of them: what a drop-down can hold."""
    return _first_centres(permission, standing=standing)


@prepared
def _first_centres(permission: Permission, *, standing: Standing) -> QuerySet[Centre]:
    return visible_centres(standing, permission).select_related(None)[:200]


def visible_cohorts(standing: Standing, permission: Permission = Permission.LEARNERS_VIEW) -> QuerySet[Cohort]:
    whole = whole_centres(standing, permission)
    cohorts = Cohort.objects.select_related("centre", "qualification")
    if whole is None:
        return cohorts
    return cohorts.filter(_reached(standing, whole, "centre_id", "pk"))


def visible_registrations(
    standing: Standing, permission: Permission = Permission.LEARNERS_VIEW
) -> QuerySet[Registration]:
    rows = Registration.objects.select_related("learner", "qualification", "cohort", "centre")
    return rows.filter(cohort_filter(standing, permission)) if standing.can(permission) else rows.none()


def visible_learners(
    standing: Standing, permission: Permission = Permission.LEARNERS_VIEW, *, centre_id: int | None = None
) -> QuerySet[Learner]:
    """Learners of the centres that are reached whole, and those registered in a cohort of one's own; of one centre."""
    whole = whole_centres(standing, permission)
    learners = Learner.objects.select_related("centre")
    if centre_id is not None:
        learners = learners.filter(centre_id=centre_id)
    if whole is None:
        return learners if standing.can(permission) else learners.none()
    here = Q(centre_id__in=whole)
    if not any(role in COHORT_ROLES for role, _at in standing.grants):
        return learners.filter(here)
    taught = Registration.objects.filter(cohort_id__in=staffed_cohort_ids(standing)).values("learner_id")
    return learners.filter(here | Q(pk__in=taught))
