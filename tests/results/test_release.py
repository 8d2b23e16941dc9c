"""RES-01: nothing leaves before its instant, by no route, for nobody outside the AO."""

from __future__ import annotations

import datetime as dt
import io

import openpyxl
import pytest
from django.urls import reverse
from django.utils import timezone

from awarding.accounts.roles import Role
from awarding.files.serving import open_stored
from awarding.frameworks.models import Adoption, FrameworkVersion
from awarding.frameworks.parts import Release
from awarding.frameworks.plain import digest_of
from awarding.jobs.models import JobState
from awarding.tenancy.scope import open_scope
from awarding.workflow.services import GuardedError
from centres.models import Registration
from results.models import Certificate, QualificationResult, UnitResult
from results.queries.results import visible_results, visible_unit_results
from results.rules import release_instants
from results.services.exports import export_results
from results.services.processing import process_claim, record_results
from tests.factories import make_ao, make_standing
from tests.factories.results import make_processed, make_verified, run_job
from tests.factories.sign_in import sign_in

SECOND = dt.timedelta(seconds=1)
NOW = dt.datetime(2026, 8, 12, 23, 1, tzinfo=dt.UTC)


def a_release(centres, learners):
    return Release("level_2", "Level 2", ("Level 2",), centres, learners, "test")


class TestInstants:
    def test_res_01_without_a_release_it_is_now(self):
        found = release_instants([], NOW)
        assert (found.to_centres, found.to_learners) == (NOW, NOW)

    def test_res_01_a_release_to_come_is_waited_for_and_one_gone_by_is_not(self):
        later = NOW + dt.timedelta(days=1)
        assert release_instants([a_release(None, later)], NOW).to_centres == later
        assert release_instants([a_release(None, NOW - SECOND)], NOW).to_learners == NOW

    def test_res_01_centres_see_it_earlier_only_where_the_release_says_so(self):
        early, late = NOW + dt.timedelta(hours=1), NOW + dt.timedelta(hours=32)
        found = release_instants([a_release(early, late)], NOW)
        assert (found.to_centres, found.to_learners) == (early, late)
        assert release_instants([a_release(None, late)], NOW).to_centres == late

    def test_res_01_of_two_frameworks_the_later_instant_holds(self):
        one, two = NOW + dt.timedelta(hours=1), NOW + dt.timedelta(hours=2)
        assert release_instants([a_release(None, two), a_release(None, one)], NOW).to_learners == two


@pytest.fixture
def aim(db):
    return make_ao("aim")


def responses(client, ao, scene):
    """Every page and file that could give a result away, for whoever is signed in: {name: (status, text)}."""
    with open_scope(ao):
        result = QualificationResult.objects.order_by("pk").first()
        certificate = Certificate.objects.get(result=result)
        code = {"ao": ao.slug, "number": certificate.number, "code": certificate.check_code}
        learner = result.registration.learner.given_names
        qualification = result.registration.qualification
    routes = {
        "list": reverse("results:list", kwargs={"ao": ao.slug}),
        "claim": reverse("results:claim", kwargs={"ao": ao.slug, "claim_id": scene.claim.pk}),
        "trail": reverse("results:trail", kwargs={"ao": ao.slug, "result_id": result.pk}),
        "certificate": reverse("results:certificate", kwargs={"ao": ao.slug, "certificate_id": certificate.pk}),
        "check": reverse("public:check_certificate", kwargs=code),
        "api": f"/api/v1/ao/{ao.slug}/results/",
        "api_units": f"/api/v1/ao/{ao.slug}/unit-results/",
        "api_one": f"/api/v1/ao/{ao.slug}/results/{result.pk}/",
    }
    assert qualification is not None
    found = {}
    for name, url in routes.items():
        answer = client.get(url)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        found[name] = (answer.status_code, body.decode("utf-8", "replace"))
    return learner, certificate.number, found


@pytest.mark.parametrize("after", [False, True])
def test_res_01_a_second_before_it_is_nowhere_and_a_second_after_it_is_everywhere(client, aim, monkeypatch, after):
    release = timezone.now() + dt.timedelta(hours=5)
    with open_scope(aim):
        scene = make_processed(aim, release_at=release)
    sign_in(client, scene.contact.person)
    monkeypatch.setattr(timezone, "now", lambda: release + SECOND if after else release - SECOND)
    learner, number, found = responses(client, aim, scene)
    if after:
        assert {name: status for name, (status, _body) in found.items()} == dict.fromkeys(found, 200)
        assert learner in found["list"][1] and number in found["claim"][1] and learner in found["check"][1]
        return
    for name in ("trail", "certificate", "check", "api_one"):
        assert found[name][0] == 404, name
    for name, (_status, body) in found.items():
        assert learner not in body, name
        # The check page repeats the number that was asked for; nothing else may know it.
        assert name == "check" or number not in body, name


