"""Writing to just those centres whose Q-TAGs stand somewhere, once for one click."""

from __future__ import annotations

import re
from collections.abc import Sequence

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from awarding.audit.services import record
from awarding.frameworks.models import Adoption
from awarding.notices.models import Notice
from awarding.notices.services import notify_in_bulk
from awarding.workflow.services import ReasonMissingError, StalePageError, TransitionError
from qtag.models import ProgressMessage
from qtag.queries.messages import Addressing, addressing, subject_for
from qtag.queries.progress import Filters

ULN = re.compile(r"(?<!\d)\d{10}(?!\d)")


class MessageError(TransitionError):
    """The message cannot go as it is. The text says why."""


@transaction.atomic
def send_progress_message(
    *, actor: Standing, adoption: Adoption, filters: Filters, roles: Sequence[str], body: str, token: str, shown_digest: str
) -> ProgressMessage:  # fmt: skip
    """Tells the people of every centre that fits `filters`, each once; the same `token` again sends nothing (one click).

    `shown_digest` is that of the people who were shown: when they are others now, StalePageError and nobody is told. The
    e-mail carries the portal's own subject and an address; `body` is read in the inbox, and one that names a learner's
    number is refused (QTG-17). Raises ReasonMissingError without a text, MessageError when nobody would be reached.
    """
    actor.require(Permission.QTAGS_WRITE)
    before = ProgressMessage.objects.filter(token=token).first()
    if before is not None:
        return before
    if not body.strip():
        raise ReasonMissingError(_("Write the message first."))
    if ULN.search(body):
        raise MessageError(_("A learner’s number stands in the message. Take it out: name no learner and no grade."))
    found = addressing(adoption, filters, roles)
    if not found.people:
        raise MessageError(_("Nobody would be told: no centre fits, or nobody there holds the roles you ticked."))
    if found.digest != shown_digest:
        raise StalePageError(_("Who would be told changed since you looked. Nobody has been told; look again below."))
    message, is_new = ProgressMessage.objects.get_or_create(
        token=token,
        defaults={
            "adoption": adoption, "subject": subject_for(filters.only), "body": body.strip(), "filters": filters.asked,
            "roles": list(roles), "centres": [centre.pk for centre in found.centres], "people": len(found.people),
            "sent_by": actor.person,
        },
    )  # fmt: skip
    if is_new:
        _tell(message, found, filters)
        data = {"centres": len(found.centres), "people": len(found.people), "filters": filters.asked}
        record("progress_message.sent", actor=actor, target=message, data=data)
    return message


def _tell(message: ProgressMessage, found: Addressing, filters: Filters) -> None:
    name = "qtag:declarations" if filters.only == "unsigned" else "qtag:submissions"
    url = reverse(name, kwargs={"ao": message.ao.slug})
    notify_in_bulk(
        Notice(
            person=row.person, centre=row.centre, key=f"{message.key}-{row.centre.pk}", subject=message.subject,
            body=message.body, url=url, target_type=message._meta.label_lower, target_id=message.pk,
        )
        for row in found.people
    )  # fmt: skip
