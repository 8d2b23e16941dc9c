"""Direct claims status: asked for, granted with a day for its monitoring, frozen, removed, reminded of."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from awarding.accounts.queries import find_standing
from awarding.accounts.roles import Role
from awarding.accounts.standing import PermissionMissingError
from awarding.notices.models import Notice
from awarding.tenancy.scope import open_scope
from awarding.workflow.queries import history
from awarding.workflow.services import GuardedError, ReasonMissingError, StalePageError
from awarding.worklist.registry import work_items
from centres.models import DirectClaimsStatus
from centres.queries.direct_claims import has_direct_claims
from centres.rules.direct_claims import add_months, last_first_monitoring
from centres.services.direct_claims import (
    apply_for_direct_claims,
    grant_direct_claims,
    move_direct_claims,
    recommend_direct_claims,
    record_monitoring,
    remind_of_monitoring,
)
from centres.services.interests import declare_interest
from tests.factories import make_ao, make_centre, make_qualification, make_registration, make_standing
from tests.factories.direct_claims import give_direct_claims
from tests.factories.sign_in import sign_in
from tests.factories.verification import make_allocated

pytestmark = pytest.mark.django_db


class Place:
    """An AO, a centre with learners on one qualification, and who acts."""

    def __init__(self) -> None:
        self.ao = make_ao()
        with open_scope(self.ao):
            self.centre = make_centre("Northfield College", number="N1")
            self.qualification = make_qualification()
            make_registration(self.centre, self.qualification)
            self.contact = make_standing(self.ao, Role.QUALITY_CONTACT, self.centre)
            self.admin = make_standing(self.ao, Role.AO_ADMIN)

    def applied(self) -> DirectClaimsStatus:
        return apply_for_direct_claims(
            actor=self.contact, centre=self.centre, qualification=self.qualification, reason="Two clean visits"
        )

    def granted(self) -> DirectClaimsStatus:
        status = self.applied()
        return grant_direct_claims(actor=self.admin, status=status, reason="Sound", expected_version=status.version)

    def client(self, standing) -> Client:
        client = Client()
        sign_in(client, standing.person)
        return client

    def url(self, name: str, **kwargs) -> str:
        return reverse(f"centres:{name}", kwargs={"ao": self.ao.slug, **kwargs})


@pytest.fixture
def place() -> Place:
    return Place()


@given(st.dates(dt.date(1990, 1, 1), dt.date(2090, 1, 1)), st.integers(0, 60))
def test_months_later_is_the_same_day_or_the_last_one_of_that_month(day, months):
    later = add_months(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day == day.day or (later.day < day.day and (later + dt.timedelta(days=1)).day == 1)


def test_clm_11_a_centre_applies_and_the_ao_grants_it_through_the_pages(place):
    theirs, ours = place.client(place.contact), place.client(place.admin)
    refused = theirs.post(place.url("direct_claims_ask"), {"centre_number": "N1", "qan": "600/0000/0", "reason": "x"})
    assert "has no learners registered for 600/0000/0" in refused.content.decode()
    asked = {"centre_number": "n1", "qan": place.qualification.display_qan, "reason": "Two clean visits"}
    assert theirs.post(place.url("direct_claims_ask"), asked).status_code == 302
    with open_scope(place.ao):
        status = DirectClaimsStatus.objects.get()
        assert status.state == "applied" and not has_direct_claims(place.centre.pk, place.qualification.pk)
    assert "application for direct claims" in ours.get("/").content.decode()
    grant = place.url("direct_claims_decide", status_id=status.pk, move="grant")
    late = last_first_monitoring(timezone.localdate()) + dt.timedelta(days=1)
    facts = {"expected_version": status.version, "reason": "Sound", "monitoring_due_on": late.isoformat()}
    page = ours.post(grant, facts).content.decode()
    assert "is not within six months from the grant" in page
    due = late - dt.timedelta(days=1)
    assert ours.post(grant, facts | {"monitoring_due_on": due.isoformat()}).status_code == 302
    with open_scope(place.ao):
        status.refresh_from_db()
        assert (status.state, status.monitoring_due_on) == ("granted", due)
        assert has_direct_claims(place.centre.pk, place.qualification.pk)
        assert [(e.transition, e.actor) for e in history(status)] == [
            ("apply", place.contact.person), ("grant", place.admin.person)
        ]  # fmt: skip
        assert Notice.objects.filter(person=place.contact.person, subject__contains="Granted").count() == 1
    home = theirs.get(place.url("home", centre_id=place.centre.pk)).content.decode()
    assert "Granted" in home and "monitoring by" in home


def test_clm_11_a_centre_does_not_grant_itself_and_another_centre_does_not_apply_for_it(place):
    theirs = place.client(place.contact)
    with open_scope(place.ao):
        status = place.applied()
        stranger = make_standing(place.ao, Role.QUALITY_CONTACT, make_centre("Southgate"))
        with pytest.raises(PermissionMissingError):
            grant_direct_claims(actor=place.contact, status=status, reason="Me", expected_version=status.version)
        with pytest.raises(PermissionMissingError):
            apply_for_direct_claims(
                actor=stranger, centre=place.centre, qualification=place.qualification, reason="Them"
            )
    facts = {"expected_version": status.version, "reason": "Me", "monitoring_due_on": timezone.localdate().isoformat()}
    assert theirs.post(place.url("direct_claims_decide", status_id=status.pk, move="grant"), facts).status_code == 403
    assert place.client(stranger).get(place.url("direct_claims_status", status_id=status.pk)).status_code == 404


def test_clm_11_frozen_restored_and_removed_each_with_reasons_and_in_the_history(place):
    with open_scope(place.ao):
        status = place.granted()
        with pytest.raises(ReasonMissingError):
            move_direct_claims(
                actor=place.admin, status=status, move="freeze", reason=" ", expected_version=status.version
            )
        for move, state in (("freeze", "frozen"), ("restore", "granted"), ("remove", "removed")):
            status = move_direct_claims(
                actor=place.admin, status=status, move=move, reason="Why", expected_version=status.version
            )
            assert status.state == state
            assert has_direct_claims(place.centre.pk, place.qualification.pk) == (state == "granted")
        assert status.monitoring_due_on is None
        with pytest.raises(StalePageError):
            move_direct_claims(actor=place.admin, status=status, move="freeze", reason="Late", expected_version=1)
        again = place.applied()
        assert (again.pk, again.state) == (status.pk, "applied")
        assert [e.transition for e in history(again)] == ["apply", "grant", "freeze", "restore", "remove", "reapply"]


def test_applying_twice_is_one_application(place):
    with open_scope(place.ao):
        assert place.applied().pk == place.applied().pk
        assert len(history(DirectClaimsStatus.objects.get())) == 1
        place_granted = DirectClaimsStatus.objects.get()
        grant_direct_claims(
            actor=place.admin, status=place_granted, reason="Sound", expected_version=place_granted.version
        )
        with pytest.raises(StalePageError):
            place.applied()


def test_smp_10_a_verifier_recommends_centres_they_have_verified_and_have_no_interest_in(place):
    with open_scope(place.ao):
        scene = make_allocated(place.ao)
        ask = {"centre": scene.centre, "qualification": scene.claim.qualification, "reason": "Sound since 2018"}
        with pytest.raises(PermissionMissingError):
            recommend_direct_claims(actor=make_standing(place.ao, Role.EXTERNAL_VERIFIER), **ask)
        status = recommend_direct_claims(actor=scene.verifier, **ask)
        assert (status.state, status.recommended_by) == ("applied", scene.verifier.person)
        declare_interest(actor=scene.verifier, centre=scene.centre, nature="A relative")
        with pytest.raises(GuardedError, match="declared an interest"):
            recommend_direct_claims(actor=scene.verifier, **ask)


def test_clm_11_monitoring_is_recorded_and_its_days_must_be_possible(place):
    with open_scope(place.ao):
        status = place.granted()
        today = timezone.localdate()
        facts = {"outcome": "action_needed", "notes": "Sampling plan missing", "expected_version": status.version}
        for held_on, next_due_on in ((today + dt.timedelta(days=1), None), (today, today)):
            with pytest.raises(GuardedError):
                record_monitoring(actor=place.admin, status=status, held_on=held_on, next_due_on=next_due_on, **facts)
    page = place.client(place.admin).post(
        place.url("direct_claims_monitor", status_id=status.pk),
        facts | {"held_on": today.isoformat(), "next_due_on": (today + dt.timedelta(days=90)).isoformat()},
        follow=True,
    )
    assert "Sampling plan missing" in page.content.decode()
    with open_scope(place.ao):
        status.refresh_from_db()
        assert (status.state, status.monitoring_due_on) == ("granted", today + dt.timedelta(days=90))
        with pytest.raises(StalePageError):
            record_monitoring(actor=place.admin, status=status, held_on=today, **facts)


def test_clm_11_overdue_and_coming_monitorings_are_on_my_work_and_told_once_each(place):
    today = timezone.localdate()
    with open_scope(place.ao):
        for days in (-3, 10, 200):
            give_direct_claims(place.centre, make_qualification(), due_on=today + dt.timedelta(days=days))
        give_direct_claims(place.centre, make_qualification(), state="removed", due_on=today - dt.timedelta(days=9))
        titles = [
            (str(i.title), str(i.action), i.count) for i in work_items(place.admin) if "monitoring" in str(i.title)
        ]
    assert titles == [
        ("1 monitoring visit for direct claims", "Hold it and record it", 1),
        ("1 monitoring visit for direct claims", "Plan it", 1),
    ]
    for _ in range(2):
        remind_of_monitoring(place.ao)
    with open_scope(place.ao):
        told = Notice.objects.filter(subject__contains="monitoring")
        assert told.filter(person=place.admin.person).count() == 2
        assert told.filter(person=place.contact.person).count() == 1
        assert find_standing(place.admin.person, place.ao)
    remind_of_monitoring(place.ao, today=today + dt.timedelta(days=11))
    with open_scope(place.ao):
        assert told.filter(person=place.admin.person, subject__contains="overdue").count() == 2
