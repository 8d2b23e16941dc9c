"""What the public check page may know of a certificate."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from django.utils import timezone

from results.models import Certificate
from results.queries.certificates import certificates_in_full


@dataclass(frozen=True)
class Checked:
    """The answer: "genuine", "revoked" or "unknown". Only a certificate in force comes with its facts."""

    verdict: str
    certificate: Certificate | None = None


UNKNOWN = Checked("unknown")


def check_certificate(number: str, code: str) -> Checked:
    """The certificate of the open AO that carries this number and code, if it may be known yet.

    A wrong code is answered like a number that does not exist, and so is a result before its release (RES-01).
    """
    found = certificates_in_full().filter(number=number.strip().upper()).first()
    if found is None or not secrets.compare_digest(found.check_code.encode(), code.strip().upper().encode()):
        return UNKNOWN
    if found.result.release_at > timezone.now():
        return UNKNOWN
    if found.state == Certificate.State.REVOKED:
        return Checked("revoked", found)
    return Checked("genuine", found) if found.state == Certificate.State.ACTIVE else UNKNOWN
