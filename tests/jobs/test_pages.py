"""The pages of jobs: who sees which, progress, result, stopping."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from awarding.accounts.roles import Role
from awarding.jobs.models import Job, JobState
from awarding.jobs.services import perform_job
from awarding.tenancy.scope import open_scope
from tests.factories import make_ao, make_centre, make_standing
from tests.factories.sign_in import sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def ao():
    return make_ao("aim")


@pytest.fixture
def centre(ao):
    with open_scope(ao):
        return make_centre()


@pytest.fixture
def contact(ao, centre):
    with open_scope(ao):
        return make_standing(ao, Role.QUALITY_CONTACT, centre)


def make_job(ao, key="k", **fields) -> Job:
    with open_scope(ao):
        return Job.objects.create(**({"kind": "test.steps", "title": f"Job {key}", "key": key} | fields))


def address(job, name="detail") -> str:
    return reverse(f"jobs:{name}", kwargs={"ao": "aim", "job_id": job.pk})


def test_a_centre_sees_its_own_jobs_and_the_ao_all(client, ao, centre, contact):
    with open_scope(ao):
        elsewhere, admin = make_centre(), make_standing(ao, Role.AO_ADMIN)
    ours, theirs = make_job(ao, "ours", centre=centre), make_job(ao, "theirs", centre=elsewhere)
    whole = make_job(ao, "whole")
    sign_in(client, contact.person)
    page = client.get(reverse("jobs:list", kwargs={"ao": "aim"})).content.decode()
    assert "Job ours" in page and "Job theirs" not in page and "Job whole" not in page
    assert client.get(address(ours)).status_code == 200
    assert client.get(address(theirs)).status_code == client.get(address(whole)).status_code == 404
    assert client.get(address(theirs, "progress")).status_code == 404
    sign_in(client, admin.person)
    page = client.get(reverse("jobs:list", kwargs={"ao": "aim"})).content.decode()
    assert "Job ours" in page and "Job theirs" in page and "Job whole" in page


def test_somebody_without_the_permission_sees_their_own_only(client, ao, centre):
    with open_scope(ao):
        teacher = make_standing(ao, Role.TEACHER, centre)
    own, other = make_job(ao, "own", started_by=teacher.person, centre=centre), make_job(ao, "other", centre=centre)
    sign_in(client, teacher.person, second_factor=False)
    page = client.get(reverse("jobs:list", kwargs={"ao": "aim"})).content.decode()
    assert "Job own" in page and "Job other" not in page
    assert client.get(address(other)).status_code == 404 and client.get(address(own)).status_code == 200


def test_another_aos_job_is_not_there(client, ao, contact):
    other = make_ao("other")
    job = make_job(other)
    sign_in(client, contact.person)
    assert client.get(address(job)).status_code == 404
    assert client.get(reverse("jobs:detail", kwargs={"ao": "other", "job_id": job.pk})).status_code == 404


def test_an_open_job_refreshes_itself_and_offers_a_link_without_javascript(client, ao, centre, contact):
    job = make_job(ao, centre=centre, state=JobState.RUNNING, done=2, total=8)
    sign_in(client, contact.person)
    page = client.get(address(job)).content.decode()
    assert "Look again now" in page and 'hx-trigger="every 2s"' in page
    assert 'http-equiv="refresh"' not in page
    assert '<progress value="2" max="8"' in page and "2 of 8" in page
    part = client.get(address(job, "progress")).content.decode()
    assert part.startswith('<div id="job-progress"') and "<html" not in part


def test_a_job_that_has_ended_no_longer_asks(client, ao, centre, contact):
    job = make_job(ao, centre=centre, state=JobState.FAILED, fault="Learner 3 has no ULN.")
    sign_in(client, contact.person)
    page = client.get(address(job)).content.decode()
    assert "hx-trigger" not in page and "http-equiv" not in page
    assert "Learner 3 has no ULN." in page


def test_the_result_is_handed_to_those_who_see_the_job(client, ao, centre, contact):
    job = make_job(ao, kind="test.makes_a_file", centre=centre)
    perform_job(ao, job.pk)
    with open_scope(ao):
        stranger = make_standing(ao, Role.QUALITY_CONTACT, make_centre())
    sign_in(client, contact.person)
    page = client.get(address(job)).content.decode()
    assert "Download results.csv" in page and "Row 4: no ULN" in page
    answer = client.get(address(job, "result"))
    assert b"".join(answer.streaming_content) == b"a,b\n" and "attachment" in answer.headers["Content-Disposition"]
    sign_in(client, stranger.person)
    assert client.get(address(job, "result")).status_code == 404


def test_a_job_without_a_file_has_no_result_to_hand_out(client, ao, centre, contact):
    sign_in(client, contact.person)
    assert client.get(address(make_job(ao, centre=centre), "result")).status_code == 404


def test_who_started_it_and_an_admin_may_stop_it_and_others_not(client, ao, centre, contact):
    with open_scope(ao):
        colleague, admin = make_standing(ao, Role.QUALITY_CONTACT, centre), make_standing(ao, Role.AO_ADMIN)
    own = make_job(ao, "own", centre=centre, started_by=contact.person)
    second = make_job(ao, "second", centre=centre, started_by=contact.person)
    sign_in(client, colleague.person)
    assert "Stop this job" not in client.get(address(own)).content.decode()
    assert client.post(address(own, "cancel")).status_code == 403
    sign_in(client, contact.person)
    assert client.get(address(own, "cancel")).status_code == 405
    assert client.post(address(own, "cancel")).status_code == 302
    sign_in(client, admin.person)
    assert client.post(address(second, "cancel")).status_code == 302
    with open_scope(ao):
        assert set(Job.objects.values_list("state", flat=True)) == {JobState.CANCELLED}


def test_a_second_click_on_stop_harms_nothing(client, ao, centre, contact):
    job = make_job(ao, centre=centre, started_by=contact.person)
    sign_in(client, contact.person)
    client.post(address(job, "cancel"))
    page = client.post(address(job, "cancel"), follow=True).content.decode()
    assert "had ended already" in page


def test_the_way_back_leads_nowhere_else(client, ao, centre, contact):
    job = make_job(ao, centre=centre, back_to="https://evil.example/")
    sign_in(client, contact.person)
    assert "evil.example" not in client.get(address(job)).content.decode()


def test_the_list_costs_the_same_for_one_and_for_three(client, ao, centre, contact, django_assert_num_queries):
    make_job(ao, "0", centre=centre, started_by=contact.person)
    sign_in(client, contact.person)
    listing = reverse("jobs:list", kwargs={"ao": "aim"})
    with CaptureQueriesContext(connection) as one:
        client.get(listing)
    for n in range(2):
        make_job(ao, f"more {n}", centre=centre, started_by=contact.person)
    with django_assert_num_queries(len(one)):
        assert client.get(listing).content.decode().count("<tr") == 4


def test_an_empty_list_teaches(client, ao, contact):
    sign_in(client, contact.person)
    assert "No jobs yet" in client.get(reverse("jobs:list", kwargs={"ao": "aim"})).content.decode()
