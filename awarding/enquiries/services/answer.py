"""Publishing answers, changing them, taking them back."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from awarding.audit.services import record
from awarding.catalogue.models import Qualification
from awarding.enquiries.models import Enquiry, PublishedAnswer, Topic
from awarding.workflow.services import StalePageError


@transaction.atomic
def publish_answer(
    *, actor: Standing, question: str, answer: str, topic: Topic | None = None,
    qualification: Qualification | None = None, enquiry: Enquiry | None = None,
) -> PublishedAnswer:  # fmt: skip
    """Publishes a question with its answer, dated today (HLP-02). The words are those given, nothing of the enquiry's."""
    actor.require(Permission.HELP_PUBLISH)
    made = PublishedAnswer.objects.create(
        question=question.strip(), answer=answer.strip(), topic=topic, qualification=qualification, enquiry=enquiry,
        dated_on=timezone.localdate(), published_by=actor.person,
    )  # fmt: skip
    data = {"question": made.question, "enquiry": enquiry.number if enquiry else ""}
    record("answer.published", actor=actor, target=made, data=data)
    return made


@transaction.atomic
def change_answer(
    *, actor: Standing, published: PublishedAnswer, question: str, answer: str, topic: Topic | None,
    qualification: Qualification | None, expected_version: int,
) -> PublishedAnswer:  # fmt: skip
    """Changes what is published; it then bears today's date. The earlier words stay in the audit trail."""
    actor.require(Permission.HELP_PUBLISH)
    locked = _lock(published, expected_version)
    before = {"question": locked.question, "answer": locked.answer}
    locked.question, locked.answer = question.strip(), answer.strip()
    locked.topic, locked.qualification = topic, qualification
    locked.dated_on = timezone.localdate()
    locked.version += 1
    locked.save()
    record("answer.changed", actor=actor, target=locked, data={"before": before})
    return locked


@transaction.atomic
def withdraw_answer(*, actor: Standing, published: PublishedAnswer, expected_version: int) -> PublishedAnswer:
    """Takes an answer out of sight. Raises StalePageError when it was changed meanwhile."""
    actor.require(Permission.HELP_PUBLISH)
    locked = _lock(published, expected_version)
    locked.withdrawn_at = timezone.now()
    locked.version += 1
    locked.save(update_fields=["withdrawn_at", "version"])
    record("answer.withdrawn", actor=actor, target=locked, data={"question": locked.question})
    return locked


def _lock(published: PublishedAnswer, expected_version: int) -> PublishedAnswer:
    locked: PublishedAnswer = PublishedAnswer.objects.select_for_update(of=("self",)).get(pk=published.pk)
    if locked.version != expected_version or locked.withdrawn_at is not None:
        raise StalePageError(_("Somebody else changed this answer first. Read it again; nothing of yours was saved."))
    return locked
