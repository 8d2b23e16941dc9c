"""An AO with a centre, its people, and something to ask about."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from django.test import Client

from awarding.accounts.roles import Role
from awarding.accounts.standing import Standing
from awarding.enquiries.models import Enquiry
from awarding.enquiries.services.enquiry import ask_enquiry
from awarding.enquiries.services.routing import add_topic
from awarding.tenancy.models import AwardingOrganisation
from awarding.tenancy.scope import open_scope
from centres.models import Centre
from mitigations.models import Claim
from tests.factories import make_ao, make_centre, make_claim, make_standing
from tests.factories.sign_in import sign_in


@dataclass
class Place:
    """Everybody who touches an enquiry, and the claim that it is about."""

    ao: AwardingOrganisation
    centre: Centre
    contact: Standing
    teacher: Standing
    admin: Standing
    panel: Standing
    claim: Claim

    def ask(self, about: str = "", actor: Standing | None = None, **fields) -> Enquiry:
        values = {"subject": "Which units?", "question": "May we leave one out?"} | fields
        return ask_enquiry(
            actor=actor or self.contact, centre_id=self.centre.pk, about=about or self.claim.number, **values
        )

    def client(self, standing: Standing) -> Client:
        client = Client()
        sign_in(client, standing.person)
        return client


@pytest.fixture
def place(db):
    """No scope is open: open it round what reads or writes rows."""
    ao = make_ao("aim")
    with open_scope(ao):
        centre = make_centre()
        contact = make_standing(ao, Role.QUALITY_CONTACT, centre)
        found = Place(
            ao, centre, contact, make_standing(ao, Role.TEACHER, centre), make_standing(ao, Role.AO_ADMIN),
            make_standing(ao, Role.PANEL_MEMBER), make_claim(centre, contact),
        )  # fmt: skip
        add_topic(actor=found.admin, name="Evidence")
    return found


@pytest.fixture
def scoped(place):
    """The same with its scope open, for services."""
    with open_scope(place.ao):
        yield place
