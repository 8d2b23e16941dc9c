"""A centre, its people and the AO's, for the tests of claims."""

from __future__ import annotations

import pytest
from django.test import Client

from awarding.accounts.roles import Role
from awarding.tenancy.scope import open_scope
from mitigations.models import Claim
from tests.factories import adopt_framework, make_ao, make_centre, make_claim, make_standing
from tests.factories.filling import fill_cells, fill_checklist
from tests.factories.sign_in import sign_in
from tests.mitigations.grounds import Ground


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


@pytest.fixture
def claim(aim, centre, contact):
    with open_scope(aim):
        return make_claim(centre, contact)


@pytest.fixture
def ready(aim, contact, claim):
    """Filled in, not yet submitted."""
    with open_scope(aim):
        fill_cells(claim, contact)
        fill_checklist(claim, contact)
        return Claim.objects.get(pk=claim.pk)


@pytest.fixture
def desk(client, contact):
    client.force_login(contact.person)
    return client


@pytest.fixture
def ground() -> Ground:
    return Ground()


@pytest.fixture
def admin_client(ground: Ground, client: Client) -> Client:
    sign_in(client, ground.person)
    return client
