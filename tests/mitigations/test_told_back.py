"""What somebody wrote is told back when it could not be kept: another was quicker, or the button was pressed twice."""

from __future__ import annotations

import pytest
from django.urls import reverse

from awarding.accounts.roles import Role
from awarding.tenancy.scope import open_scope
from mitigations.models import Claim, Outcome
from tests.factories import make_claim, make_standing
from tests.factories.filling import places_of
from tests.factories.sign_in import sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def claim(aim, centre, contact):
    with open_scope(aim):
        return make_claim(centre, contact)


def test_the_reason_of_an_outcome_that_was_set_meanwhile(client, aim, claim):
    with open_scope(aim):
        admin = make_standing(aim, Role.AO_ADMIN)
        held = Outcome.objects.get(qualification_id=claim.qualification_id)
    sign_in(client, admin.person)
    url = reverse("mitigations:outcome", args=["aim", claim.qualification.qan])
    posted = {
        "framework": held.framework_code,
        "kind": "adapted_assessment",
        "reason": "Long thought about",
        "expected": "0",
    }
    answer = client.post(url, posted)
    assert answer.status_code == 409
    assert "You had written:" in (page := answer.content.decode()) and "Long thought about" in page


def test_the_reason_of_a_second_withdrawal(client, claim, contact):
    sign_in(client, contact.person)
    url = reverse("mitigations:withdraw", args=["aim", claim.pk])
    client.post(url, {"expected_version": claim.version, "reason": "Generated for the wrong cohort"})
    page = client.post(url, {"expected_version": claim.version, "reason": "Twice said"}, follow=True).content.decode()
    assert "cannot be withdrawn as it stands now" in page and "Twice said" in page


def test_the_words_of_a_line_of_evidence_when_the_claim_has_gone(client, aim, claim, contact):
    sign_in(client, contact.person)
    with open_scope(aim):
        row, column = places_of(claim)[0]
    url = reverse("mitigations:evidence", kwargs={"ao": "aim", "claim_id": claim.pk, "row_key": row})
    client.get(url)
    with open_scope(aim):
        Claim.objects.filter(pk=claim.pk).update(state="queued")
    said = {f"{column}-version": "0", f"{column}-status": "partial", f"{column}-note": "Found it after all"}
    assert "Found it after all" in client.post(url, said, follow=True).content.decode()
