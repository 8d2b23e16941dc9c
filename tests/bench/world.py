"""What the measured pages show: one AO with a centre, its learners, claims in every state, and a register."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import connection
from django.utils import timezone

from awarding.accounts.models import User
from awarding.accounts.roles import Role
from awarding.catalogue.models import Qualification
from awarding.catalogue.register.names import title_key
from awarding.frameworks.models import Adoption
from awarding.tenancy.models import AwardingOrganisation
from awarding.tenancy.scope import open_scope
from awarding.workflow.models import StatusEvent
from centres.models import Centre, Cohort, Learner, Registration
from mitigations.models import Claim, ClaimCell, ClaimLearner, ClaimUnit, Outcome
from tests.bench import database
from tests.factories import adopt_framework, make_ao, make_centre, make_person, make_qualification, make_standing
from tests.factories.awards import make_qan, make_uln

CLAIMS, LEARNERS, QUALIFICATIONS, CLAIM_LEARNERS, CLAIM_UNITS = 400, 2_000, 1_500, 12, 8
STATES = ("drafted", "drafted", "queued", "queued", "unallocated", "verified", "processed", "withdrawn")


@dataclass
class World:
    """An AO of `size` times the usual rows, and the people who look at it."""

    ao: AwardingOrganisation
    centre: Centre
    contact: User
    admin: User
    claim_id: int
    size: int


def build(size: int = 1) -> World:
    """Empties the database and fills it."""
    database.empty()
    database.as_owner(*_bare_table())
    ao = make_ao("aim")
    with open_scope(ao):
        centre = make_centre("Northfield College")
        contact = make_standing(ao, Role.QUALITY_CONTACT, centre, make_person("Sam Okafor"))
        admin = make_standing(ao, Role.AO_ADMIN, None, make_person("Helen Marsh"))
        qualification = make_qualification(units=CLAIM_UNITS * size, grades=("U", "Pass", "Merit", "Dist"))
        adoption = adopt_framework()
        outcome = Outcome.objects.create(
            qualification=qualification, adoption=adoption, framework_code=adoption.framework.code,
            kind="calculated_grade",
        )  # fmt: skip
        _register(qualification, QUALIFICATIONS * size)
        registrations = _learners(centre, qualification, LEARNERS * size)
        claim_id = _claims(centre, qualification, adoption, outcome, registrations, contact.person, size)
    database.analyse()
    return World(ao, centre, contact.person, admin.person, claim_id, size)


def _bare_table() -> list[str]:
    from tests.bench.bare import TABLE

    return [TABLE, "GRANT SELECT ON bench_thing TO PUBLIC"]


def _register(like: Qualification, count: int) -> None:
    rows = []
    for n in range(count):
        title = f"Level {n % 5 + 1} Certificate in {('Care', 'Construction', 'Coding', 'Catering')[n % 4]} Practice {n}"
        rows.append(
            Qualification(
                qan=make_qan(100_000 + n), title=title, title_key=title_key(title), level=f"Level {n % 5 + 1}",
                type=like.type, sector=f"Sector {n % 15}", status="Available to learners", category="B1",
            )
        )  # fmt: skip
    Qualification.objects.bulk_create(rows, batch_size=2000)


def _learners(centre: Centre, qualification: Qualification, count: int) -> list[Registration]:
    return register_learners(centre, qualification, count)


def register_learners(
    centre: Centre, qualification: Qualification, count: int, *, first: int = 0
) -> list[Registration]:
    """New learners of one cohort; `first` keeps their ULNs apart from those of earlier calls."""
    cohort = Cohort.objects.create(centre=centre, qualification=qualification, name="2019-20")
    learners = Learner.objects.bulk_create(
        (
            Learner(
                centre=centre, uln=make_uln(1_000 + first + n), given_names=f"Given{n}", family_name=f"Family{n % 997}",
                name_key=f"family{n % 997} given{n}", date_of_birth=dt.date(2002, 1 + n % 12, 1 + n % 28),
                is_synthetic=True,
            )
            for n in range(count)
        ),
        batch_size=2000,
    )  # fmt: skip
    return Registration.objects.bulk_create(
        (
            Registration(
                centre=centre, learner=learner, qualification=qualification, cohort=cohort,
                registered_on=dt.date(2019, 10, 1), starts_on=dt.date(2019, 9, 9), ends_on=dt.date(2020, 6, 30),
            )
            for learner in learners
        ),
        batch_size=2000,
    )  # fmt: skip


def _claims(
    centre: Centre, qualification: Qualification, adoption: Adoption, outcome: Outcome,
    registrations: list[Registration], person: User, size: int,
) -> int:  # fmt: skip
    """Claims in every state; the last, drafted and filled in, is the one whose page is measured."""
    cohort = Cohort.objects.get(centre=centre)
    now = timezone.now()
    states = [STATES[n % len(STATES)] for n in range(CLAIMS * size - 1)] + ["drafted"]
    claims = Claim.objects.bulk_create(
        Claim(
            centre=centre, qualification=qualification, cohort=cohort, number=f"AIM-2026-{n + 1:06d}", adoption=adoption,
            outcome=outcome, mitigation="calculated_grade", state=state, created_by=person,
            queued_at=now - dt.timedelta(hours=n) if state == "queued" else None,
        )
        for n, state in enumerate(states)
    )  # fmt: skip
    rows, events = [], []
    for n, claim in enumerate(claims):
        some = [registrations[(n * 7 + k) % len(registrations)] for k in range(CLAIM_LEARNERS * size)]
        rows += [ClaimLearner(claim=claim, registration=one, position=k) for k, one in enumerate(some)]
        events.append(
            StatusEvent(
                target_type="mitigations.claim",
                target_id=claim.pk,
                transition="generate",
                target=claim.state,
                actor=person,
            )
        )
    made = ClaimLearner.objects.bulk_create(rows, batch_size=2000)
    StatusEvent.objects.bulk_create(events, batch_size=2000)
    claim = claims[-1]
    units = ClaimUnit.objects.bulk_create(
        ClaimUnit(claim=claim, unit_id=place.unit_id, position=place.position)
        for place in qualification.unit_places.all()
    )
    ClaimCell.objects.bulk_create(
        ClaimCell(claim=claim, learner=row, unit=unit, value="Pass")
        for row in made[-CLAIM_LEARNERS * size :]
        for unit in units
    )
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    return claim.pk
