"""Moving a registration to another size of its qualification."""

from __future__ import annotations

from django.db import transaction

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from awarding.audit.services import record
from awarding.catalogue.models import Qualification
from centres.models import Cohort, CohortStaff, Registration


@transaction.atomic
def move_registration(*, actor: Standing, registration: Registration, target: Qualification) -> Registration:
    """Registers the learner for `target` in the place of the present qualification, in the cohort of the same name (MIT-13).

    A cohort that is new has the staff of the old one. Whether the learner may move is asked by the caller; moving twice
    changes nothing.
    """
    if not actor.can(Permission.IMPACT_MANAGE):
        actor.require(Permission.IMPACT_ANSWER, registration.centre_id)
    locked = Registration.objects.select_for_update(of=("self",)).select_related("cohort").get(pk=registration.pk)
    if locked.qualification_id == target.pk:
        return locked
    before, old = locked.qualification_id, locked.cohort
    cohort, is_new = Cohort.objects.get_or_create(centre_id=locked.centre_id, qualification=target, name=old.name)
    if is_new:
        CohortStaff.objects.bulk_create(
            CohortStaff(cohort=cohort, person_id=person_id)
            for person_id in old.staff.values_list("person_id", flat=True)
        )
    locked.qualification, locked.cohort = target, cohort
    locked.save(update_fields=["qualification", "cohort"])
    data = {"qualification": [before, target.pk], "cohort": [old.pk, cohort.pk]}
    record("registration.moved", actor=actor, target=locked, data=data)
    return locked
