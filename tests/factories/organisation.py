"""AOs, people and centres for tests."""

from __future__ import annotations

import itertools

from awarding.accounts.models import Membership, User
from awarding.accounts.roles import Role
from awarding.accounts.standing import Standing
from awarding.tenancy.models import AwardingOrganisation
from centres.models import Centre, Establishment

_count = itertools.count(1)


def make_ao(slug: str = "aim", **fields: object) -> AwardingOrganisation:
    n = next(_count)
    values = {"name": f"{slug.upper()} Qualifications {n}", "acronym": slug.upper(), "recognition_number": f"RN{n:04d}"}
    return AwardingOrganisation.objects.create(slug=slug, claim_prefix=slug.upper(), **(values | fields))


def make_person(name: str = "Sam Okafor", email: str = "", password: str | None = None) -> User:
    return User.objects.create_user(email or f"person{next(_count)}@example.org", password, name=name)


def make_centre(name: str = "Northfield College", number: str = "", **fields: object) -> Centre:
    establishment = Establishment.objects.create(name=name, is_synthetic=True)
    return Centre.objects.create(
        establishment=establishment, name=name, number=number or f"C{next(_count):04d}", **fields
    )


def make_membership(person: User, role: Role, centre: Centre | None = None) -> Membership:
    return Membership.objects.create(person=person, role=role, centre=centre)


def make_standing(
    ao: AwardingOrganisation, role: Role, centre: Centre | None = None, person: User | None = None
) -> Standing:
    """A person with one role, saved, as the services want to see them."""
    person = person or make_person(name=f"The {role.label}")
    make_membership(person, role, centre)
    return Standing(person, ao, frozenset({(role, centre.pk if centre else None)}))
