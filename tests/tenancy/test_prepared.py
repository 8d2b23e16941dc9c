"""Prepared reads: the same rows as the queryset, whoever asks, in whichever organisation's scope; and what they refuse."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.db.models import Count, Max
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_scopes import ScopeError, scopes_disabled
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from awarding.accounts.models import Membership
from awarding.accounts.roles import Permission, Role
from awarding.tenancy.models import AwardingOrganisation
from awarding.tenancy.prepared import NotPreparableError, prepared
from awarding.tenancy.scope import open_scope
from centres.models import Centre
from centres.queries.visibility import visible_centres
from tests.factories import make_ao, make_centre, make_membership, make_person, make_standing

pytestmark = pytest.mark.django_db


@pytest.fixture
def two_aos():
    aim, other = make_ao("aim"), make_ao("other")
    for ao, names in ((aim, ("Ash 100%", "Birch_x", "Cedar\\")), (other, ("Ash 100%", "Yew"))):
        with open_scope(ao):
            for name in names:
                make_centre(name)
    return aim, other


@prepared
def named(*, part):
    return Centre.objects.filter(name__icontains=part).order_by("name")


@prepared
def all_names(*, unused=0):
    return Centre.objects.order_by("name").values_list("name", flat=True)


@prepared
def within_reach(permission, *, standing):
    return visible_centres(standing, permission)


@prepared
def among(*, ids):
    return Centre.objects.filter(pk__in=ids).order_by("pk").values_list("pk", "name", named=True)


@prepared
def given_before(*, moment):
    return Membership.objects.filter(granted_at__lt=moment)


@prepared
def given_by_now():
    return Membership.objects.filter(granted_at__lt=timezone.now())


@prepared
def first_few(*, most):
    return Centre.objects.order_by("pk")[:most]


@prepared
def by_role():
    return Membership.objects.values_list("role").annotate(n=Count("pk"), last=Max("granted_at")).order_by("role")


@prepared
def with_organisation(*, person_id):
    return Membership.objects.filter(person_id=person_id).select_related("ao", "centre")


def test_a_kept_statement_shows_each_organisation_its_own_rows(two_aos):
    aim, other = two_aos
    for _twice in range(2):
        with open_scope(aim):
            assert all_names() == ["Ash 100%", "Birch_x", "Cedar\\"]
        with open_scope(other):
            assert all_names() == ["Ash 100%", "Yew"]


def test_the_scoped_managers_condition_is_in_the_statement(two_aos):
    _aim, other = two_aos
    with open_scope(other), CaptureQueriesContext(connection) as queries:
        all_names()
    assert f'"ao_id" = {other.pk}' in queries.captured_queries[-1]["sql"]


def test_without_a_scope_it_refuses_as_the_manager_does(two_aos):
    with open_scope(two_aos[0]):
        all_names()
    with pytest.raises(ScopeError):
        all_names()
    with scopes_disabled():
        assert all_names() == []  # the manager overruled: row-level security shows nothing


@pytest.mark.parametrize("part", ["ash", "100%", "_", "\\", "%", "nothing", "'; --", "\ue0000\ue001"])
def test_a_pattern_finds_the_text_itself(two_aos, part):
    with open_scope(two_aos[0]):
        assert named(part=part) == list(named.plain(part=part))


def test_a_listing_counts_and_slices_as_a_queryset(two_aos):
    with open_scope(two_aos[0]):
        listing = named.listing(part="")
        assert (listing.count(), len(listing)) == (3, 3)
        assert [centre.name for centre in listing[1:3]] == ["Birch_x", "Cedar\\"]
        assert named.first(part="c").name == "Birch_x"
        assert named.first(part="nothing") is None
        for wrong in (slice(1, None), slice(0, 3, 2), slice(-1, 2)):
            with pytest.raises(NotPreparableError):
                listing[wrong]


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(data=st.data())
def test_one_persons_reach_is_never_anothers(two_aos, data):
    """Grants of any pattern, one after the other: the statement kept for a pattern is filled for each person anew."""
    aim, _other = two_aos
    with open_scope(aim):
        centres = list(Centre.objects.order_by("pk"))
        places = st.sampled_from([None, *centres])
        roles = st.sampled_from([Role.AO_ADMIN, Role.QUALITY_CONTACT, Role.TEACHER, Role.HEAD_OF_CENTRE])
        for _person in range(2):
            grants = data.draw(st.sets(st.tuples(roles, places), min_size=1, max_size=4))
            person = make_person(email="")
            for role, centre in grants:
                if (role == Role.AO_ADMIN) == (centre is None):
                    make_membership(person, role, centre)
            standing = make_standing_of(person, aim)
            for permission in (Permission.CENTRE_VIEW, Permission.LEARNERS_VIEW, Permission.CENTRES_LIST):
                expected = list(within_reach.plain(permission, standing=standing))
                assert within_reach(permission, standing=standing) == expected


def make_standing_of(person, ao):
    from awarding.accounts.standing import standing_of

    rows = Membership.objects.filter(person=person).values_list("role", "centre_id")
    return standing_of(person, ao, rows)


def test_models_with_their_relations_aggregates_and_named_rows_come_as_from_the_orm(two_aos):
    aim, _other = two_aos
    with open_scope(aim):
        centre = Centre.objects.first()
        standing = make_standing(aim, Role.QUALITY_CONTACT, centre)
        (row,) = with_organisation(person_id=standing.person.pk)
        with CaptureQueriesContext(connection) as queries:
            assert (row.ao, row.centre, row.role) == (aim, centre, "quality_contact")
        assert not queries.captured_queries
        assert by_role() == list(by_role.plain())
        assert [line.name for line in among(ids=(centre.pk,))] == [centre.name]
        assert among(ids=()) == [] and among.count(ids=()) == 0
        assert among.count(ids=(centre.pk, 0)) == 1


def test_a_public_table_needs_no_scope(two_aos):
    assert [ao.slug for ao in public_ones(slug="other")] == ["other"]


@prepared
def public_ones(*, slug):
    return AwardingOrganisation.objects.filter(slug=slug)


def test_a_moment_is_a_value_and_never_kept(two_aos):
    aim, _other = two_aos
    with open_scope(aim):
        make_standing(aim, Role.AO_ADMIN)
        now = timezone.now()
        assert len(given_before(moment=now)) == 1
        assert given_before(moment=now - dt.timedelta(days=1)) == []
        with pytest.raises(NotPreparableError, match="Give it as a value"):
            given_by_now()


def test_what_would_keep_one_callers_value_is_refused(two_aos):
    seen = 5

    def holding(*, part):
        return Centre.objects.filter(pk=seen, name=part)

    with pytest.raises(NotPreparableError, match="closure"):
        prepared(holding)
    with open_scope(two_aos[0]):
        with pytest.raises(NotPreparableError, match="text"):
            first_few(most=2)
        for value in (None, True, 1.5, ["a"]):
            with pytest.raises(NotPreparableError, match="left open"):
                named(part=value)


def test_the_second_run_asks_once_and_builds_nothing(two_aos, monkeypatch):
    with open_scope(two_aos[0]):
        named(part="a")
        monkeypatch.setattr(named, "build", None)
        with CaptureQueriesContext(connection) as queries:
            assert [centre.name for centre in named(part="cedar")] == ["Cedar\\"]
    assert len(queries) == 1
