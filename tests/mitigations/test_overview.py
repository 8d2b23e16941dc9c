"""Claims by state on an AO's home: counted right, for those who may see it, in this AO only."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from awarding.accounts.roles import Role
from awarding.tenancy.scope import open_scope
from mitigations.charts import claims_chart
from mitigations.models import Claim
from mitigations.queries.overview import claims_by_state, claims_by_state_and_age
from tests.factories import make_ao, make_centre, make_claim, make_standing
from tests.factories.sign_in import sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def ao():
    """Three claims: two drafted, one waiting for the panel. And one in another AO."""
    ao, other = make_ao("aim"), make_ao("other")
    for where, number in ((ao, 3), (other, 1)):
        with open_scope(where):
            centre = make_centre()
            contact = make_standing(where, Role.QUALITY_CONTACT, centre)
            claims = [make_claim(centre, contact, learners=1, units=1) for _ in range(number)]
            if where == ao:
                Claim.objects.filter(pk=claims[0].pk).update(state="queued")
    return ao


def test_states_are_counted_in_the_order_of_the_workflow(ao, django_assert_num_queries):
    with open_scope(ao):
        admin = make_standing(ao, Role.AO_ADMIN)
        with django_assert_num_queries(1):
            counted = [(state.name, n) for state, n in claims_by_state(admin)]
    assert [pair for pair in counted if pair[1]] == [("drafted", 2), ("queued", 1)]
    assert sum(n for _name, n in counted) == 3


def test_claims_under_way_are_counted_by_how_long_they_have_been_where_they_are(ao):
    now = timezone.now()
    with open_scope(ao):
        admin = make_standing(ao, Role.AO_ADMIN)
        for claim, days in zip(Claim.objects.order_by("id"), (6, 13, 400), strict=True):
            Claim.objects.filter(pk=claim.pk).update(state_since=now - timedelta(days=days, minutes=5))
        assert claims_by_state_and_age(admin)[1] == [1, 1, 0, 1]
        Claim.objects.filter(state="queued").update(state="processed")
        assert sum(claims_by_state_and_age(admin)[1]) == 2, "what is done waits for nobody"
        labels = [bar.label for bar in claims_chart(admin)[1].bars]
    assert labels == ["0 to 6 days", "7 to 13 days", "14 to 27 days", "28 days or more"]


def test_the_chart_is_for_those_who_see_the_overview(ao):
    with open_scope(ao):
        assert claims_chart(make_standing(ao, Role.RESPONSIBLE_OFFICER))
        assert claims_chart(make_standing(ao, Role.PANEL_MEMBER)) == []
        assert claims_chart(make_standing(ao, Role.QUALITY_CONTACT, make_centre())) == []


def test_the_home_page_draws_it_with_counts_as_links(client, ao):
    with open_scope(ao):
        admin = make_standing(ao, Role.AO_ADMIN)
    sign_in(client, admin.person)
    page = client.get("/ao/aim/").content.decode()
    assert "Claims by state" in page and 'href="/ao/aim/claims/?state=queued"' in page
