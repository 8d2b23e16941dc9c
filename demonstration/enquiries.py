"""Questions in every state, answers that were made of them, and a clinic to come."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from awarding.accounts.roles import Role
from awarding.accounts.standing import Standing
from awarding.enquiries.models import Enquiry, Topic
from awarding.enquiries.services.answer import publish_answer
from awarding.enquiries.services.enquiry import (
    answer_enquiry,
    ask_back,
    ask_enquiry,
    close_enquiry,
    note_on_enquiry,
    reply_to_enquiry,
)
from awarding.enquiries.services.routing import add_rule, add_topic
from awarding.enquiries.services.session import announce_session, sign_up
from mitigations.models import Claim

TOPICS = ("Evidence", "Which units to claim", "Dates", "Registrations")
CLOSED = "Thank you, that is all."


def seed_enquiries(admin: Standing, panel: Standing, contact: Standing) -> None:
    """One enquiry in each state, one of them overdue, with what the AO made of them. Needs the AO's scope."""
    topics = {name: add_topic(actor=admin, name=name) for name in TOPICS}
    add_rule(actor=admin, topic=topics["Evidence"], sector="", role=Role.PANEL_MEMBER)
    claims = list(
        Claim.objects.filter(centre_id__in=contact.centre_ids, continues=None)
        .select_related("qualification")
        .order_by("id")
    )
    ask = _Asking(contact, topics)
    overdue = ask(claims[0], "Evidence", "A witness statement without a date",
                  "The witness did not date it. Does it still count?")  # fmt: skip
    # Asked a while ago: no service makes a day that has passed.
    asked = timezone.now() - dt.timedelta(days=9)
    Enquiry.objects.filter(pk=overdue.pk).update(
        due_on=timezone.localdate() - dt.timedelta(days=2), asked_at=asked, state_since=asked
    )
    note_on_enquiry(actor=panel, enquiry=overdue, text="Same question as last week. Worth a published answer?")
    waiting = ask(claims[1], "Which units to claim", "Two optional units half done", "May both be claimed?")
    ask_back(actor=admin, enquiry=waiting, text="Which two units are they?", expected_version=waiting.version)
    answered = ask(claims[1], "Dates", "Last day for the workbook", "Until when may we upload the workbook?")
    answer_enquiry(
        actor=admin, enquiry=answered, expected_version=answered.version,
        text="Until the last day named on the page of the framework. Nothing is lost if you come back to it.",
    )  # fmt: skip
    again = ask(claims[0], "Registrations", "A learner is missing", "One of our learners is not on the eRAC.")
    again = answer_enquiry(
        actor=admin,
        enquiry=again,
        text="Upload the registration, then generate the eRAC.",
        expected_version=again.version,
    )
    reply_to_enquiry(
        actor=contact, enquiry=again, text="The eRAC was submitted already. What now?", expected_version=again.version
    )
    closed = ask(claims[2 % len(claims)], "Dates", "Panel meetings", "How often does the panel meet?")
    closed = answer_enquiry(
        actor=admin, enquiry=closed, text="It decides every day, in order of arrival.", expected_version=closed.version
    )
    close_enquiry(actor=contact, enquiry=closed, expected_version=closed.version)
    _publish(admin, topics, closed, claims[0])
    _announce(admin, contact)


class _Asking:
    """The quality contact asks about a claim of the centre."""

    def __init__(self, contact: Standing, topics: dict[str, Topic]) -> None:
        self.contact, self.topics = contact, topics

    def __call__(self, claim: Claim, topic: str, subject: str, question: str) -> Enquiry:
        return ask_enquiry(
            actor=self.contact, centre_id=None, about=claim.number, topic=self.topics[topic], subject=subject,
            question=question,
        )  # fmt: skip


def _publish(admin: Standing, topics: dict[str, Topic], source: Enquiry, claim: Claim) -> None:
    publish_answer(
        actor=admin, question="How often does the panel meet?", topic=topics["Dates"], enquiry=source,
        answer="It decides every working day, in order of arrival. Your claim’s page says whose turn it is.",
    )  # fmt: skip
    publish_answer(
        actor=admin, question="Does a tracker count as evidence?", topic=topics["Evidence"],
        qualification=claim.qualification,
        answer="Only beside the learner’s own work. Name both on the checklist; what cannot be reached is declared there.",
    )  # fmt: skip


def _announce(admin: Standing, contact: Standing) -> None:
    begins = timezone.localtime().replace(hour=15, minute=30, second=0, microsecond=0) + dt.timedelta(days=6)
    session = announce_session(
        actor=admin, kind="clinic", title="Your eRAC in half an hour", minutes=30, starts_at=begins, capacity=40,
        about="Bring the number of an eRAC that you are stuck with. We look at it together.",
        link="https://meet.example/erac-clinic", roles=[Role.QUALITY_CONTACT, Role.TEACHER],
    )  # fmt: skip
    sign_up(actor=contact, session=session)
    announce_session(
        actor=admin, kind="demonstration", title="The evidence checklist, step by step", minutes=20,
        starts_at=begins + dt.timedelta(days=1), about="For whoever fills one in for the first time.", place="Online",
        roles=[Role.TEACHER, Role.INTERNAL_VERIFIER],
    )  # fmt: skip
