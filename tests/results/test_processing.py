"""Processing a claim: once, however often it is asked, run or killed."""

from __future__ import annotations

import threading

import pytest
from django.db import connection

from awarding.accounts.roles import Role
from awarding.accounts.standing import PermissionMissingError
from awarding.catalogue.models import Grade
from awarding.jobs.models import Job, JobState
from awarding.jobs.services import perform_job
from awarding.notices.models import Notice
from awarding.tenancy.scope import open_scope
from awarding.workflow.models import StatusEvent
from awarding.workflow.services import StalePageError
from mitigations.models import Claim, ClaimCell
from results import tasks
from results.models import Certificate, QualificationResult, UnitResult
from results.services import processing
from results.services.certificates import activate_certificate
from results.services.processing import finish_processing, process_claim, record_results
from tests.factories import make_ao, make_standing
from tests.factories.awards import make_scale
from tests.factories.results import make_verified, run_job

STEPS = ("plan_results", "draft_certificates", "certificate_html", "activate_certificate", "finish_processing")
PDF = b"%PDF-1.7 stands for a page"


@pytest.fixture
def quick_pdf(monkeypatch):
    """Certificates without drawing them: what is tested here is who gets one."""
    monkeypatch.setattr(tasks, "certificate_pdf", lambda html, fonts=None: PDF)


def counts(ao, claim):
    with open_scope(ao):
        return (
            UnitResult.objects.filter(claim=claim).count(),
            QualificationResult.objects.filter(claim=claim).count(),
            Certificate.objects.filter(result__claim=claim, state=Certificate.State.ACTIVE).count(),
            Certificate.objects.filter(result__claim=claim).values("number").distinct().count(),
            StatusEvent.objects.filter(target_id=claim.pk, transition="record_results").count(),
        )


@pytest.mark.django_db
class TestOnce:
    def test_clm_14_asked_five_times_it_is_one_job_one_result_and_one_certificate_each(self, quick_pdf):
        ao = make_ao("aim")
        with open_scope(ao):
            scene = make_verified(ao, learners=3, units=2)
            jobs = {process_claim(actor=scene.admin, claim=scene.claim).pk for _ in range(5)}
            job = Job.objects.get()
        assert jobs == {job.pk}
        assert run_job(job).state == JobState.SUCCEEDED
        with open_scope(ao):
            again = process_claim(actor=scene.admin, claim=scene.claim)
            assert again.pk == job.pk, "a finished claim answers the finished job"
        assert counts(ao, scene.claim) == (6, 3, 3, 3, 1)

    def test_clm_14_the_body_run_again_from_the_start_adds_nothing(self, quick_pdf):
        ao = make_ao("aim")
        with open_scope(ao):
            scene = make_verified(ao)
            job = process_claim(actor=scene.admin, claim=scene.claim)
        for _ in range(3):
            with open_scope(ao):
                Job.objects.filter(pk=job.pk).update(state=JobState.QUEUED, attempts=0)
            run_job(job)
        assert counts(ao, scene.claim) == (4, 2, 2, 2, 1)

    @pytest.mark.parametrize("step", STEPS)
    def test_clm_14_killed_at_any_step_it_ends_the_same_when_run_again(self, quick_pdf, monkeypatch, step):
        class Killed(BaseException):
            """Nothing catches this, as nothing catches a kill."""

        def die(*args, **kwargs):
            raise Killed

        ao = make_ao("aim")
        with open_scope(ao):
            scene = make_verified(ao)
            job = process_claim(actor=scene.admin, claim=scene.claim)
        module = processing if hasattr(processing, step) and not hasattr(tasks, step) else tasks
        with monkeypatch.context() as broken:
            broken.setattr(module, step, die)
            with pytest.raises(Killed):
                run_job(job)
        assert run_job(job).state == JobState.SUCCEEDED
        assert counts(ao, scene.claim) == (4, 2, 2, 2, 1)

    def test_clm_14_a_claim_that_is_not_verified_is_refused_and_nothing_is_recorded(self):
        ao = make_ao("aim")
        with open_scope(ao):
            scene = make_verified(ao)
            Claim.objects.filter(pk=scene.claim.pk).update(state="allocated")
            with pytest.raises(StalePageError, match="only a verified claim"):
                process_claim(actor=scene.admin, claim=scene.claim)
            assert not Job.objects.exists()

    def test_clm_14_the_centre_cannot_ask_for_it(self):
        ao = make_ao("aim")
        with open_scope(ao):
            scene = make_verified(ao)
            for actor in (scene.contact, scene.verifier, make_standing(ao, Role.RESPONSIBLE_OFFICER)):
                with pytest.raises(PermissionMissingError):
                    process_claim(actor=actor, claim=scene.claim)

    def test_clm_14_returned_and_unachieved_entries_are_not_recorded(self):
        ao = make_ao("aim")
        with open_scope(ao):
            scene = make_verified(ao, learners=2, units=2)
            Grade.objects.create(
                scale_id=scene.claim.qualification.unit_scale_id,
                code="U",
                label="Unclassified",
                rank=9,
                is_achieved=False,
            )
            returned, unachieved = ClaimCell.objects.filter(claim=scene.claim, learner=scene.learner(0)).order_by("pk")
            ClaimCell.objects.filter(pk=returned.pk).update(verdict=ClaimCell.Verdict.RETURNED)
            ClaimCell.objects.filter(pk=unachieved.pk).update(value="U")
            record_results(claim_id=scene.claim.pk)
            recorded = set(UnitResult.objects.values_list("registration_id", flat=True))
            assert recorded == {scene.learner(1).registration_id}
            assert set(QualificationResult.objects.values_list("registration_id", flat=True)) == recorded

    def test_res_01_the_notice_to_the_centre_holds_no_grade_and_comes_once(self, quick_pdf):
        ao = make_ao("aim")
        with open_scope(ao):
            scene = make_verified(ao)
            job = process_claim(actor=scene.admin, claim=scene.claim)
        run_job(job)
        with open_scope(ao):
            assert not finish_processing(claim_id=scene.claim.pk, facts={})
            notice = Notice.objects.get(person=scene.contact.person, key__contains="processed")
            assert "Pass" not in notice.subject + notice.body


