"""Delayed assessments: asking centres when their learners can sit, and publishing the dates that follow."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from awarding.accounts.models import User
from awarding.accounts.roles import Permission
from awarding.accounts.standing import Process, Standing
from awarding.audit.services import record
from awarding.catalogue.models import Qualification
from awarding.findings.finding import Finding, Severity
from awarding.frameworks.models import Adoption
from awarding.frameworks.queries import adopted_document
from awarding.notices.models import Notice, Urgency
from awarding.notices.services import notify_in_bulk
from awarding.workflow.services import GuardedError, StalePageError, apply_transition, write_beginnings
from mitigations.models import AssessmentDate, DelayQuestion
from mitigations.queries.centre_notices import contacts_of
from mitigations.queries.delays import delayed_registrations, most_sitting, pairs_to_ask, staff_concerned
from mitigations.services.telling import tell_moved
from mitigations.workflow import DELAY_QUESTION

CHASER = Process("delayed_assessments")


@transaction.atomic
def ask_centres(*, actor: Standing, adoption: Adoption, answer_by: dt.date, remind_every_days: int) -> int:
    """Asks every centre with impacted learners on a delayed qualification that was not asked yet (MIT-16).

    Answers how many questions were asked; a second time 0. Each quality contact gets one letter, whatever the number.
    """
    actor.require(Permission.IMPACT_MANAGE)
    fresh = Adoption.objects.select_for_update(of=("self",)).select_related("framework").get(pk=adoption.pk)
    document = adopted_document(fresh)
    asked = DelayQuestion.objects.bulk_create(
        DelayQuestion(
            framework_code=document.id, adoption=fresh, centre_id=centre_id, qualification_id=qualification_id,
            learners=learners, answer_by=answer_by, remind_every_days=remind_every_days, asked_by=actor.person,
            state=DELAY_QUESTION.initial,
        )
        for centre_id, qualification_id, learners in pairs_to_ask(document)
    )  # fmt: skip
    write_beginnings(asked, "ask", actor=actor, data={"answer_by": answer_by.isoformat()})
    by_centre: dict[int, list[DelayQuestion]] = defaultdict(list)
    for question in asked:
        by_centre[question.centre_id].append(question)
    contacts = contacts_of(by_centre)
    notify_in_bulk(
        _letter(questions, person, f"delay-asked-{questions[0].pk}")
        for centre_id, questions in by_centre.items()
        for person in contacts.get(centre_id, ())
    )
    return len(asked)


def _letter(questions: list[DelayQuestion], person: User, key: str, *, is_reminder: bool = False) -> Notice:
    first = questions[0]
    url = question_url(first) if len(questions) == 1 else reverse("mitigations:delays", kwargs={"ao": first.ao.slug})
    day = date_format(first.answer_by, "j F Y")
    subject = _("Delayed assessment: when can your learners sit? Please answer by %(day)s") % {"day": day}
    if is_reminder:
        subject = _("Reminder: when can your learners sit the delayed assessment?")
    body = _(
        "Assessment waits for %(count)s of your qualifications. Tell us when your learners can sit, how many will, and what "
        "they need. The dates are published from the answers."
    ) % {"count": len(questions)}
    return Notice(
        person=person, centre_id=first.centre_id, key=key, urgency=Urgency.URGENT, subject=subject, body=body, url=url,
        target_type=first._meta.label_lower, target_id=first.pk,
    )  # fmt: skip


@transaction.atomic
def remind_question(*, question: DelayQuestion, on: dt.date) -> bool:
    """Reminds the centre of one unanswered question; the reminder's number makes its key. Answers whether anybody was there.

    Holds the row's lock.
    """
    people = contacts_of([question.centre_id]).get(question.centre_id, [])
    if not people:
        return False
    number = question.reminders + 1
    DelayQuestion.objects.filter(pk=question.pk).update(reminders=number, reminded_on=on)
    key = f"delay-question-{question.pk}-reminder-{number}"
    notify_in_bulk(_letter([question], person, key, is_reminder=True) for person in people)
    record("delay_question.reminded", actor=CHASER, target=question, data={"number": number, "on": on.isoformat()})
    return True


@transaction.atomic
def answer_question(
    *, actor: Standing, question: DelayQuestion, sitting: int, can_sit_from: dt.date | None = None,
    can_sit_until: dt.date | None = None, needs: str = "", expected_version: int | None = None,
) -> DelayQuestion:  # fmt: skip
    """The centre says when its learners can sit, how many will, and what they need (MIT-16); it may change its answer.

    Without learners no days are kept. Raises GuardedError for days that are missing or the wrong way round and for more
    learners than are impacted; as `apply_transition` otherwise.
    """
    actor.require(Permission.IMPACT_ANSWER, question.centre_id)
    if sitting > (most := most_sitting(question)):
        raise GuardedError([_too_many(question, sitting, most)])
    if not sitting:
        can_sit_from = can_sit_until = None
    elif can_sit_from is None or can_sit_until is None or can_sit_until < can_sit_from:
        raise GuardedError(
            [
                Finding(
                    "MIT-16", Severity.BLOCKS, str(question.qualification), _("The days on which they can sit are not clear."),
                    _("Give the first and the last day, in that order."), "days_unclear",
                )
            ]
        )  # fmt: skip
    moved = apply_transition(
        DELAY_QUESTION, question, "answer", actor=actor, expected_version=expected_version,
        data={"sitting": sitting, "from": str(can_sit_from or ""), "until": str(can_sit_until or "")},
        changes={
            "sitting": sitting, "can_sit_from": can_sit_from, "can_sit_until": can_sit_until, "needs": needs.strip(),
            "answered_by": actor.person, "answered_at": timezone.now(),
        },
    )  # fmt: skip
    title = _("%(centre)s says when its learners can sit") % {"centre": moved.centre.name}
    tell_moved(
        actor=actor, workflow=DELAY_QUESTION, subject=moved, move="answer", title=title,
        body=str(moved.qualification), url=question_url(moved),
    )  # fmt: skip
    return moved


def _too_many(question: DelayQuestion, sitting: int, most: int) -> Finding:
    what = ngettext(
        "%(sitting)s learners are to sit, and %(most)s is impacted.",
        "%(sitting)s learners are to sit, and %(most)s are impacted.",
        most,
    ) % {"sitting": sitting, "most": most}
    fix = _("Enter at most as many as are impacted. Whoever is missing is registered first, or raised as a case.")
    return Finding("MIT-16", Severity.BLOCKS, str(question.qualification), what, fix, "more_than_impacted")


@transaction.atomic
def publish_date(
    *, actor: Standing, adoption: Adoption, qualification: Qualification, kind: str, title: str, starts_on: dt.date,
    ends_on: dt.date, entries_by: dt.date | None = None, details: str = "", replaces: AssessmentDate | None = None,
) -> AssessmentDate:  # fmt: skip
    """Publishes the date of a delayed assessment or resit; `replaces` ends the one it moves (MIT-16).

    Told are the quality contacts of centres with impacted learners on the qualification, and the teachers and internal
    verifiers of those cohorts; nobody else. Everybody reads it on the qualification's public page. Raises GuardedError
    where the assessment is not delayed or nothing of the date was changed, StalePageError when somebody moved or
    withdrew the date first.
    """
    actor.require(Permission.IMPACT_MANAGE)
    locked = Qualification.objects.select_for_update(of=("self",)).get(pk=qualification.pk)
    document = adopted_document(adoption)
    registrations = delayed_registrations(document).filter(qualification=locked)
    centre_ids = list(registrations.order_by("centre_id").values_list("centre_id", flat=True).distinct())
    if not centre_ids:
        raise GuardedError([_not_delayed(locked)])
    said = {
        "kind": kind, "title": title.strip(), "starts_on": starts_on, "ends_on": ends_on, "entries_by": entries_by,
        "details": details.strip(),
    }  # fmt: skip
    if replaces is not None:
        ended = _end(replaces, _("Moved"))
        if all(getattr(ended, name) == value for name, value in said.items()):
            raise GuardedError([_unchanged(ended)])
    made = AssessmentDate.objects.create(
        framework_code=document.id, adoption=adoption, qualification=locked, replaces=replaces,
        published_by=actor.person, **said,
    )  # fmt: skip
    facts = {"qan": locked.qan, "kind": kind, "starts_on": str(starts_on), "ends_on": str(ends_on)}
    record("assessment_date.published", actor=actor, target=made, data=facts)
    words = {"title": made.title, "day": date_format(starts_on, "j F Y")}
    subject = _("Moved: %(title)s is on %(day)s") if replaces else _("New date: %(title)s, %(day)s")
    _tell_concerned(made, centre_ids, f"assessment-date-{made.pk}", subject % words, made.details)
    return made


@transaction.atomic
def withdraw_date(*, actor: Standing, date: AssessmentDate, reason: str) -> AssessmentDate:
    """Takes a published date back, with the reason; those who were told of it are told (MIT-16). Raises StalePageError."""
    actor.require(Permission.IMPACT_MANAGE)
    ended = _end(date, reason.strip())
    record("assessment_date.withdrawn", actor=actor, target=ended, data={"reason": ended.end_reason})
    registrations = delayed_registrations(adopted_document(ended.adoption)).filter(qualification=ended.qualification)
    centre_ids = list(registrations.order_by("centre_id").values_list("centre_id", flat=True).distinct())
    subject = _("Called off: %(title)s") % {"title": ended.title}
    _tell_concerned(ended, centre_ids, f"assessment-date-{ended.pk}-ended", subject, ended.end_reason)
    return ended


def _end(date: AssessmentDate, reason: str) -> AssessmentDate:
    rows = AssessmentDate.objects.select_for_update(of=("self",))
    locked = rows.select_related("qualification", "adoption__framework", "ao").get(pk=date.pk)
    if locked.ended_at is not None:
        raise StalePageError(_("Somebody has moved or withdrawn this date already. Nothing of yours was saved."))
    locked.ended_at, locked.end_reason = timezone.now(), reason
    locked.save(update_fields=["ended_at", "end_reason"])
    return locked


def _unchanged(date: AssessmentDate) -> Finding:
    return Finding(
        "MIT-16", Severity.BLOCKS, date.title, _("It is published with this day and these words already."),
        _("Change what is to change. Nobody is told of a date that stays as it is."), "unchanged",
    )  # fmt: skip


def _not_delayed(qualification: Qualification) -> Finding:
    return Finding(
        "MIT-16", Severity.BLOCKS, qualification.display_qan,
        _("No centre waits for a delayed assessment of this qualification."),
        _("Set “Delayed assessment” as its outcome first; dates are for centres with impacted learners."), "not_delayed",
    )  # fmt: skip


def _tell_concerned(date: AssessmentDate, centre_ids: list[int], key: str, subject: str, body: str) -> None:
    contacts = contacts_of(centre_ids)
    staff = staff_concerned(date.qualification_id, centre_ids)
    told: set[int] = set()
    notices = []
    for centre_id in centre_ids:
        people = {person.pk for person in contacts.get(centre_id, ())} | staff.get(centre_id, set())
        for person_id in sorted(people - told):
            told.add(person_id)
            notices.append(
                Notice(
                    person_id=person_id, centre_id=centre_id, key=key, urgency=Urgency.URGENT, subject=subject[:200],
                    body=f"{date.qualification}\n\n{body}".strip(),
                    url=reverse("public:qualification", args=[date.qualification.qan]),
                    target_type=date._meta.label_lower, target_id=date.pk,
                )
            )  # fmt: skip
    notify_in_bulk(notices)


def question_url(question: DelayQuestion) -> str:
    """The address of a question's page."""
    return reverse("mitigations:delay_question", kwargs={"ao": question.ao.slug, "delay_question_id": question.pk})
