"""A centre, its people and the AO's, for the tests of claims."""

from __future__ import annotations

import pytest

from awarding.accounts.roles import Role
from awarding.tenancy.scope import open_scope
from tests.factories import adopt_framework, make_ao, make_centre, make_standing


@pytest.fixture
def aim(db):
    """An AO that has adopted a framework. Its scope is not open: open it round whatever reads or writes rows."""
    ao = make_ao("aim")
    with open_scope(ao):
        adopt_framework()
    return ao


@pytest.fixture
def scope(aim):
    """The AO's scope, open for the whole test: for services, not for pages."""
    with open_scope(aim):
        yield aim


@pytest.fixture
def centre(aim):
    with open_scope(aim):
        return make_centre()


@pytest.fixture
def contact(aim, centre):
    with open_scope(aim):
        return make_standing(aim, Role.QUALITY_CONTACT, centre)


@pytest.fixture
def member(aim):
    with open_scope(aim):
        return make_standing(aim, Role.PANEL_MEMBER)


@pytest.fixture
def other_member(aim):
    with open_scope(aim):
        return make_standing(aim, Role.PANEL_MEMBER)
