"""Telling people: one notice each, once per key, and an e-mail that says only that there is something to read."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import models, transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation
from kombu.exceptions import OperationalError as BrokerError

from awarding.accounts.models import User
from awarding.accounts.queries import holders, standings_of
from awarding.accounts.roles import Role
from awarding.notices.mail import Delivery, try_to_send
from awarding.notices.models import Notice, Urgency
from awarding.tenancy.models import AwardingOrganisation
from awarding.tenancy.scope import current_ao, open_scope

log = logging.getLogger(__name__)
MAX_EMAIL_ATTEMPTS = 8


def notify_roles(
    *, roles: set[Role], centre_id: int | None, key: str, subject: str, body: str, url: str = "",
    target: models.Model | None = None, urgency: Urgency = Urgency.GENERAL, besides: User | None = None,
) -> int:  # fmt: skip
    """Tells everybody who holds one of `roles` (at the centre, for centre roles), except the one who did it."""
    people = [person for person in holders(roles, centre_id) if person != besides]
    return notify_people(
        people=people, centre_id=centre_id, key=key, subject=subject, body=body, url=url, target=target, urgency=urgency
    )


def notify_people(
    *, people: Iterable[User], key: str, subject: str, body: str, url: str = "", centre_id: int | None = None,
    target: models.Model | None = None, urgency: Urgency = Urgency.GENERAL,
) -> int:  # fmt: skip
    """Writes one notice per person; the same key never twice to the same person. Answers how many are addressed.

    `body` must hold nothing that may not be seen before release: it is read in the inbox; the e-mail carries only the
    subject and the address of the page.
    """
    notices = [
        Notice(
            person=person, centre_id=centre_id, key=key, urgency=urgency, subject=subject, body=body, url=url,
            target_type=target._meta.label_lower if target is not None else "",
            target_id=target.pk if target is not None else None,
        )
        for person in people
    ]  # fmt: skip
    Notice.objects.bulk_create(notices, ignore_conflicts=True)
    _queue_emails_once(current_ao().pk)
    return len(notices)


def notify_in_bulk(notices: Iterable[Notice]) -> int:
    """Stores many different notices in one statement; as `notify_people` otherwise. Answers how many there are."""
    rows = list(notices)
    Notice.objects.bulk_create(rows, ignore_conflicts=True)
    if rows:
        _queue_emails_once(current_ao().pk)
    return len(rows)


@dataclass(frozen=True)
class _QueueEmails:
    """What is done when the transaction commits: one message to the queue, which sends all that waits."""

    ao_id: int

    def __call__(self) -> None:
        from awarding.notices.tasks import send_emails  # the task module imports this one

        try:
            send_emails.delay(self.ao_id)
        except (BrokerError, OSError) as error:
            log.warning("E-mails wait until the broker is back: %s", error)


def _queue_emails_once(ao_id: int) -> None:
    """Asks for the e-mails to be sent after the commit; a thousand notices of one transaction ask once.

    What was asked within a savepoint that is rolled back is off this list by then; a savepoint that is still open holds
    what is asked now as well. So whatever stands on it counts.
    """
    wanted = _QueueEmails(ao_id)
    if not any(asked == wanted for _levels, asked, _robust in transaction.get_connection().run_on_commit):
        transaction.on_commit(wanted)


def send_waiting_emails(ao: AwardingOrganisation) -> int:
    """Sends what has not been e-mailed yet, each row locked while it is sent. Answers how many went out.

    A mail server that is away ends the round and costs no attempt: however long it is away, nothing is given up. A
    message that the server refuses is given up after `MAX_EMAIL_ATTEMPTS`; it still stands in the inbox.
    """
    sent, last_id = 0, 0
    while True:
        with open_scope(ao):
            notice = (
                Notice.objects.select_for_update(skip_locked=True, of=("self",))
                .select_related("person")
                .filter(emailed_at=None, email_attempts__lt=MAX_EMAIL_ATTEMPTS, pk__gt=last_id)
                .order_by("id")
                .first()
            )
            if notice is None:
                return sent
            last_id = notice.pk
            delivery = try_to_send(_message(notice, ao))
            if delivery == Delivery.AWAY:
                return sent
            notice.email_attempts += 1
            if delivery == Delivery.SENT:
                notice.emailed_at = timezone.now()
                sent += 1
            notice.save(update_fields=["emailed_at", "email_attempts"])


def _message(notice: Notice, ao: AwardingOrganisation) -> EmailMessage:
    with translation.override(notice.person.language):
        body = render_to_string(
            "emails/notice.txt", {"notice": notice, "ao": ao, "url": f"{settings.PUBLIC_URL}{notice.url or '/inbox/'}"}
        )
    return EmailMessage(f"[{ao.short_name}] {notice.subject}", body, to=[notice.person.email])


def mark_read(*, person: User, notice: Notice) -> None:
    """Notes that its own addressee has read it."""
    Notice.objects.filter(pk=notice.pk, person=person, read_at=None).update(read_at=timezone.now())


def mark_all_read(*, person: User) -> int:
    """Notes that a person has read all of their notices, AO by AO. Answers how many were unread."""
    number = 0
    for standing in standings_of(person):
        with open_scope(standing.ao):
            number += Notice.objects.filter(person=person, read_at=None).update(read_at=timezone.now())
    return number