@pytest.mark.django_db
class TestGrades:
    def graded(self, ao, *, points):
        scene = make_verified(ao, learners=2, units=2)
        units = make_scale("Unit PMD", ["P", "M", "D"], [6, 10, 16])
        whole = make_scale("Whole PMD", ["PP", "MM", "DD"], points)
        qualification = scene.claim.qualification
        qualification.unit_scale, qualification.scale = units, whole
        qualification.save()
        ClaimCell.objects.filter(learner=scene.learner(0)).update(value="M")
        ClaimCell.objects.filter(learner=scene.learner(1)).update(value="P")
        return scene

    def test_points_of_the_units_against_the_thresholds_give_the_grade_with_its_basis(self):
        ao = make_ao("aim")
        with open_scope(ao):
            scene = self.graded(ao, points=[120, 200, 300])
            record_results(claim_id=scene.claim.pk)
            best, other = (QualificationResult.objects.get(registration=scene.learner(n).registration) for n in (0, 1))
            assert (best.grade, best.basis["points"], best.basis["credits"]) == ("MM", 200, 20)
            assert (other.grade, other.basis["points"]) == ("PP", 120)
            assert [unit["grade"] for unit in best.basis["units"]] == ["M", "M"]

    def test_qtg_09_without_thresholds_units_are_recorded_and_the_grade_is_held_until_they_are_set(self, quick_pdf):
        ao = make_ao("aim")
        with open_scope(ao):
            scene = self.graded(ao, points=None)
            job = process_claim(actor=scene.admin, claim=scene.claim)
        done = run_job(job)
        assert [finding["code"] for finding in done.result["held"]] == ["no_thresholds"] * 2
        assert counts(ao, scene.claim)[:3] == (4, 0, 0)
        with open_scope(ao):
            for code, points in (("PP", 100), ("MM", 200), ("DD", 300)):
                Grade.objects.filter(scale=scene.claim.qualification.scale, code=code).update(points=points)
            again = process_claim(actor=scene.admin, claim=scene.claim)
        assert again.pk != done.pk
        assert run_job(again).result["results"] == 2
        assert counts(ao, scene.claim) == (4, 2, 2, 2, 1)

    def test_mit_12_a_learner_who_is_short_gets_units_and_no_qualification(self):
        ao = make_ao("aim")
        with open_scope(ao):
            scene = make_verified(ao, learners=2, units=2)
            ClaimCell.objects.filter(learner=scene.learner(0), unit=scene.unit(0)).update(value="")
            record_results(claim_id=scene.claim.pk)
            assert UnitResult.objects.count() == 3
            assert list(QualificationResult.objects.values_list("registration_id", flat=True)) == [
                scene.learner(1).registration_id
            ]


