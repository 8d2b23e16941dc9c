"""Invented people: somebody in every role of both awarding organisations, and two who work for both."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password

from awarding.accounts.demonstration import give_demo_second_factor
from awarding.accounts.models import Membership, User
from awarding.accounts.roles import SECOND_FACTOR_ROLES, Role
from awarding.accounts.standing import Process, Standing, standing_of
from awarding.audit.services import record
from awarding.tenancy.models import AwardingOrganisation
from centres.models import Centre

# Known to everybody and good for nothing else: these accounts exist in demonstrations only.
PASSWORD = "demonstration-only"  # noqa: S105
SEED = Process("seed_demo")


@dataclass(frozen=True)
class Person:
    """An invented person and their roles: (AO's slug, role, centre's key or "" for the AO itself)."""

    name: str
    email: str
    roles: tuple[tuple[str, Role, str], ...]


R = Role
PEOPLE: tuple[Person, ...] = (
    # Both awarding organisations. (So does Naomi Clarke below: Sam Okafor, whom the README's walk begins with, stands first.)
    Person("Tomasz Wiśniewski", "tomasz.wisniewski@verifiers.example",
           (("aim", R.EXTERNAL_VERIFIER, ""), ("ncfe", R.EXTERNAL_VERIFIER, ""))),
    # AIM Qualifications.
    Person("Helen Marsh", "helen.marsh@aim.example", (("aim", R.AO_ADMIN, ""),)),
    Person("Adaeze Obi", "adaeze.obi@aim.example", (("aim", R.PANEL_MEMBER, ""),)),
    Person("Iestyn Puw", "iestyn.puw@aim.example", (("aim", R.PANEL_MEMBER, ""),)),
    Person("Eleri Vaughan", "eleri.vaughan@aim.example", (("aim", R.PANEL_CHAIR, ""),)),
    Person("Priya Raman", "priya.raman@verifiers.example", (("aim", R.EXTERNAL_VERIFIER, ""),)),
    Person("Callum Reid", "callum.reid@aim.example", (("aim", R.INVESTIGATIONS, ""),)),
    Person("Margaret O’Neill", "margaret.oneill@aim.example", (("aim", R.RESPONSIBLE_OFFICER, ""),)),
    Person("Sam Okafor", "sam.okafor@northfield.example", (("aim", R.QUALITY_CONTACT, "northfield"),)),
    Person("Naomi Clarke", "naomi.clarke@harbourside.example",
           (("aim", R.QUALITY_CONTACT, "harbourside"), ("ncfe", R.QUALITY_CONTACT, "harbourside"))),
    Person("Ruth Ellery", "ruth.ellery@northfield.example", (("aim", R.TEACHER, "northfield"),)),
    Person("Dawud Rahman", "dawud.rahman@northfield.example", (("aim", R.INTERNAL_VERIFIER, "northfield"),)),
    Person("Beth Ashworth", "beth.ashworth@northfield.example", (("aim", R.LEAD_INTERNAL_VERIFIER, "northfield"),)),
    Person("Colin Fry", "colin.fry@northfield.example", (("aim", R.HEAD_OF_DEPARTMENT, "northfield"),)),
    Person("Grace Lindqvist", "grace.lindqvist@northfield.example", (("aim", R.HEAD_OF_CENTRE, "northfield"),)),
    Person("Owen Tate", "owen.tate@northfield.example", (("aim", R.SENIOR_DESIGNATED_CONTACT, "northfield"),)),
    Person("Megan Rhys", "megan.rhys@brynglas.example", (("aim", R.QUALITY_CONTACT, "brynglas"),)),
    Person("Gareth Bowen", "gareth.bowen@brynglas.example", (("aim", R.TEACHER, "brynglas"),)),
    Person("Yusuf Demir", "yusuf.demir@larkhill.example", (("aim", R.QUALITY_CONTACT, "larkhill"),)),
    Person("Ines Carvalho", "ines.carvalho@larkhill.example", (("aim", R.DIRECT_CLAIMS_VERIFIER, "larkhill"),)),
    Person("Bill Hardcastle", "bill.hardcastle@oakmead.example", (("aim", R.QUALITY_CONTACT, "oakmead"),)),
    # NCFE.
    Person("Joanna Fielding", "joanna.fielding@ncfe.example", (("ncfe", R.AO_ADMIN, ""),)),
    Person("Marcus Bello", "marcus.bello@ncfe.example", (("ncfe", R.PANEL_MEMBER, ""),)),
    Person("Sunita Patel", "sunita.patel@ncfe.example", (("ncfe", R.PANEL_MEMBER, ""),)),
    Person("Derek Holloway", "derek.holloway@ncfe.example", (("ncfe", R.PANEL_CHAIR, ""),)),
    Person("Ewan Drummond", "ewan.drummond@ncfe.example", (("ncfe", R.INVESTIGATIONS, ""),)),
    Person("Patricia Voss", "patricia.voss@ncfe.example", (("ncfe", R.RESPONSIBLE_OFFICER, ""),)),
    Person("Leah Goldberg", "leah.goldberg@tynebank.example", (("ncfe", R.QUALITY_CONTACT, "tynebank"),)),
    Person("Andrew Stobbs", "andrew.stobbs@tynebank.example", (("ncfe", R.TEACHER, "tynebank"),)),
    Person("Mei-Ling Chow", "meiling.chow@tynebank.example", (("ncfe", R.INTERNAL_VERIFIER, "tynebank"),)),
    Person("Nadia Karim", "nadia.karim@tynebank.example", (("ncfe", R.LEAD_INTERNAL_VERIFIER, "tynebank"),)),
    Person("Peter Lowe", "peter.lowe@tynebank.example", (("ncfe", R.HEAD_OF_DEPARTMENT, "tynebank"),)),
    Person("Frances Otley", "frances.otley@tynebank.example", (("ncfe", R.HEAD_OF_CENTRE, "tynebank"),)),
    Person("Ravi Menon", "ravi.menon@tynebank.example", (("ncfe", R.SENIOR_DESIGNATED_CONTACT, "tynebank"),)),
    Person("Chloé Martin", "chloe.martin@marlowe.example", (("ncfe", R.QUALITY_CONTACT, "marlowe"),)),
    Person("Kwame Asante", "kwame.asante@marlowe.example", (("ncfe", R.DIRECT_CLAIMS_VERIFIER, "marlowe"),)),
    Person("Hannah Sykes", "hannah.sykes@fenland.example", (("ncfe", R.QUALITY_CONTACT, "fenland"),)),
)  # fmt: skip


@cache
def _hashed() -> str:
    """One hash for all of them: hashing is slow on purpose, and this password is no secret."""
    return make_password(PASSWORD)


def make_account(name: str, email: str) -> User:
    """A demonstration account with the known password and a proven address; the one that is there when there is one."""
    person = User.objects.filter(email=email).first()
    if person is None:
        person = User.objects.create(email=email, name=name, is_demo=True, password=_hashed())
        EmailAddress.objects.create(user=person, email=email, verified=True, primary=True)
    return person


def seed_staff(ao: AwardingOrganisation) -> dict[str, Standing]:
    """The AO's own people by e-mail address. Needs the AO's scope."""
    return _seed(ao, None)


def seed_centre_people(ao: AwardingOrganisation, centres: dict[str, Centre]) -> dict[str, Standing]:
    """The centres' people by e-mail address. Needs the AO's scope."""
    return _seed(ao, centres)


def _seed(ao: AwardingOrganisation, centres: dict[str, Centre] | None) -> dict[str, Standing]:
    standings = {}
    for person in PEOPLE:
        held = [
            (role, key) for slug, role, key in person.roles if slug == ao.slug and bool(key) == (centres is not None)
        ]
        if not held:
            continue
        account = make_account(person.name, person.email)
        grants: list[tuple[str, int | None]] = []
        for role, key in held:
            centre = centres[key] if centres is not None else None
            membership = Membership.objects.create(person=account, role=role, centre=centre)
            record("membership.began", actor=SEED, target=membership, data={"role": role.value})
            grants.append((role, centre.pk if centre else None))
            if role in SECOND_FACTOR_ROLES:
                give_demo_second_factor(account)
        standings[person.email] = standing_of(account, ao, grants)
    return standings


@dataclass(frozen=True)
class SignIn:
    """One line for whoever wants to look around: a role, where, and the address that signs in to it."""

    ao: str
    role: str
    email: str


def list_sign_ins() -> list[SignIn]:
    """One person for each role and AO, in the order of the roles."""
    lines = []
    for slug in dict.fromkeys(slug for person in PEOPLE for slug, _role, _key in person.roles):
        for role in Role:
            holder = next((p for p in PEOPLE if any(s == slug and r == role for s, r, _key in p.roles)), None)
            if holder is not None:
                lines.append(SignIn(slug, str(role.label), holder.email))
    return lines
