"""The panel's queue with 200 claims waiting and with 20,000: its page is to cost the same."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator

from django.urls import clear_url_caches, reverse
from django.utils import timezone

from awarding.accounts.models import User
from awarding.accounts.roles import Role
from awarding.tenancy.scope import open_scope
from awarding.workflow.models import StatusEvent
from centres.models import Cohort
from mitigations.models import Claim, Outcome
from tests.bench import database
from tests.bench.measure import Row, compare
from tests.bench.pages import Server, cookie_of
from tests.factories import adopt_framework, make_ao, make_centre, make_person, make_qualification, make_standing

NAMES = {"panel_queue_growth"}
FEW, MANY = 200, 20_000
REQUESTS = 10
RULES = ([], ["CLM-06"], ["CLM-05", "CLM-06"], ["CLM-04"])


def rows(wanted: set[str], sizes: tuple[int, ...]) -> Iterator[Row]:
    """One row: the page's wall clock at `MANY` waiting claims beside `FEW`, by turns, in one database."""
    database.empty()
    few, many = _queue("few", FEW), _queue("many", MANY)
    database.analyse()
    clear_url_caches()
    server = Server()
    small, large = (_asker(server, person, slug) for person, slug in ((few, "few"), (many, "many")))
    yield compare(
        "panel_queue_growth", large, small, beside=f"the same page at {FEW} claims", size=f"{MANY} claims waiting",
        unit="ms", each=REQUESTS, clock=time.perf_counter,
    )  # fmt: skip


def _asker(server: Server, person: User, slug: str):  # type: ignore[no-untyped-def]
    cookie, address = cookie_of(person), reverse("mitigations:panel_queue", kwargs={"ao": slug})
    server.get(address, cookie)

    def ask() -> None:
        for _ in range(REQUESTS):
            server.get(address, cookie)

    return ask


def _queue(slug: str, count: int) -> User:
    """An AO with `count` claims before its panel, of fifty centres and four qualifications; answers a panel member."""
    ao = make_ao(slug)
    with open_scope(ao):
        contact = make_standing(ao, Role.QUALITY_CONTACT, make_centre(f"First {slug}"), make_person(f"Contact {slug}"))
        member = make_standing(ao, Role.PANEL_MEMBER, None, make_person(f"Member {slug}"))
        adoption, now = adopt_framework(), timezone.now()
        centres = [make_centre(f"Centre {n} {slug}") for n in range(50)]
        awards = [make_qualification(units=1) for _ in range(4)]
        outcomes = [
            Outcome.objects.create(
                qualification=award, adoption=adoption, framework_code=adoption.framework.code, kind="calculated_grade"
            )
            for award in awards
        ]
        cohorts = {
            (c, a): Cohort.objects.create(centre=centres[c], qualification=awards[a], name="2019-20")
            for c in range(len(centres))
            for a in range(len(awards))
        }
        claims = Claim.objects.bulk_create(
            (
                Claim(
                    centre=centres[n % 50], qualification=awards[n % 4], cohort=cohorts[n % 50, n % 4],
                    number=f"{slug.upper()}-{n:06d}", adoption=adoption, outcome=outcomes[n % 4],
                    mitigation="calculated_grade", state="queued", queued_at=now - dt.timedelta(minutes=n),
                    finding_rules=RULES[n % 4], created_by=contact.person,
                )
                for n in range(count)
            ),
            batch_size=2000,
        )  # fmt: skip
        StatusEvent.objects.bulk_create(
            (
                StatusEvent(
                    target_type="mitigations.claim", target_id=claim.pk, transition="submit_to_panel", source="drafted",
                    target="queued", actor=contact.person,
                )
                for claim in claims
            ),
            batch_size=2000,
        )  # fmt: skip
    return member.person