@pytest.mark.django_db
class TestFaults:
    def test_mit_12_a_qualification_without_rules_of_combination_certificates_nobody(self, quick_pdf):
        ao = make_ao("aim")
        with open_scope(ao):
            scene = make_verified(ao)
            qualification = scene.claim.qualification
            qualification.groups.update(is_mandatory=False, min_units=0, min_credits=0)
            type(qualification).objects.filter(pk=qualification.pk).update(min_credits=0)
            job = process_claim(actor=scene.admin, claim=scene.claim)
        run_job(job)
        assert counts(ao, scene.claim)[:2] == (4, 0)

    def test_one_learner_whose_pdf_fails_is_named_and_the_others_go_on(self, monkeypatch):
        ao = make_ao("aim")
        with open_scope(ao):
            scene = make_verified(ao, learners=3)
            unlucky = scene.learner(1).registration.learner
            job = process_claim(actor=scene.admin, claim=scene.claim)

        def draw(html, fonts=None):
            if unlucky.given_names in html:
                raise RuntimeError("no such glyph table")
            return PDF

        with monkeypatch.context() as broken:
            broken.setattr(tasks, "certificate_pdf", draw)
            done = run_job(job)
        assert done.state == JobState.SUCCEEDED
        (fault,) = done.result["faults"]
        assert fault["learner"] == unlucky.full_name and "glyph table" not in fault["why"]
        assert counts(ao, scene.claim)[2] == 2
        monkeypatch.setattr(tasks, "certificate_pdf", lambda html, fonts=None: PDF)
        with open_scope(ao):
            again = process_claim(actor=scene.admin, claim=scene.claim)
        assert again.pk != job.pk and run_job(again).result["certificates"] == 1
        assert counts(ao, scene.claim) == (6, 3, 3, 3, 1)

    def test_a_broker_that_is_away_loses_nothing(self, monkeypatch, django_capture_on_commit_callbacks, quick_pdf):
        from kombu.exceptions import OperationalError

        from awarding.jobs.tasks import run_job as task

        def refuse(*args, **kwargs):
            raise OperationalError("connection refused")

        monkeypatch.setattr(task, "delay", refuse)
        ao = make_ao("aim")
        with django_capture_on_commit_callbacks(execute=True), open_scope(ao):
            scene = make_verified(ao)
            job = process_claim(actor=scene.admin, claim=scene.claim)
        with open_scope(ao):
            assert Job.objects.get(pk=job.pk).state == JobState.QUEUED
        assert run_job(job).state == JobState.SUCCEEDED


@pytest.mark.django_db(transaction=True)
class TestSideBySide:
    def scene(self):
        ao = make_ao("aim")
        with open_scope(ao):
            return ao, make_verified(ao, learners=4, units=3)

    def at_once(self, *bodies):
        start, faults = threading.Barrier(len(bodies)), []

        def run(body):
            try:
                start.wait()
                body()
            except Exception as error:  # noqa: BLE001 - told to the test
                faults.append(error)
            finally:
                connection.close()

        threads = [threading.Thread(target=run, args=(body,)) for body in bodies]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert not faults, faults

    def test_clm_14_asked_by_two_people_at_the_same_instant_it_is_one_job(self):
        ao, scene = self.scene()
        found = []

        def ask():
            with open_scope(ao):
                found.append(process_claim(actor=scene.admin, claim=scene.claim).pk)

        self.at_once(ask, ask, ask)
        assert len(found) == 3 and len(set(found)) == 1

    def test_clm_14_two_workers_with_the_same_job_make_everything_once(self, quick_pdf):
        ao, scene = self.scene()
        with open_scope(ao):
            job = process_claim(actor=scene.admin, claim=scene.claim)
        self.at_once(*[lambda: perform_job(ao, job.pk)] * 2)
        run_job(job)
        assert counts(ao, scene.claim) == (12, 4, 4, 4, 1)

    def test_clm_14_even_without_the_jobs_lock_two_bodies_record_once(self, quick_pdf):
        """Two handlers really side by side, as if the advisory lock did not exist."""
        ao, scene = self.scene()
        with open_scope(ao):
            job = process_claim(actor=scene.admin, claim=scene.claim)
        self.at_once(*[lambda: tasks.process(job, _Silent())] * 3)
        assert counts(ao, scene.claim) == (12, 4, 4, 4, 1)

    def test_clm_14_the_same_certificate_made_twice_at_once_leaves_one_file(self):
        ao, scene = self.scene()
        with open_scope(ao):
            record_results(claim_id=scene.claim.pk)
            certificate_id = Certificate.objects.order_by("pk").values_list("pk", flat=True)[0]
        answers = []

        def activate():
            with open_scope(ao):
                answers.append(activate_certificate(certificate_id=certificate_id, pdf=PDF))

        self.at_once(activate, activate)
        assert sorted(answers) == [False, True]


class _Silent:
    """Progress of nobody."""

    def start(self, total):
        pass

    def advance(self, steps=1):
        pass
