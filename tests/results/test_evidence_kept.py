"""From when evidence of Q-TAGs may go: months after the result was issued, by London's day, and never before it was (QTG-19)."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from awarding.accounts.roles import Role
from awarding.tenancy.scope import open_scope
from qtag.models import EvidenceHold, Judgement
from qtag.queries.holds import held_evidence
from qtag.queries.retention import evidence_retention
from results.retention import issued_results
from tests.factories.qtag_results import award, plan_release, release_now, sign_for
from tests.factories.qtags import make_moves
from tests.qtag.conftest import Scene, agreed, calendar, scene  # noqa: F401 - fixtures


@pytest.fixture
def recorded(agreed: Scene) -> Scene:  # noqa: F811 - the fixture
    """Results recorded, to be released tomorrow."""
    with open_scope(agreed.ao):
        make_moves(agreed.people[Role.QUALITY_CONTACT], agreed.submission, "submit")
        sign_for(agreed.people[Role.HEAD_OF_CENTRE], agreed.centre, agreed.submission)
        plan_release(agreed.people[Role.AO_ADMIN], agreed.submission)
        award(agreed.people[Role.AO_ADMIN], agreed.submission)
    return agreed


def first(scene: Scene) -> Judgement:  # noqa: F811
    rows = Judgement.objects.select_related("submission__adoption__framework", "registration")
    return rows.filter(submission=scene.submission).order_by("pk")[0]


def test_what_is_recorded_and_not_released_is_not_issued(recorded):
    """QTG-19: nobody knows an end until the release has come."""
    with open_scope(recorded.ao):
        row = first(recorded)
        assert issued_results([row.registration_id]) == {}
        assert evidence_retention(row).until is None
        release_now(recorded.submission)
        assert issued_results([row.registration_id])[row.registration_id].issued_on is not None
        assert evidence_retention(row).until is not None


@pytest.mark.parametrize(
    ("instant", "until"),
    [
        (dt.datetime(2021, 8, 9, 22, 59, tzinfo=dt.UTC), dt.date(2022, 2, 9)),
        (dt.datetime(2021, 8, 9, 23, 1, tzinfo=dt.UTC), dt.date(2022, 2, 10)),
        (dt.datetime(2021, 8, 31, 8, 0, tzinfo=dt.UTC), dt.date(2022, 2, 28)),
        (dt.datetime(2021, 3, 31, 8, 0, tzinfo=dt.UTC), dt.date(2021, 9, 30)),
    ],
)
def test_six_months_from_the_day_of_the_release_in_london(recorded, instant, until):
    """QTG-19: an instant after midnight in London is the next day; a month without that day ends it."""
    with open_scope(recorded.ao):
        recorded.submission.results.update(release_at=instant, centre_release_at=instant)
        kept = evidence_retention(first(recorded))
        assert kept.until == until
        assert not kept.is_over(until) and kept.is_over(until + dt.timedelta(days=1))


def test_a_case_ends_on_its_day_in_london(recorded):
    """QTG-19: a hold lifted at half past midnight in summer ended on that day, not on the one before."""
    lifted = dt.datetime(2022, 7, 1, 23, 30, tzinfo=dt.UTC)
    with open_scope(recorded.ao):
        release_now(recorded.submission)
        recorded.submission.results.update(release_at=dt.datetime(2021, 8, 10, 7, 0, tzinfo=dt.UTC))
        row = first(recorded)
        EvidenceHold.objects.create(
            centre=recorded.centre, kind="complaint", reference="C-1", reason="Unfair", state="lifted",
            state_since=lifted, put_by=recorded.people[Role.AO_ADMIN].person,
        )  # fmt: skip
        (case,) = held_evidence([row.registration_id])[row.registration_id].cases
        assert case.ended_on == dt.date(2022, 7, 2) == timezone.localtime(lifted).date()
        assert evidence_retention(row).until == dt.date(2022, 7, 2)
