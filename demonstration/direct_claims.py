"""Direct claims status in every state that has something to do in it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils import timezone

from awarding.accounts.standing import Standing
from awarding.catalogue.models import Qualification
from centres.models import Centre
from centres.services.direct_claims import apply_for_direct_claims, grant_direct_claims, move_direct_claims


@dataclass(frozen=True)
class Given:
    """What one centre has for one award: numbers of the award and the centre; granted so many days ago, None if it waits."""

    award: int
    centre: int
    days_ago: int | None
    is_frozen: bool = False


GIVEN = (
    Given(1, 3, 40),
    # Its first monitoring is overdue.
    Given(3, 1, 240),
    Given(2, 2, None),
    Given(0, 4, 100, is_frozen=True),
)


def give_status(given: Given, contact: Standing, admin: Standing, centre: Centre, qualification: Qualification) -> None:
    """Applied for by the centre's contact and, if so, granted and frozen by the AO's admin."""
    status = apply_for_direct_claims(
        actor=contact, centre=centre, qualification=qualification,
        reason="Three visits in a row found internal verification sound; two trained verifiers sample every unit.",
    )  # fmt: skip
    if given.days_ago is None:
        return
    status = grant_direct_claims(
        actor=admin, status=status, reason="The reports of three visits bear it out.", expected_version=status.version,
        today=timezone.localdate() - dt.timedelta(days=given.days_ago),
    )  # fmt: skip
    if given.is_frozen:
        move_direct_claims(
            actor=admin, status=status, move="freeze", expected_version=status.version,
            reason="The centre did not answer two requests for its sampling plan.",
        )  # fmt: skip
