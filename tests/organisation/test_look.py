"""An AO's colour: changed by its admin, readable, served as a file."""

from __future__ import annotations

import pytest
from django.urls import reverse

from awarding.accounts.roles import Role
from awarding.audit.models import AuditRecord
from awarding.tenancy.scope import open_scope
from tests.factories import make_ao, make_standing
from tests.factories.sign_in import sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def ao():
    return make_ao("aim")


def person(ao, role):
    with open_scope(ao):
        return make_standing(ao, role).person


def save(client, **data):
    return client.post(reverse("organisation_look", kwargs={"ao": "aim"}), {"contact_email": "", **data})


def test_an_admin_changes_the_colour_and_the_style_sheet_follows(client, ao):
    sign_in(client, person(ao, Role.AO_ADMIN))
    assert save(client, brand_colour="#7A1F5C").status_code == 302
    css = client.get(reverse("brand_css", kwargs={"ao": "aim"}))
    assert css["Content-Type"].startswith("text/css") and b"#7a1f5c" in css.content.lower()
    with open_scope(ao):
        assert AuditRecord.objects.filter(event="ao.look_changed").count() == 1


@pytest.mark.parametrize("colour", ["#ffff99", "red;} body{display:none", "#12", ""])
def test_a_colour_that_cannot_be_read_or_is_none_is_refused(client, ao, colour):
    sign_in(client, person(ao, Role.AO_ADMIN))
    response = save(client, brand_colour=colour)
    assert response.status_code == 200 and b"govuk-error-summary" in response.content
    ao.refresh_from_db()
    assert ao.brand_colour == "#1d4f6e"


def test_others_may_not(client, ao):
    sign_in(client, person(ao, Role.PANEL_MEMBER))
    assert save(client, brand_colour="#7a1f5c").status_code == 403
