"""The menu of an awarding organisation: a first row, and everything else one press away."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.urls import reverse

from awarding.accounts.navigation import FIRST, MORE, MOST_IN_A_ROW, navigation_for
from awarding.accounts.roles import Role
from awarding.tenancy.scope import open_scope
from tests.factories import make_ao, make_centre, make_standing
from tests.factories.sign_in import sign_in

pytestmark = pytest.mark.django_db
ROLES = [
    Role.AO_ADMIN,
    Role.PANEL_MEMBER,
    Role.EXTERNAL_VERIFIER,
    Role.QUALITY_CONTACT,
    Role.TEACHER,
    Role.HEAD_OF_CENTRE,
]


@pytest.fixture
def aim():
    return make_ao("aim")


def standing_as(aim, role):
    with open_scope(aim):
        return make_standing(aim, role, None if role in ROLES[:3] else make_centre())


@pytest.mark.parametrize("role", ROLES)
def test_each_link_that_a_role_may_follow_stands_there_once(aim, role):
    standing = standing_as(aim, role)
    menu = navigation_for(standing, "/")
    entries = [*FIRST, *(entry for _heading, group in MORE for entry in group)]
    allowed = {
        reverse(name, kwargs={"ao": "aim"}) for name, _label, right in entries if right is None or standing.can(right)
    }
    urls = [link.url for link in menu.all_links]
    assert set(urls) == allowed and len(urls) == len(allowed)
    assert bool(menu.more) is (len(urls) > MOST_IN_A_ROW)


def test_the_rest_stands_in_a_disclosure_that_needs_no_script_and_says_where_one_is(client, aim):
    sign_in(client, standing_as(aim, Role.AO_ADMIN).person)

    def menu(name):
        page = unescape(client.get(reverse(name, kwargs={"ao": "aim"})).content.decode())
        return re.search(r"<nav class=\"portal-nav\".*?</nav>", page, re.DOTALL)[0]

    inside = menu("frameworks:list")
    assert "<details" in inside and '<summary aria-current="true">' in inside
    assert '/ao/aim/frameworks/" aria-current="page"' in inside
    assert '<summary aria-current="true">' not in menu("mitigations:claims")


def test_who_has_few_links_sees_all_of_them_at_once(client, aim):
    sign_in(client, standing_as(aim, Role.EXTERNAL_VERIFIER).person)
    page = client.get(reverse("ao_home", kwargs={"ao": "aim"})).content.decode()
    assert "portal-nav__more" not in page and "Verification" in page
