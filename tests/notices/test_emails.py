"""The e-mail of a notice: what it says, and what happens when the queue or the mail server is away."""

from __future__ import annotations

import contextlib
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.db import transaction
from kombu.exceptions import OperationalError as QueueError

from awarding.accounts.roles import Role
from awarding.notices import tasks
from awarding.notices.models import Notice
from awarding.notices.services import MAX_EMAIL_ATTEMPTS, notify_people, send_waiting_emails
from awarding.tenancy.scope import open_scope
from tests.factories import make_ao, make_person, make_standing

pytestmark = pytest.mark.django_db


@pytest.fixture
def ao():
    return make_ao("aim")


@pytest.fixture
def people(ao):
    with open_scope(ao):
        return [make_standing(ao, Role.PANEL_MEMBER, person=make_person(f"Panel {n}")).person for n in range(3)]


def tell(ao, people, key="claim.1.queued", **fields) -> None:
    with open_scope(ao):
        notify_people(people=people, key=key, **({"subject": "A claim waits", "body": "Grade: Pass for Jo"} | fields))


def away(self) -> None:
    raise SMTPServerDisconnected("away")


def test_it_says_where_to_look_and_nothing_of_what_it_is_about(ao, people):
    tell(ao, people[:1], url="/ao/aim/claims/7/")
    assert send_waiting_emails(ao) == 1
    message = mail.outbox[0]
    assert message.to == [people[0].email]
    assert message.subject == "[AIM] A claim waits"
    assert "/ao/aim/claims/7/" in message.body
    assert "Grade" not in message.body and "Jo" not in message.body


def test_each_person_is_e_mailed_once_however_often_it_is_asked(ao, people):
    tell(ao, people)
    assert [send_waiting_emails(ao), send_waiting_emails(ao)] == [3, 0]
    tell(ao, people)
    assert send_waiting_emails(ao) == 0
    assert sorted(message.to[0] for message in mail.outbox) == sorted(person.email for person in people)


def test_a_mail_server_that_is_away_for_long_loses_nothing(ao, people, monkeypatch):
    tell(ao, people)
    with monkeypatch.context() as patch:
        patch.setattr(EmailMessage, "send", away)
        for _ in range(MAX_EMAIL_ATTEMPTS + 2):
            assert send_waiting_emails(ao) == 0
    assert send_waiting_emails(ao) == 3
    assert len(mail.outbox) == 3


def test_a_server_that_goes_away_half_way_sends_the_rest_later_and_none_twice(ao, people, monkeypatch):
    tell(ao, people)
    works, sent = EmailMessage.send, []

    def once_then_away(self):
        if sent:
            raise ConnectionResetError("away")
        sent.append(self.to)
        return works(self)

    with monkeypatch.context() as patch:
        patch.setattr(EmailMessage, "send", once_then_away)
        assert send_waiting_emails(ao) == 1
    assert send_waiting_emails(ao) == 2
    assert sorted(message.to[0] for message in mail.outbox) == sorted(person.email for person in people)


def test_one_refused_address_holds_nobody_up_and_is_given_up_in_the_end(ao, people, monkeypatch):
    tell(ao, people)
    works = EmailMessage.send

    def refuse_first(self):
        if self.to == [people[0].email]:
            raise SMTPRecipientsRefused({people[0].email: (550, b"no such mailbox")})
        return works(self)

    monkeypatch.setattr(EmailMessage, "send", refuse_first)
    assert send_waiting_emails(ao) == 2
    for _ in range(MAX_EMAIL_ATTEMPTS):
        assert send_waiting_emails(ao) == 0
    with open_scope(ao):
        notice = Notice.objects.get(person=people[0])
        assert notice.emailed_at is None and notice.email_attempts == MAX_EMAIL_ATTEMPTS


def test_a_queue_that_is_away_loses_nothing_the_sweep_sends_it(
    ao, people, monkeypatch, django_capture_on_commit_callbacks
):
    def no_queue(*args, **kwargs):
        raise QueueError("away")

    monkeypatch.setattr(tasks.send_emails, "delay", no_queue)
    with django_capture_on_commit_callbacks(execute=True):
        tell(ao, people)
    assert mail.outbox == []
    tasks.sweep_notices()
    assert len(mail.outbox) == 3


def test_nothing_is_sent_for_what_was_rolled_back(ao, people, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True) as callbacks, pytest.raises(RuntimeError), open_scope(ao):
        notify_people(people=people, key="k", subject="s", body="b")
        raise RuntimeError("the claim was not moved after all")
    assert callbacks == []
    assert send_waiting_emails(ao) == 0


def test_each_ao_sends_its_own(ao, people):
    other = make_ao("other")
    tell(ao, people)
    assert send_waiting_emails(other) == 0
    assert send_waiting_emails(ao) == 3


@pytest.mark.django_db(transaction=True)
def test_one_transaction_asks_the_queue_once_for_each_organisation(monkeypatch):
    asked = []
    monkeypatch.setattr(tasks.send_emails, "delay", asked.append)
    ao, other = make_ao("aim"), make_ao("other")
    people = [make_person(f"Panel {n}") for n in range(3)]
    with transaction.atomic():
        for number in range(4):
            tell(ao, people, key=f"claim.{number}.queued")
        tell(other, people)
    assert asked == [ao.pk, other.pk]
    tell(ao, people, key="claim.9.queued")
    assert asked == [ao.pk, other.pk, ao.pk]


@pytest.mark.django_db(transaction=True)
def test_what_a_savepoint_took_back_does_not_keep_the_rest_from_being_sent(monkeypatch):
    asked = []
    monkeypatch.setattr(tasks.send_emails, "delay", asked.append)
    ao, people = make_ao("aim"), [make_person("Panel")]
    with transaction.atomic():
        with contextlib.suppress(ZeroDivisionError), transaction.atomic():
            tell(ao, people, key="claim.1.queued")
            raise ZeroDivisionError
        tell(ao, people, key="claim.2.queued")
        with contextlib.suppress(ZeroDivisionError), transaction.atomic():
            tell(ao, people, key="claim.3.queued")
            raise ZeroDivisionError
    assert asked == [ao.pk]