def test_res_01_the_ao_sees_them_before_the_release_and_is_told_from_when_others_do(client, aim):
    with open_scope(aim):
        scene = make_processed(aim, release_at=timezone.now() + dt.timedelta(hours=5))
    sign_in(client, scene.admin.person)
    learner, number, found = responses(client, aim, scene)
    assert learner in found["list"][1] and "not yet" in found["list"][1]
    assert "The centre sees them from" in found["claim"][1]
    assert found["certificate"][0] == 200
    assert found["check"][0] == 404, "the public page is everybody's"


def test_res_01_a_centre_sees_it_under_embargo_while_the_public_page_still_waits(client, aim):
    now = timezone.now()
    with open_scope(aim):
        scene = make_verified(aim)
        document = _adopt_releases(aim, now - dt.timedelta(minutes=1), now + dt.timedelta(days=1))
        assert document
        record_results(claim_id=scene.claim.pk)
        result = QualificationResult.objects.first()
        assert result.centre_release_at <= timezone.now() < result.release_at
        assert visible_results(scene.contact).count() == 2
        certificate = Certificate.objects.get(result=result)
        certificate.state = Certificate.State.ACTIVE
        certificate.save()
    kwargs = {"ao": aim.slug, "number": certificate.number, "code": certificate.check_code}
    assert client.get(reverse("public:check_certificate", kwargs=kwargs)).status_code == 404


def _adopt_releases(ao, centres, learners):
    """An adopted framework that releases Level 2 at these instants (None: not dated yet)."""
    from awarding.frameworks.services import store_frameworks

    store_frameworks()
    base = FrameworkVersion.objects.get(code="results_2024")
    document = dict(base.document)
    dates = {code: dict(entry) for code, entry in document["dates"].items()}
    for code, instant in (("results_level_2_centres", centres), ("results_level_2", learners)):
        local = None if instant is None else timezone.localtime(instant)
        dates[code]["on"] = None if local is None else local.date().isoformat()
        dates[code]["at"] = None if local is None else local.strftime("%H:%M")
    # The bounds of the published framework are of 2024.
    wider = [entry | ({"max": "2199-12-31"} if entry["type"] == "date" else {}) for entry in document["ao_decides"]]
    wider = [entry | ({"min": "00:00", "max": "23:59"} if entry["type"] == "time" else {}) for entry in wider]
    document |= {"id": "results_test", "dates": dates, "ao_decides": wider}
    version = FrameworkVersion.objects.create(
        code="results_test", number=1, title="Releases of a test", digest=digest_of(document), document=document
    )
    return Adoption.objects.create(framework=version)


def test_res_01_the_release_of_any_adopted_framework_holds_results_back(aim):
    with open_scope(aim):
        scene = make_verified(aim)
        later = timezone.now().replace(second=0, microsecond=0) + dt.timedelta(days=3)
        _adopt_releases(aim, later, later + dt.timedelta(days=1))
        record_results(claim_id=scene.claim.pk)
        result = QualificationResult.objects.first()
        assert (result.centre_release_at, result.release_at) == (later, later + dt.timedelta(days=1))
        assert set(UnitResult.objects.values_list("centre_release_at", flat=True)) == {later}
        assert visible_results(scene.contact).count() == visible_unit_results(scene.contact).count() == 0


def test_res_01_a_release_without_a_date_stops_processing_and_says_where_to_set_it(aim):
    with open_scope(aim):
        scene = make_verified(aim)
        _adopt_releases(aim, None, None)
        with pytest.raises(GuardedError, match="is not set yet") as refused:
            process_claim(actor=scene.admin, claim=scene.claim)
        assert [finding.rule for finding in refused.value.findings] == ["RES-01"]
        assert not QualificationResult.objects.exists()


def read_workbook(job):
    book = openpyxl.load_workbook(io.BytesIO(open_stored(job.result_file)))
    return list(book.worksheets[0].iter_rows())


