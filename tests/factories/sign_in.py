"""Signing a test client in, with or without the second factor that some roles must use."""

from __future__ import annotations

import time

from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.mfa.utils import decrypt
from django.test import Client

from awarding.accounts.models import User

TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def sign_in(client: Client, person: User, second_factor: bool = True, fresh: bool = False) -> None:
    """Signs `client` in as `person`, as the sign-in page would leave the session.

    With `second_factor` the session holds a code from an authenticator app, which the person then also has. With `fresh`
    they have just proved who they are once more, as changes to the account ask.
    """
    client.force_login(person)
    records: list[dict[str, object]] = [{"method": "password", "at": time.time(), "email": person.email}]
    if second_factor:
        authenticator = give_totp(person)
        records.append({"method": "mfa", "at": time.time(), "id": authenticator.pk, "type": "totp"})
    if fresh:
        records.append({"method": "password", "at": time.time(), "reauthenticated": True})
    if fresh and second_factor:
        records.append({"method": "mfa", "at": time.time(), "reauthenticated": True})
    session = client.session
    session[AUTHENTICATION_METHODS_SESSION_KEY] = records
    session[f"{AUTHENTICATION_METHODS_SESSION_KEY}_user"] = str(person.pk)
    session.save()


def give_totp(person: User) -> Authenticator:
    """The person's authenticator app; made when there is none."""
    found = Authenticator.objects.filter(user=person, type=Authenticator.Type.TOTP).first()
    return found or TOTP.activate(person, TOTP_SECRET).instance


def totp_code(person: User, steps: int = 0) -> str:
    """The code that the person's app shows now; `steps` periods of 30 seconds later or earlier."""
    secret = decrypt(Authenticator.objects.get(user=person, type=Authenticator.Type.TOTP).data["secret"])
    counters = list(yield_hotp_counters_from_time())
    return format_hotp_value(hotp_value(secret, counters[len(counters) // 2] + steps))
