"""The API tells what the pages tell, to the same people, and nothing else."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from awarding.accounts.roles import Role
from awarding.tenancy.scope import open_scope
from centres.models import CohortStaff, Registration
from qa_sampling.models import Allocation
from results.models import QualificationResult
from tests.factories import make_ao, make_centre, make_standing
from tests.factories.results import make_processed, make_verified
from tests.factories.sign_in import sign_in

pytestmark = pytest.mark.django_db
NOUNS = ("claims", "registrations", "results", "unit-results", "qualifications")


def get(client, ao, noun, **query):
    return client.get(f"/api/v1/ao/{ao.slug}/{noun}/", query)


@pytest.fixture
def aim():
    return make_ao("aim")


@pytest.fixture
def scene(aim):
    with open_scope(aim):
        return make_processed(aim)


@pytest.mark.parametrize("noun", NOUNS)
def test_signed_out_it_says_401_in_json(client, aim, noun):
    answer = get(client, aim, noun)
    assert answer.status_code == 401
    assert "detail" in answer.json()


@pytest.mark.parametrize("noun", NOUNS)
def test_another_ao_does_not_exist(client, scene, noun):
    other = make_ao("other")
    with open_scope(other):
        stranger = make_standing(other, Role.AO_ADMIN)
    sign_in(client, stranger.person)
    assert get(client, scene.ao, noun).status_code == 404
    assert get(client, other, noun).json()["count"] == 0


def test_a_row_of_another_ao_is_404_by_its_id(client, scene):
    other = make_ao("other")
    with open_scope(other):
        stranger = make_standing(other, Role.AO_ADMIN)
    sign_in(client, stranger.person)
    for path in (f"claims/{scene.claim.pk}", f"qualifications/{scene.claim.qualification.qan}"):
        assert client.get(f"/api/v1/ao/{other.slug}/{path}/").status_code == 404


@pytest.mark.parametrize("noun", NOUNS)
def test_an_admin_reads_it(client, scene, noun):
    sign_in(client, scene.admin.person)
    answer = get(client, scene.ao, noun)
    assert answer.status_code == 200 and answer.json()["count"] >= 1


@pytest.mark.parametrize("noun", NOUNS)
def test_it_only_reads(client, scene, noun):
    sign_in(client, scene.admin.person)
    url = f"/api/v1/ao/{scene.ao.slug}/{noun}/"
    for send in (client.post, client.put, client.patch, client.delete):
        assert send(url, {}, content_type="application/json").status_code == 405


def test_a_centre_reads_its_own_and_another_centre_nothing(client, scene):
    with open_scope(scene.ao):
        neighbour = make_standing(scene.ao, Role.QUALITY_CONTACT, make_centre("Southfield"))
    for who, claims in ((scene.contact, 1), (neighbour, 0)):
        client.logout()
        sign_in(client, who.person)
        for noun in ("claims", "results"):
            assert (get(client, scene.ao, noun).json()["count"] > 0) == bool(claims)
        status = client.get(f"/api/v1/ao/{scene.ao.slug}/claims/{scene.claim.pk}/").status_code
        assert status == (200 if claims else 404)


def test_a_teacher_reads_only_the_cohorts_they_are_staff_of(client, scene):
    with open_scope(scene.ao):
        teacher = make_standing(scene.ao, Role.TEACHER, scene.centre)
    sign_in(client, teacher.person)
    assert get(client, scene.ao, "registrations").json()["count"] == 0
    refused = get(client, scene.ao, "results")
    assert refused.status_code == 403 and refused.json()["detail"]
    with open_scope(scene.ao):
        CohortStaff.objects.create(cohort=scene.claim.cohort, person=teacher.person)
    assert get(client, scene.ao, "registrations").json()["count"] == 2
    assert get(client, scene.ao, "claims").json()["count"] == 1


def test_a_verifier_reads_the_claims_allocated_to_them(client, aim):
    with open_scope(aim):
        scene = make_verified(aim)
        stranger = make_standing(aim, Role.EXTERNAL_VERIFIER)
        assert Allocation.objects.filter(verifier=scene.verifier.person).exists()
    for who, count in ((scene.verifier, 1), (stranger, 0)):
        client.logout()
        sign_in(client, who.person)
        assert get(client, aim, "claims").json()["count"] == count


def test_a_claim_in_detail_lists_what_is_claimed(client, scene):
    sign_in(client, scene.contact.person)
    answer = client.get(f"/api/v1/ao/{scene.ao.slug}/claims/{scene.claim.pk}/").json()
    assert len(answer["cells"]) == 4
    assert {cell["grade"] for cell in answer["cells"]} == {"Pass"}
    assert all(isinstance(cell["uln"], str) and len(cell["uln"]) == 10 for cell in answer["cells"])


def test_res_01_results_before_their_release_are_absent_for_the_centre_and_there_for_the_ao(client, aim):
    with open_scope(aim):
        scene = make_processed(aim, release_at=timezone.now() + dt.timedelta(hours=1))
        result_id = QualificationResult.objects.first().pk
    for who, count in ((scene.contact, 0), (scene.admin, 2)):
        client.logout()
        sign_in(client, who.person)
        assert get(client, aim, "results").json()["count"] == count
        assert (get(client, aim, "unit-results").json()["count"] > 0) == bool(count)
        one = client.get(f"/api/v1/ao/{aim.slug}/results/{result_id}/")
        assert one.status_code == (200 if count else 404)


def test_filters_narrow_and_a_wrong_value_is_400(client, scene):
    sign_in(client, scene.admin.person)
    qan = scene.claim.qualification.display_qan
    assert get(client, scene.ao, "claims", qualification=qan, state="processed").json()["count"] == 1
    assert get(client, scene.ao, "claims", state="drafted").json()["count"] == 0
    assert get(client, scene.ao, "claims", state="nonsense").status_code == 400
    assert get(client, scene.ao, "results", centre="nowhere").json()["count"] == 0
    with open_scope(scene.ao):
        uln = Registration.objects.first().learner.uln
    assert get(client, scene.ao, "registrations", uln=uln).json()["count"] == 1


@pytest.mark.parametrize("noun", NOUNS)
def test_three_rows_cost_as_many_queries_as_one(client, aim, noun):
    with open_scope(aim):
        scene = make_processed(aim, learners=1, units=1)
    sign_in(client, scene.admin.person)
    get(client, aim, noun)  # what is asked once in a session is asked now
    with CaptureQueriesContext(connection) as one:
        first = get(client, aim, noun).json()["count"]
    with open_scope(aim):
        make_processed(aim, learners=2, units=1)
    with CaptureQueriesContext(connection) as more:
        assert get(client, aim, noun).json()["count"] > first
    assert len(one) == len(more)


def test_the_schema_is_public_and_names_every_endpoint(client):
    answer = client.get("/api/schema/", headers={"Accept": "application/vnd.oai.openapi+json"})
    assert answer.status_code == 200
    for noun in NOUNS:
        assert f"/api/v1/ao/{{ao}}/{noun}/" in answer.content.decode()


def test_a_missing_second_factor_is_said_in_json_and_not_by_a_page(client, scene):
    sign_in(client, scene.admin.person, second_factor=False)
    refused = get(client, scene.ao, "claims")
    assert refused.status_code == 403 and "second factor" in refused.json()["detail"]


def test_what_is_not_there_is_said_in_json(client, scene):
    sign_in(client, scene.admin.person)
    missing = client.get(f"/api/v1/ao/{scene.ao.slug}/claims/999999/")
    assert missing.status_code == 404 and missing.json()["detail"]