@pytest.mark.parametrize("released", [False, True])
def test_res_01_a_centres_export_holds_released_rows_only(aim, released):
    with open_scope(aim):
        scene = make_processed(aim, release_at=timezone.now() + dt.timedelta(hours=-1 if released else 1))
        job = export_results(actor=scene.contact)
        whole = export_results(actor=scene.admin)
        assert whole.centre_id is None, "a centre must not find the AO's file among its jobs"
    done, done_whole = run_job(job), run_job(whole)
    with open_scope(aim):
        assert len(read_workbook(done)) == (3 if released else 1)
        assert len(read_workbook(done_whole)) == 3


def test_res_03_identifiers_are_text_and_no_name_is_a_formula(aim):
    with open_scope(aim):
        scene = make_processed(aim, learners=2)
        learner = scene.learner(0).registration.learner
        learner.given_names, learner.uln, learner.reference = "=HYPERLINK(1)", "0000000018", "007"
        learner.save()
        job = export_results(actor=scene.admin)
    done = run_job(job)
    assert done.state == JobState.SUCCEEDED, done.fault
    with open_scope(aim):
        header, *rows = read_workbook(done)
    titles = [cell.value for cell in header]
    cells = dict(zip(titles, next(row for row in rows if row[1].value == "=HYPERLINK(1)"), strict=True))
    assert (cells["ULN"].value, cells["ULN"].data_type, cells["ULN"].number_format) == ("0000000018", "s", "@")
    assert cells["Given names"].data_type == "s"
    assert cells["Centre’s reference"].value == "007"
    assert cells["Certificate number"].value.startswith("AIM-C-")
    assert cells["eRAC"].value == scene.claim.number
    assert cells["Date of birth"].is_date
    assert len(rows) == 2


def test_res_03_an_office_finds_its_learner_and_the_certificate_in_force(aim):
    with open_scope(aim):
        scene = make_processed(aim, learners=2)
        made = Registration.objects.select_related("learner", "qualification").get(pk=scene.learner(0).registration_id)
        establishment = made.centre.establishment
        establishment.ukprn = "10000291"
        establishment.save()
        issued = dt.datetime(2026, 11, 2, 9, 30, tzinfo=dt.UTC)
        old = Certificate.objects.get(result__registration=made)
        old.state = Certificate.State.REVOKED
        old.save()
        Certificate.objects.create(
            result=old.result, number="AIM-C-2026-9999999", check_code="ABCDEFGHJK", state=Certificate.State.ACTIVE,
            issued_at=issued, replaces=old,
        )  # fmt: skip
        job = export_results(actor=scene.admin)
    done = run_job(job)
    with open_scope(aim):
        header, *rows = read_workbook(done)
    titles = [cell.value for cell in header]
    assert len(titles) == len(set(titles)) == 20 and len(rows) == 2  # a revoked certificate adds no row
    found = [dict(zip(titles, [cell.value for cell in row], strict=True)) for row in rows]
    mine = next(row for row in found if row["ULN"] == made.learner.uln)
    assert mine["UKPRN"] == "10000291" and mine["Type"] == made.qualification.type
    assert (mine["Start date"].date(), mine["Planned end date"].date()) == (made.starts_on, made.ends_on)
    assert (mine["Certificate number"], mine["Certificate issued on"]) == (
        "AIM-C-2026-9999999",
        issued.replace(tzinfo=None),
    )


def test_res_03_the_export_is_filtered_as_the_list_is(aim):
    with open_scope(aim):
        scene, other = make_processed(aim), make_processed(aim)
        one = export_results(actor=scene.admin, centre_id=other.centre.pk)
        none = export_results(actor=scene.admin, awarded_to=dt.date(2020, 1, 1))
        by_qan = export_results(actor=scene.admin, qan=scene.claim.qualification.qan)
    found = [run_job(job).result["rows"] for job in (one, none, by_qan)]
    assert found == [2, 0, 2]


def test_res_03_who_lost_the_role_before_the_job_ran_gets_no_file(aim):
    from awarding.accounts.models import Membership

    with open_scope(aim):
        scene = make_processed(aim)
        job = export_results(actor=scene.contact)
        Membership.objects.filter(person=scene.contact.person).update(ended_at=timezone.now())
    done = run_job(job)
    assert done.state == JobState.FAILED and done.result_file_id is None


def test_an_export_of_another_centre_is_refused(aim):
    from awarding.accounts.standing import PermissionMissingError
    from tests.factories import make_centre

    with open_scope(aim):
        scene = make_processed(aim)
        with pytest.raises(PermissionMissingError):
            export_results(actor=scene.contact, centre_id=make_centre("Southfield").pk)
        with pytest.raises(PermissionMissingError):
            export_results(actor=make_standing(aim, Role.TEACHER, scene.centre))
