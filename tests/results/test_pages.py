"""The pages of results: who sees what, what a click does, what a list costs."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from awarding.accounts.roles import Role
from awarding.jobs.models import Job, JobState
from awarding.tenancy.scope import open_scope
from awarding.worklist.registry import work_items
from mitigations.models import EvidenceEntry, PanelDecision
from qa_sampling.models import SamplePick
from results.models import Certificate, QualificationResult
from results.worklist import results_work
from tests.factories import make_ao, make_centre, make_standing
from tests.factories.results import make_processed, make_verified
from tests.factories.sign_in import sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def aim():
    return make_ao("aim")


def url(name, ao, **kwargs):
    return reverse(f"results:{name}", kwargs={"ao": ao.slug, **kwargs})


def text_of(answer):
    return answer.content.decode()


def test_an_empty_list_says_what_will_stand_there(client, aim):
    with open_scope(aim):
        admin, contact = make_standing(aim, Role.AO_ADMIN), make_standing(aim, Role.QUALITY_CONTACT, make_centre())
    for who, words in ((admin, "it waits here to be processed"), (contact, "are released")):
        client.logout()
        sign_in(client, who.person)
        answer = client.get(url("list", aim))
        assert answer.status_code == 200 and words in text_of(answer)


def test_a_verified_claim_is_processed_by_a_click_and_a_second_click_does_no_harm(client, aim):
    with open_scope(aim):
        scene = make_verified(aim)
    sign_in(client, scene.admin.person)
    queue = text_of(client.get(url("to_process", aim)))
    assert scene.claim.number in queue
    for _ in range(2):
        answer = client.post(url("process", aim, claim_id=scene.claim.pk))
        assert answer.status_code == 302 and answer.url == url("claim", aim, claim_id=scene.claim.pk)
    with open_scope(aim):
        assert Job.objects.count() == 1
    assert "It is being processed" in text_of(client.get(url("claim", aim, claim_id=scene.claim.pk)))


def test_a_page_that_waits_for_a_job_asks_by_itself_and_is_shown_anew_when_the_job_has_ended(client, aim):
    with open_scope(aim):
        scene = make_verified(aim)
    sign_in(client, scene.admin.person)
    pages = [url("claim", aim, claim_id=scene.claim.pk), url("to_process", aim)]
    assert not any("hx-trigger" in text_of(client.get(page)) for page in pages)
    client.post(url("process", aim, claim_id=scene.claim.pk))
    for page in pages:
        assert "hx-trigger" in text_of(client.get(page))
        assert "HX-Refresh" not in client.get(page, headers={"HX-Request": "true"})
    with open_scope(aim):
        Job.objects.update(state=JobState.SUCCEEDED, finished_at=timezone.now())
    for page in pages:
        assert client.get(page, headers={"HX-Request": "true"})["HX-Refresh"] == "true"
        assert "HX-Refresh" not in client.get(page)


def test_many_are_processed_at_once_and_an_unfit_one_is_named(client, aim):
    with open_scope(aim):
        one, two = make_verified(aim, learners=1), make_verified(aim, learners=1)
        two.claim.cells.update(value="Off")
    sign_in(client, one.admin.person)
    answer = client.post(url("process_many", aim), {"claim": [one.claim.pk, two.claim.pk, "x"]}, follow=True)
    assert "1 claim is being processed" in text_of(answer)
    assert two.claim.number in text_of(answer) and "not a grade of the unit scale" in text_of(answer)
    assert "Tick at least one claim" in text_of(client.post(url("process_many", aim), follow=True))


def test_qtg_09_a_grade_off_the_scale_stops_processing_and_says_whose_it_is(client, aim):
    with open_scope(aim):
        scene = make_verified(aim, learners=1, units=1)
        scene.claim.cells.update(value="Off")
        learner = scene.learner(0).registration.learner
    sign_in(client, scene.admin.person)
    answer = client.post(url("process", aim, claim_id=scene.claim.pk))
    assert answer.status_code == 409
    assert learner.full_name in text_of(answer) and "Off" in text_of(answer)
    with open_scope(aim):
        assert not Job.objects.exists()


def test_get_processes_nothing(client, aim):
    with open_scope(aim):
        scene = make_verified(aim)
    sign_in(client, scene.admin.person)
    assert client.get(url("process", aim, claim_id=scene.claim.pk)).status_code == 405


def test_strangers_find_nothing(client, aim):
    with open_scope(aim):
        scene = make_processed(aim)
        result = QualificationResult.objects.first()
        certificate = Certificate.objects.first()
        neighbour = make_standing(aim, Role.QUALITY_CONTACT, make_centre("Southfield"))
    other = make_ao("other")
    with open_scope(other):
        foreign = make_standing(other, Role.AO_ADMIN)
    routes = (("claim", {"claim_id": scene.claim.pk}), ("trail", {"result_id": result.pk}),
              ("certificate", {"certificate_id": certificate.pk}))  # fmt: skip
    for who in (neighbour, foreign):
        client.logout()
        sign_in(client, who.person)
        for name, kwargs in routes:
            assert client.get(url(name, aim, **kwargs)).status_code == 404, (who, name)
    client.logout()
    sign_in(client, neighbour.person)
    assert client.get(url("revoke", aim, certificate_id=certificate.pk)).status_code == 403
    assert client.post(url("process", aim, claim_id=scene.claim.pk)).status_code == 403


def test_res_04_one_page_leads_back_to_judgement_evidence_decision_sample_and_history(client, aim):
    """RES-04: everything behind one result on one page; a centre reads it without the names of the panel."""
    with open_scope(aim):
        scene = make_verified(aim, learners=1, units=2)
        learner, unit = scene.learner(0), scene.unit(0)
        panel = make_standing(aim, Role.PANEL_MEMBER)
        EvidenceEntry.objects.create(
            claim=scene.claim, learner=learner, unit=unit, status="partial", note="Portfolio at the workshop"
        )
        PanelDecision.objects.create(
            claim=scene.claim, verdict="sufficient", reasons="Mock results support it", decided_by=panel.person
        )
        SamplePick.objects.create(
            claim=scene.claim, learner=learner, unit=unit, picked_by=scene.verifier.person, verdict="accepted",
            verdict_reason="Clear work", requested_at=timezone.now(),
        )  # fmt: skip
        from results.services.processing import finish_processing, record_results

        record_results(claim_id=scene.claim.pk)
        finish_processing(claim_id=scene.claim.pk, facts={})
        result = QualificationResult.objects.get()
    sign_in(client, scene.admin.person)
    text = text_of(client.get(url("trail", aim, result_id=result.pk)))
    for expected in (
        "Pass", "Portfolio at the workshop", "Mock results support it", "Clear work", "The External verifier",
        "Accepted without being sampled", scene.claim.number, "Results recorded", "20",
    ):  # fmt: skip
        assert expected in text, expected
    client.logout()
    sign_in(client, scene.contact.person)
    text = text_of(client.get(url("trail", aim, result_id=result.pk)))
    assert "Mock results support it" in text and str(panel.person) not in text.split("<h2")[2]


def test_res_04_the_trail_costs_as_much_for_many_units_as_for_one(client, aim):
    with open_scope(aim):
        small, large = make_processed(aim, learners=1, units=1), make_processed(aim, learners=1, units=5)
        ids = [QualificationResult.objects.get(claim=scene.claim).pk for scene in (small, large)]
    sign_in(client, small.admin.person)
    client.get(url("trail", aim, result_id=ids[0]))
    costs = []
    for pk in ids:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url("trail", aim, result_id=pk)).status_code == 200
        costs.append(len(queries))
    assert costs[0] == costs[1]


@pytest.mark.parametrize("name", ["list", "to_process", "claim"])
def test_three_rows_cost_as_many_queries_as_one(client, aim, name):
    with open_scope(aim):
        one = make_processed(aim, learners=1) if name != "to_process" else make_verified(aim, learners=1)
    sign_in(client, one.admin.person)

    def page(scene):
        return url(name, aim, claim_id=scene.claim.pk) if name == "claim" else url(name, aim)

    client.get(page(one))
    with CaptureQueriesContext(connection) as first:
        assert client.get(page(one)).status_code == 200
    with open_scope(aim):
        more = make_processed(aim, learners=3) if name != "to_process" else make_verified(aim, learners=1)
        make_processed(aim, learners=1) if name != "to_process" else make_verified(aim, learners=1)
    with CaptureQueriesContext(connection) as second:
        assert client.get(page(more)).status_code == 200
    assert len(first) == len(second)


def test_the_export_button_leads_to_its_job(client, aim):
    with open_scope(aim):
        scene = make_processed(aim)
    sign_in(client, scene.contact.person)
    qan = scene.claim.qualification.display_qan
    answer = client.post(url("export", aim), {"qan": qan})
    with open_scope(aim):
        job = Job.objects.get(kind="results.export")
        assert job.parameters["qan"] == scene.claim.qualification.qan and job.centre_id == scene.centre.pk
    assert answer.url == reverse("jobs:detail", kwargs={"ao": "aim", "job_id": job.pk})


def test_a_revocation_is_asked_for_with_a_reason(client, aim):
    with open_scope(aim):
        make_processed(aim, learners=1)
        certificate = Certificate.objects.get()
        admin = make_standing(aim, Role.AO_ADMIN)
    sign_in(client, admin.person)
    page = url("revoke", aim, certificate_id=certificate.pk)
    assert "cannot be put in force again" in text_of(client.get(page))
    refused = client.post(page, {"reason": ""})
    assert refused.status_code == 200 and "Fill in" in text_of(refused)
    for _ in range(2):
        assert client.post(page, {"reason": "Wrong learner"}).status_code == 302
    with open_scope(aim):
        assert Certificate.objects.get().state == Certificate.State.REVOKED


def test_my_work_names_what_waits_what_failed_and_what_could_not_be_made(aim):
    with open_scope(aim):
        scene = make_verified(aim)
        failing = make_verified(aim)
        Job.objects.create(
            kind="results.process_claim", title=f"Process {failing.claim.number}", state=JobState.FAILED,
            key=f"process-claim-{failing.claim.pk}", fault="The disk is full.", finished_at=timezone.now(),
        )  # fmt: skip
        done = make_processed(aim)
        Certificate.objects.filter(result__claim=done.claim).update(state="drafted", fault="No font has it.", file=None)
        items = results_work(scene.admin)
        assert [item.urgency for item in items] == [3, 1, 2]
        assert items[0].count == 2 and "The disk is full." in str(items[1].detail)
        assert results_work(scene.contact) == []
        assert any(item.url == items[0].url for item in work_items(scene.admin))
