"""What is recorded for a whole submission before it can go: steps, the last resort, what was agreed with the AO."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from awarding.audit.services import record
from awarding.catalogue.models import Qualification, Unit
from awarding.frameworks.queries import adopted_document
from awarding.workflow.services import ReasonMissingError
from qtag.models import Agreement, LicenceUnit, QualificationTerms, StepRecord, Submission
from qtag.rules.eligibility import OUTCOME


@transaction.atomic
def record_step(*, actor: Standing, submission: Submission, step: str, note: str) -> StepRecord:
    """That one of the framework's steps was taken (QTG-12). KeyError when the framework has no such step."""
    actor.require(Permission.QTAGS_JUDGE, submission.centre_id)
    if step not in adopted_document(submission.adoption).steps:
        raise KeyError(step)
    if not note.strip():
        raise ReasonMissingError(_("Say in a sentence what was done in this step."))
    made = StepRecord.objects.create(submission=submission, step=step, note=note.strip(), recorded_by=actor.person)
    record("submission.step_recorded", actor=actor, target=submission, data={"step": step})
    return made


@transaction.atomic
def record_last_resort(*, actor: Standing, submission: Submission, statements: list[str], reason: str) -> Submission:
    """That a Q-TAG is the last resort here: each statement confirmed by itself, and why (QTG-01)."""
    actor.require(Permission.QTAGS_SUBMIT, submission.centre_id)
    needed = adopted_document(submission.adoption).outcome(OUTCOME).last_resort_statements
    if set(needed) - set(statements):
        raise ReasonMissingError(_("Confirm each statement; without one of them there can be no Q-TAG here."))
    if not reason.strip():
        raise ReasonMissingError(_("Say why no other way to a result was possible."))
    locked: Submission = Submission.objects.select_for_update(of=("self",)).get(pk=submission.pk)
    locked.last_resort_statements = sorted(set(statements) & set(needed))
    locked.last_resort_reason = reason.strip()
    locked.last_resort_by, locked.last_resort_at = actor.person, timezone.now()
    locked.save(update_fields=["last_resort_statements", "last_resort_reason", "last_resort_by", "last_resort_at"])
    record("submission.last_resort_recorded", actor=actor, target=locked, data={"statements": statements})
    return locked


@transaction.atomic
def record_agreement(
    *, actor: Standing, submission: Submission, agreed_with: str, agreed_on: dt.date, note: str = ""
) -> Agreement:
    """The AO records that a centre agreed with whom its terms name (QTG-20)."""
    actor.require(Permission.QTAGS_TERMS)
    made = Agreement.objects.create(
        submission=submission, agreed_with=agreed_with.strip(), agreed_on=agreed_on, note=note.strip(), recorded_by=actor.person
    )  # fmt: skip
    record("submission.agreement_recorded", actor=actor, target=submission, data={"with": made.agreed_with})
    return made


@transaction.atomic
def set_terms(
    *, actor: Standing, qualification: Qualification, framework_code: str, out_of_scope_reason: str = "",
    is_all_licence: bool = False, agreement_with: str = "", licence_units: dict[Unit, bool] | None = None,
) -> QualificationTerms:  # fmt: skip
    """What the AO says of a qualification (QTG-04, -05, -20). `licence_units` maps a unit to "only where chosen"."""
    actor.require(Permission.QTAGS_TERMS)
    terms, _made = QualificationTerms.objects.select_for_update(of=("self",)).get_or_create(
        qualification=qualification, framework_code=framework_code
    )
    terms.out_of_scope_reason, terms.is_all_licence = out_of_scope_reason.strip(), is_all_licence
    terms.agreement_with = agreement_with.strip()
    terms.updated_by, terms.updated_at = actor.person, timezone.now()
    terms.save()
    LicenceUnit.objects.filter(terms=terms).delete()
    LicenceUnit.objects.bulk_create(
        [
            LicenceUnit(terms=terms, unit=unit, is_conditional=conditional)
            for unit, conditional in (licence_units or {}).items()
        ]
    )
    data = {
        "out_of_scope": terms.out_of_scope_reason, "all_licence": is_all_licence, "agreement_with": terms.agreement_with,
        "licence_units": sorted(unit.reference for unit in licence_units or {}),
    }  # fmt: skip
    record("qtag_terms.set", actor=actor, target=terms, data=data)
    return terms
