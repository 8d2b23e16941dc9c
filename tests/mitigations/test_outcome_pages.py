"""The pages of outcomes: the AO's, and the public one."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from awarding.accounts.roles import Role
from awarding.tenancy.models import AwardingOrganisation
from awarding.tenancy.scope import open_scope
from mitigations.models import Outcome
from mitigations.rules.outcome import OUT_OF_SCOPE
from tests.factories import (
    make_ao,
    make_membership,
    make_person,
    make_qualification,
)
from tests.factories.awards import make_qan
from tests.factories.sign_in import sign_in
from tests.mitigations.grounds import Ground

pytestmark = pytest.mark.django_db


# --- the AO's pages -----------------------------------------------------------------------------


def test_the_list_shows_what_has_no_outcome_yet(ground: Ground, admin_client: Client) -> None:
    with open_scope(ground.ao):
        other = make_qualification(title="Level 1 Award in Waiting")
    ground.set("calculated_grade")
    page = admin_client.get(ground.url("outcomes"), {"kind": "none"}).content.decode()
    assert other.display_qan in page and ground.qualification.display_qan not in page
    page = admin_client.get(ground.url("outcomes"), {"kind": "calculated_grade"}).content.decode()
    assert ground.qualification.display_qan in page and other.display_qan not in page


def test_the_list_costs_the_same_at_one_and_three_rows(
    ground: Ground, admin_client: Client, django_assert_num_queries: Any
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    url = ground.url("outcomes")
    admin_client.get(url)
    with CaptureQueriesContext(connection) as one:
        admin_client.get(url)
    with open_scope(ground.ao):
        make_qualification()
        make_qualification()
    with django_assert_num_queries(len(one)):
        admin_client.get(url)


def test_an_outcome_is_set_on_its_page(ground: Ground, admin_client: Client) -> None:
    url = ground.url("outcome", qan=ground.qualification.qan)
    page = admin_client.get(url)
    assert page.status_code == 200
    answer = admin_client.post(
        url, {"framework": "erf_2020", "kind": "calculated_grade", "reason": "", "expected": "0"}
    )
    assert answer.status_code == 302
    with open_scope(ground.ao):
        assert Outcome.objects.get(superseded_at=None).kind == "calculated_grade"
    stale = admin_client.post(
        url, {"framework": "erf_2020", "kind": "adapted_assessment", "reason": "", "expected": "0"}
    )
    assert stale.status_code == 409
    assert "Someone else set this outcome first" in stale.content.decode()


def test_mit_03_the_page_asks_for_the_reason_beside_its_field(ground: Ground, admin_client: Client) -> None:
    url = ground.url("outcome", qan=ground.qualification.qan)
    answer = admin_client.post(url, {"kind": OUT_OF_SCOPE, "reason": "", "expected": "0"})
    assert "#id_reason" in answer.content.decode() and "not publicly funded" in answer.content.decode()


def test_ticked_qualifications_get_the_outcome(ground: Ground, admin_client: Client) -> None:
    with open_scope(ground.ao):
        other = make_qualification()
    answer = admin_client.post(
        ground.url("outcomes_set"),
        {"framework": "erf_2020", "qualification": [ground.qualification.pk, other.pk], "kind": "no_change_needed"},
    )
    assert answer.status_code == 302
    with open_scope(ground.ao):
        assert Outcome.objects.filter(kind="no_change_needed").count() == 2


def test_ticking_nothing_says_what_to_do(ground: Ground, admin_client: Client) -> None:
    answer = admin_client.post(ground.url("outcomes_set"), {"framework": "erf_2020", "kind": "no_change_needed"})
    assert "Tick the qualifications" in answer.content.decode()


def test_another_aos_qualification_is_not_there(ground: Ground, admin_client: Client) -> None:
    foreign = Ground("other")
    url = ground.url("outcome", qan=foreign.qualification.qan)
    assert admin_client.get(url).status_code == 404
    admin_client.post(
        ground.url("outcomes_set"),
        {"framework": "erf_2020", "qualification": [foreign.qualification.pk], "kind": "no_change_needed"},
    )
    with open_scope(foreign.ao):
        assert not Outcome.objects.exists()


def test_without_a_framework_the_page_says_what_comes_first(client: Client) -> None:
    ao = make_ao()
    with open_scope(ao):
        person = make_person()
        make_membership(person, Role.AO_ADMIN)
    sign_in(client, person)
    page = client.get(reverse("mitigations:outcomes", kwargs={"ao": ao.slug})).content.decode()
    assert "No framework has been adopted" in page


# --- the public page ----------------------------------------------------------------------------


def test_mit_02_anybody_finds_the_outcome_by_number(ground: Ground, client: Client) -> None:
    """MIT-02: by QAN, straight to the answer."""
    ground.set("calculated_grade")
    found = client.get("/qualifications/", {"q": ground.qualification.display_qan}, follow=True)
    assert found.redirect_chain[-1][0] == f"/qualifications/{ground.qualification.qan}/"
    assert "Calculated grade" in found.content.decode()


def test_mit_02_a_title_lists_every_number_and_says_so(ground: Ground, client: Client) -> None:
    """MIT-02: by title, every QAN that carries it, and a warning."""
    title = "Access to HE Diploma (Science)"
    foreign = Ground("other", title=title)
    with open_scope(ground.ao):
        own = make_qualification(title=title)
    page = client.get("/qualifications/", {"q": "access science"}).content.decode()
    assert own.display_qan in page and foreign.qualification.display_qan in page
    assert "2 qualifications carry this title: check the QAN" in page
    assert ground.qualification.display_qan not in page
    assert "2 qualifications carry this title" in client.get(f"/qualifications/{own.qan}/").content.decode()


def test_mit_02_a_title_of_its_own_says_nothing_of_others(ground: Ground, client: Client) -> None:
    """MIT-02, the other way: no warning where a title stands alone."""
    assert "carry this title" not in client.get(f"/qualifications/{ground.qualification.qan}/").content.decode()


def test_mit_03_out_of_scope_is_an_answer_with_its_reason(ground: Ground, client: Client) -> None:
    ground.set(OUT_OF_SCOPE, "It is not publicly funded.")
    answer = client.get(f"/qualifications/{ground.qualification.qan}/")
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "It is not publicly funded." in page and "ordinary conditions apply" in page
    assert "problem" not in page.lower()


def test_the_answer_is_that_of_the_numbers_own_ao(ground: Ground, client: Client) -> None:
    foreign = Ground("other")
    ground.set("calculated_grade")
    page = client.get(f"/qualifications/{foreign.qualification.qan}/").content.decode()
    assert "Not decided yet" in page and "Calculated grade" not in page


def test_an_ao_that_does_not_use_the_portal_is_named(client: Client) -> None:
    ao = make_ao()
    with open_scope(ao):
        row = make_qualification()
    AwardingOrganisation.objects.filter(pk=ao.pk).update(slug=None)
    page = client.get(f"/qualifications/{row.qan}/").content.decode()
    assert "does not publish its decisions here" in page and ao.name in page


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        (make_qan(999), "No qualification here has the number"),
        ("60171596", "mistyped"),
        ("hello", "not a qualification number"),
        ("1/2/3/4", "not a qualification number"),
    ],
)
def test_an_unknown_number_is_explained(client: Client, typed: str, words: str) -> None:
    answer = client.get(f"/qualifications/{typed}/")
    assert answer.status_code == 404
    assert words in answer.content.decode()


def test_slashes_in_the_address_lead_to_the_page(ground: Ground, client: Client) -> None:
    answer = client.get(f"/qualifications/{ground.qualification.display_qan}/")
    assert answer.status_code == 302 and answer["Location"] == f"/qualifications/{ground.qualification.qan}/"


def test_two_letters_are_too_few_to_search_by(client: Client) -> None:
    assert "at least three letters" in client.get("/qualifications/", {"q": "ab"}).content.decode()


def test_the_public_list_costs_the_same_at_one_and_three_rows(
    ground: Ground, client: Client, django_assert_num_queries: Any
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as one:
        assert ground.qualification.display_qan in client.get("/qualifications/", {"q": "testing"}).content.decode()
    with open_scope(ground.ao):
        make_qualification()
        make_qualification()
    with django_assert_num_queries(len(one)):
        client.get("/qualifications/", {"q": "testing"})
