"""Who teaches and verifies a cohort."""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction

from awarding.accounts.models import User
from awarding.accounts.queries import holders
from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from awarding.audit.services import record
from centres.models import Cohort, CohortStaff
from centres.queries.visibility import COHORT_ROLES


class NotStaffError(ValueError):
    """Somebody without a role of a teacher or internal verifier at the centre was to be made staff of a cohort."""


@transaction.atomic
def assign_staff(*, actor: Standing, cohort: Cohort, people: Collection[User]) -> int:
    """Makes exactly these teachers and internal verifiers the staff of the cohort: they, and no other, see it.

    Answers how many were added or taken out. Raises PermissionMissingError, NotStaffError.
    """
    actor.require(Permission.PEOPLE_MANAGE_CENTRE, cohort.centre_id)
    # The lock makes two assignments at once run one after the other.
    cohort = Cohort.objects.select_for_update(of=("self",)).get(pk=cohort.pk)
    allowed = set(holders(set(COHORT_ROLES), cohort.centre_id).values_list("pk", flat=True))
    wanted = {person.pk for person in people}
    if not wanted <= allowed:
        raise NotStaffError("Only teachers and internal verifiers of the centre can be staff of its cohorts.")
    now = set(CohortStaff.objects.filter(cohort=cohort).values_list("person_id", flat=True))
    if wanted == now:
        return 0
    CohortStaff.objects.filter(cohort=cohort, person_id__in=now - wanted).delete()
    CohortStaff.objects.bulk_create(CohortStaff(cohort=cohort, person_id=pk) for pk in sorted(wanted - now))
    record(
        "cohort.staff_changed",
        actor=actor,
        target=cohort,
        data={"added": sorted(wanted - now), "removed": sorted(now - wanted)},
    )
    return len(wanted ^ now)
