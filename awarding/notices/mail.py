"""Handing one message to the mail server, and telling a server that is away from one that refuses the message."""

from __future__ import annotations

import logging
from enum import Enum
from smtplib import SMTPDataError, SMTPRecipientsRefused, SMTPSenderRefused

from django.core.mail import EmailMessage

log = logging.getLogger(__name__)
REFUSALS = (SMTPRecipientsRefused, SMTPSenderRefused, SMTPDataError)


class Delivery(Enum):
    """What became of one attempt. REFUSED concerns this message; AWAY concerns them all, and passes."""

    SENT = "sent"
    REFUSED = "refused"
    AWAY = "away"


def try_to_send(message: EmailMessage) -> Delivery:
    """One attempt. Never raises for what a mail server or the way to it can do."""
    try:
        message.send()
    except REFUSALS as error:
        log.warning("The mail server refused a message: %s", error)
        return Delivery.REFUSED
    except OSError as error:  # smtplib's other errors are OSErrors too
        log.warning("The mail server cannot be reached; messages wait: %s", error)
        return Delivery.AWAY
    return Delivery.SENT
