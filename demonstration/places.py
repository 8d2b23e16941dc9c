"""Invented centres. One of them is approved by both awarding organisations."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from awarding.accounts.standing import Standing
from awarding.tenancy.models import AwardingOrganisation
from centres.models import Centre, Establishment
from centres.services.approvals import approve_centre


@dataclass(frozen=True)
class Place:
    """An invented establishment and its standing with the awarding organisation."""

    key: str
    name: str
    type: str
    region: str
    risk: int = Centre.Risk.LOW


# The key is the domain of its people's addresses.
SHARED = Place("harbourside", "Harbourside College", "Further education college", "South West", risk=2)
PLACES: dict[str, tuple[Place, ...]] = {
    "aim": (
        Place("northfield", "Northfield Community College", "Further education college", "East Midlands"),
        SHARED,
        Place("brynglas", "Ysgol Bryn Glas Training Centre", "Training provider", "Wales", risk=3),
        Place("larkhill", "Larkhill Adult Learning", "Adult education", "West Midlands"),
        Place("oakmead", "Oakmead Skills Workshop", "Training provider", "North East", risk=4),
    ),
    "ncfe": (
        Place("tynebank", "Tynebank Sixth Form", "Sixth form college", "North East"),
        SHARED,
        Place("fenland", "Fenland Early Years Training", "Training provider", "East of England", risk=2),
        Place("marlowe", "Marlowe Creative Academy", "Academy", "London"),
    ),
}


def seed_places(ao: AwardingOrganisation, admin: Standing, first_number: int) -> dict[str, Centre]:
    """The AO's centres by key, numbered from `first_number`."""
    made = {}
    for step, place in enumerate(PLACES[ao.slug or ""]):
        establishment = Establishment.objects.filter(name=place.name, is_synthetic=True).first() or Establishment(
            name=place.name, type=place.type, region=place.region, is_synthetic=True
        )
        made[place.key] = approve_centre(
            actor=admin, establishment=establishment, number=f"{first_number + step}",
            risk=place.risk, approved_on=dt.date(2016, 9, 1) + dt.timedelta(days=97 * step),
        )  # fmt: skip
    return made
