"""Beginning a submission, and keeping its learners those who are registered."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from awarding.audit.services import record
from awarding.catalogue.models import Qualification
from awarding.workflow.services import write_event
from centres.models import Centre, Registration
from qtag.models import Judgement, Submission
from qtag.queries.submissions import qtag_adoptions


class BeginError(Exception):
    """Why Q-TAGs cannot begin here; `str()` is fit for the page."""


@transaction.atomic
def begin_submission(*, actor: Standing, centre: Centre, qualification: Qualification) -> Submission:
    """The submission of a qualification at a centre, with a judgement for each active registration.

    Beginning twice answers the same submission and adds whoever was registered since. BeginError when the AO runs no
    framework with Q-TAGs, or nobody is registered (the way to register is said).
    """
    actor.require(Permission.QTAGS_BEGIN, centre.pk)
    adoptions = qtag_adoptions()
    if not adoptions:
        raise BeginError(_("The awarding organisation runs no framework under which teachers judge qualifications."))
    # One row to wait for, so that two who begin at once make one submission.
    Centre.objects.select_for_update(of=("self",), no_key=True).get(pk=centre.pk)
    submission, is_new = Submission.objects.get_or_create(
        centre=centre, qualification=qualification, adoption=adoptions[0], defaults={"created_by": actor.person}
    )
    added = _add_learners(actor, submission)
    if is_new and not added and _begun_before(submission):
        raise BeginError(
            _(
                "Everybody registered has a Q-TAG that was begun before the framework changed. Go on with it under Q-TAGs."
            )
        )
    if is_new and not added:
        raise BeginError(_("Nobody is registered for this qualification. Register its learners first, then come back."))
    if is_new:
        record("submission.began", actor=actor, target=submission, data={"learners": added})
    return submission


@transaction.atomic
def add_registered_learners(*, actor: Standing, submission: Submission) -> int:
    """Adds a judgement for whoever was registered since the submission began. Answers how many."""
    actor.require(Permission.QTAGS_BEGIN, submission.centre_id)
    Centre.objects.select_for_update(of=("self",), no_key=True).get(pk=submission.centre_id)
    return _add_learners(actor, submission)


def _begun_before(submission: Submission) -> bool:
    return _under_any_version(submission).exclude(pk=submission.pk).exists()


def _under_any_version(submission: Submission) -> QuerySet[Submission]:
    """This one, and those of its centre and qualification under adoptions of the framework that others replaced."""
    return Submission.objects.filter(
        centre=submission.centre_id, qualification=submission.qualification_id,
        adoption__framework__code=submission.adoption.framework.code,
    )  # fmt: skip


def _add_learners(actor: Standing, submission: Submission) -> int:
    # Whoever was begun before the AO replaced its adoption goes on there: nobody is judged twice under one framework.
    there = Judgement.objects.filter(submission__in=_under_any_version(submission).order_by()).values("registration_id")
    new = (
        Registration.objects.filter(
            centre=submission.centre_id, qualification=submission.qualification_id, status=Registration.Status.ACTIVE
        )
        .exclude(pk__in=there)
        .order_by("id")
    )
    made = Judgement.objects.bulk_create(
        [
            Judgement(submission=submission, centre_id=submission.centre_id, registration=registration, state="open")
            for registration in new
        ]
    )
    for judgement in made:
        write_event(judgement, "begin", "", actor=actor)
    return len(made)
