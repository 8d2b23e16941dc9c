"""Correcting what is stored about a learner."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from awarding.audit.services import record
from centres.models import Learner
from centres.queries.known import learners_with_processed_claims
from centres.rules.names import name_key


class CorrectionError(ValueError):
    """A correction that cannot be made here; the text says who can."""


@transaction.atomic
def correct_learner(
    *,
    actor: Standing,
    learner: Learner,
    given_names: str,
    family_name: str,
    date_of_birth: dt.date,
    reference: str,
    reason: str,
) -> Learner:
    """Corrects a learner's names, date of birth or reference, audited with before, after and the reason.

    Raises PermissionMissingError; CorrectionError once a claim of theirs is processed: the certificate says otherwise.
    """
    actor.require(Permission.REGISTRATIONS_IMPORT, learner.centre_id)
    learner = Learner.objects.select_for_update(of=("self",)).get(pk=learner.pk)
    new = {
        "given_names": given_names,
        "family_name": family_name,
        "date_of_birth": date_of_birth,
        "reference": reference,
    }
    changes = {
        field: [str(getattr(learner, field)), str(after)]
        for field, after in new.items()
        if getattr(learner, field) != after
    }
    if not changes:
        return learner
    if changes.keys() != {"reference"} and learners_with_processed_claims([learner.pk]):
        raise CorrectionError(
            _(
                "A claim of this learner is processed, so a certificate carries these details. Ask the awarding organisation."
            )
        )
    for field, after in new.items():
        setattr(learner, field, after)
    learner.name_key = name_key(given_names, family_name)
    learner.save(update_fields=[*new, "name_key"])
    record("learner.corrected", actor=actor, target=learner, data={"fields": changes, "reason": reason.strip()})
    return learner
