"""Q-TAGs become results: only what is signed for, once, seen from the release, withdrawn when reopened."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable

import openpyxl
import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from awarding.accounts.roles import Role
from awarding.accounts.standing import PermissionMissingError
from awarding.files.serving import open_stored
from awarding.tenancy.scope import open_scope
from awarding.ui.grid import CellInput
from awarding.workflow.services import GuardedError, ReasonMissingError
from mitigations.models import Claim
from qtag.models import Award, DeclarationPart, Judgement
from qtag.services.grades import save_grades
from qtag.services.moving import move_judgements, reopen_judgement
from results.models import Certificate, QtagRelease, QualificationResult, ResultWithdrawal, UnitResult
from results.queries.checking import check_certificate
from results.queries.results import visible_results, visible_unit_results
from results.services.certificates import revoke_certificate
from results.services.exports import export_results
from results.services.qtags import accept_submissions, record_qtag_results
from results.services.releasing import ReleaseError, set_release
from tests.factories import make_standing
from tests.factories.qtag_results import award, plan_release, release_now, sign_for
from tests.factories.qtags import make_moves
from tests.factories.results import make_verified, run_job
from tests.qtag.conftest import Scene, agreed, calendar, scene  # noqa: F401 - fixtures

CAST = pytest.mark.usefixtures("calendar")


@pytest.fixture
def signed(agreed: Scene) -> Scene:  # noqa: F811 - the fixture
    """Submitted, signed for, the release set for tomorrow."""
    with open_scope(agreed.ao):
        make_moves(agreed.people[Role.QUALITY_CONTACT], agreed.submission, "submit")
        sign_for(agreed.people[Role.HEAD_OF_CENTRE], agreed.centre, agreed.submission)
        plan_release(agreed.people[Role.AO_ADMIN], agreed.submission)
    return agreed


def admin(scene: Scene):  # noqa: F811
    return scene.people[Role.AO_ADMIN]


def codes(scene: Scene) -> list[str]:  # noqa: F811
    """Why the submission is refused."""
    done = accept_submissions(actor=admin(scene), submissions=[scene.submission])
    return [finding.rule for _row, findings in done.refused for finding in findings]


def counts() -> tuple[int, int]:
    return QualificationResult.objects.count(), Certificate.objects.exclude(state="revoked").count()


def test_without_a_declaration_nothing_is_processed(agreed):  # noqa: F811
    """HOC-03 HOC-04 RES-01: nothing signed; signed and then reopened; a release that is not set: each is refused and said."""
    with open_scope(agreed.ao):
        make_moves(agreed.people[Role.QUALITY_CONTACT], agreed.submission, "submit")
        assert codes(agreed) == ["HOC-03", "RES-01"]
        sign_for(agreed.people[Role.HEAD_OF_CENTRE], agreed.centre, agreed.submission)
        assert codes(agreed) == ["RES-01"]
        plan_release(admin(agreed), agreed.submission)
        first = Judgement.objects.order_by("pk")[0]
        reopen_judgement(actor=admin(agreed), judgement=first, reason="Mixed up", expected_version=first.version)
        assert codes(agreed) == ["HOC-04"]
        assert not Award.objects.exists() and counts() == (0, 0)
        with pytest.raises(PermissionMissingError):
            accept_submissions(actor=agreed.people[Role.HEAD_OF_CENTRE], submissions=[agreed.submission])


def test_a_grade_that_moved_unseen_is_not_covered(signed):
    """HOC-04: the digest is worked out from the grades as they stand, whatever the part's state says."""
    with open_scope(signed.ao):
        Judgement.objects.filter(submission=signed.submission).update(grade_version=7)
        assert codes(signed) == ["HOC-04"]


def test_asked_twice_and_run_thrice_it_is_recorded_once(signed):
    """CLM-14 QTG-14: one result and one certificate each, no unit result, one job while it is open."""
    with open_scope(signed.ao):
        first = accept_submissions(actor=admin(signed), submissions=[signed.submission])
        again = accept_submissions(actor=admin(signed), submissions=[signed.submission])
        assert first.job == again.job and first.count == 1
        pk = Award.objects.get().pk
        assert [record_qtag_results(award_id=pk).results for _run in range(3)] == [3, 0, 0]
        assert counts() == (3, 3) and not UnitResult.objects.exists()
        assert Award.objects.get().state == "recorded"
        assert not signed.submission.results.exclude(claim=None).exists()


def test_nobody_sees_a_result_before_its_release_and_the_centre_does_after(signed):
    """QTG-17 RES-01: not the AO, not the centre, not the check of a certificate; from the instant they all do."""
    with open_scope(signed.ao):
        award(admin(signed), signed.submission)
        certificate = Certificate.objects.order_by("pk")[0]
        seers = [admin(signed), signed.people[Role.QUALITY_CONTACT], make_standing(signed.ao, Role.RESPONSIBLE_OFFICER)]
        assert [visible_results(person).count() for person in seers] == [0, 0, 0]
        assert check_certificate(certificate.number, certificate.check_code).verdict == "unknown"
    client = signed.client(Role.AO_ADMIN)
    page = signed.url(f"results/qtags/{signed.submission.pk}/")
    assert "nobody sees them before" in client.get(page).content.decode()
    assert client.get(signed.url(f"certificates/{certificate.pk}/")).status_code == 404
    with open_scope(signed.ao):
        release_now(signed.submission)
        assert [visible_results(person).count() for person in seers] == [3, 3, 3]
        assert check_certificate(certificate.number, certificate.check_code).verdict == "genuine"
    for role in (Role.AO_ADMIN, Role.QUALITY_CONTACT):
        shown = signed.client(role).get(page).content.decode()
        assert shown.count("How it came about") == 3
    trail = signed.client(Role.QUALITY_CONTACT).get(signed.url(f"results/{certificate.result_id}/trail/"))
    assert "Classwork" in trail.content.decode() and "Agreed by the head of centre" in trail.content.decode()


def test_late_ones_wait_until_the_ao_takes_them(agreed, calendar):  # noqa: F811
    """QTG-10: a late Q-TAG is held with its reason; taking it needs a reason of the AO's."""
    calendar.today = dt.date(2021, 6, 20)
    with open_scope(agreed.ao):
        make_moves(agreed.people[Role.QUALITY_CONTACT], agreed.submission, "submit")
        sign_for(agreed.people[Role.HEAD_OF_CENTRE], agreed.centre, agreed.submission)
        plan_release(admin(agreed), agreed.submission)
        accept_submissions(actor=admin(agreed), submissions=[agreed.submission])
        held = record_qtag_results(award_id=Award.objects.get().pk).held
        assert [finding.rule for finding in held] == ["QTG-10"] * 3 and counts() == (0, 0)
        with pytest.raises(ReasonMissingError):
            accept_submissions(actor=admin(agreed), submissions=[agreed.submission], takes_late=True)
        accept_submissions(
            actor=admin(agreed), submissions=[agreed.submission], takes_late=True, late_reason="The post was late"
        )
        assert record_qtag_results(award_id=Award.objects.get().pk).results == 3


def test_reopening_withdraws_the_result_and_a_new_one_keeps_the_history(signed):
    """QTG-13 HOC-04: result and certificate go at once; after a new grade and a new signature another edition is recorded."""
    head = signed.people[Role.HEAD_OF_CENTRE]
    with open_scope(signed.ao):
        award(admin(signed), signed.submission)
        release_now(signed.submission)
        first = Judgement.objects.order_by("pk")[0]
        reopen_judgement(
            actor=admin(signed), judgement=first, reason="Two were mixed up", expected_version=first.version
        )
        assert ResultWithdrawal.objects.get().reason == "Two were mixed up"
        assert Certificate.objects.get(state="revoked").revoked_reason == "Two were mixed up"
        assert visible_results(head).count() == 2 and Award.objects.get().state == "reopened"
        assert codes(signed) == ["HOC-04"]
        judged_again(signed, first, "D")
        award(admin(signed), signed.submission)
        results = QualificationResult.objects.filter(registration=first.registration_id).order_by("edition")
        assert [(row.edition, row.grade) for row in results] == [(1, "M"), (2, "D")]
        assert visible_results(head).filter(registration=first.registration_id).get().grade == "D"
        assert QualificationResult.objects.count() == 4
    trail = signed.client(Role.AO_ADMIN).get(signed.url(f"results/{results[1].pk}/trail/")).content.decode()
    assert "Earlier results of this learner" in trail and "Two were mixed up" in trail


def judged_again(scene: Scene, judgement: Judgement, grade: str = "") -> None:  # noqa: F811
    """Through all hands to the AO, with another grade where one is given, and signed for by the head."""
    if grade:
        cells = [CellInput(judgement.row_key, "grade", grade, was="M")]
        save_grades(actor=scene.people[Role.TEACHER], submission=scene.submission, cells=cells)
    for move, role in (
        ("propose", Role.TEACHER), ("endorse_lead", Role.LEAD_INTERNAL_VERIFIER),
        ("endorse_department", Role.HEAD_OF_DEPARTMENT), ("agree", Role.HEAD_OF_CENTRE), ("submit", Role.QUALITY_CONTACT),
    ):  # fmt: skip
        version = {judgement.pk: Judgement.objects.get(pk=judgement.pk).version}
        outcome = move_judgements(
            actor=scene.people[role],
            submission=scene.submission,
            move=move,
            judgement_ids=[judgement.pk],
            versions=version,
        )
        assert not outcome.refused, outcome.refused
    sign_for(scene.people[Role.HEAD_OF_CENTRE], scene.centre, scene.submission)


def reopen_first(scene: Scene) -> Judgement:  # noqa: F811
    first = Judgement.objects.order_by("pk")[0]
    return reopen_judgement(
        actor=admin(scene), judgement=first, reason="Two were mixed up", expected_version=first.version
    )


@pytest.mark.parametrize("grade", ["D", ""])
def test_what_came_back_after_a_reopening_is_looked_at_before_it_is_a_result(signed, grade):
    """QTG-13: neither a tick, nor all that are ready, nor a request takes it; the page says who, when and why, and no grade."""
    with open_scope(signed.ao):
        award(admin(signed), signed.submission)
        first = reopen_first(signed)
    client, process = signed.client(Role.AO_ADMIN), signed.url("results/qtags/process/")
    where = signed.url(f"results/qtags/{signed.submission.pk}/changes/")
    page = client.get(where).content.decode()
    assert "Not submitted again yet" in page and "Accept what changed" not in page and "signs again" in page
    with open_scope(signed.ao):
        judged_again(signed, first, grade)
        assert codes(signed) == ["QTG-13"]
    listed = client.get(signed.url("results/qtags/")).content.decode()
    assert where in listed and 'name="submission"' not in listed
    assert "1 accepted Q-TAG submission changed" in client.get("/").content.decode()
    for said in ({"all": "1"}, {"submission": signed.submission.pk}):
        assert "/jobs/" not in client.post(process, said).url
    with open_scope(signed.ao):
        assert Award.objects.get().state == "reopened" and QualificationResult.objects.count() == 3
    page = client.get(where).content.decode()
    with open_scope(signed.ao):
        rows = Judgement.objects.order_by("pk").select_related("registration__learner")
        names = [row.registration.learner.full_name for row in rows]
    assert (
        "Two were mixed up" in page
        and "A result when you accept" in page
        and [name in page for name in names] == [True, False, False]
    )
    assert ">D<" not in page and ">M<" not in page
    digest = page.split('name="digest" value="')[1].split('"')[0]
    for role in (Role.QUALITY_CONTACT, Role.HEAD_OF_CENTRE, Role.TEACHER):
        assert signed.client(role).post(where, {"digest": digest}).status_code == 403
    stale = client.post(where, {"digest": "0" * 64})
    assert stale.status_code == 409 and "more changed while you had this page open" in stale.content.decode()
    assert "/jobs/" in client.post(where, {"digest": digest}).url
    with open_scope(signed.ao):
        assert record_qtag_results(award_id=Award.objects.get().pk).results == 1
        assert not codes(signed)
    assert "Nothing waits for you here" in client.get(where).content.decode()


def test_what_was_added_after_the_acceptance_is_no_part_of_it(signed):
    """QTG-13 CLM-14: accepted, and signed for again with more before the job ran: nothing is recorded that nobody saw."""
    with open_scope(signed.ao):
        accept_submissions(actor=admin(signed), submissions=[signed.submission])
        first = reopen_first(signed)
        Award.objects.update(state="accepted")  # as if the acceptance had come in between
        judged_again(signed, first, "D")
        with pytest.raises(GuardedError, match="changed after you accepted"):
            record_qtag_results(award_id=Award.objects.get().pk)
        assert counts() == (0, 0)


def test_what_came_back_late_needs_a_reason_of_its_own(signed, calendar):  # noqa: F811
    """QTG-10 QTG-13: the reason for which late ones were taken before says nothing of what is late today."""
    with open_scope(signed.ao):
        award(admin(signed), signed.submission, takes_late=True)
        first = reopen_first(signed)
        calendar.today = dt.date(2021, 6, 25)
        judged_again(signed, first)
        seen = {signed.submission.pk: DeclarationPart.objects.get(state="covering").digest}
        accept_submissions(actor=admin(signed), submissions=[signed.submission], seen=seen)
        held = record_qtag_results(award_id=Award.objects.get().pk).held
        assert [finding.rule for finding in held] == ["QTG-10"] and not Award.objects.get().takes_late
        # Nothing changed since: what is held for being late is taken without another look.
        accept_submissions(
            actor=admin(signed), submissions=[signed.submission], takes_late=True, late_reason="Our fault"
        )
        assert record_qtag_results(award_id=Award.objects.get().pk).results == 1


def test_reopening_between_acceptance_and_recording_records_nothing(signed):
    """HOC-04: what was accepted and lost its signature before the job ran stays out, and the job says nothing was recorded."""
    with open_scope(signed.ao):
        accept_submissions(actor=admin(signed), submissions=[signed.submission])
        first = Judgement.objects.order_by("pk")[0]
        reopen_judgement(actor=admin(signed), judgement=first, reason="Mixed up", expected_version=first.version)
        assert record_qtag_results(award_id=Award.objects.get().pk).results == 0
        assert counts() == (0, 0)


def test_a_part_that_fell_behind_stops_the_recording(signed):
    """HOC-04: asked once more in the job's own transaction, whatever was accepted."""
    with open_scope(signed.ao):
        accept_submissions(actor=admin(signed), submissions=[signed.submission])
        DeclarationPart.objects.update(digest="0" * 64)
        with pytest.raises(GuardedError):
            record_qtag_results(award_id=Award.objects.get().pk)
        assert counts() == (0, 0)


def test_a_release_moves_with_its_results_until_it_has_come(signed):
    """RES-01 RES-02: to come, in London's time; later than published needs a reason; what is released stays so."""
    soon, later = timezone.now() + dt.timedelta(hours=2), timezone.now() + dt.timedelta(days=9)
    with open_scope(signed.ao):
        award(admin(signed), signed.submission)
        args = {"actor": admin(signed), "adoption": signed.submission.adoption, "code": QtagRelease.objects.get().code}
        for at, reason in ((later, ""), (timezone.now() - dt.timedelta(hours=1), "x")):
            with pytest.raises(ReleaseError):
                set_release(**args, release_at=at, reason=reason)
        set_release(**args, release_at=soon, reason="Sooner")
        assert set(QualificationResult.objects.values_list("release_at", flat=True)) == {soon}
        set_release(**args, release_at=None, reason="Now")
        assert visible_results(signed.people[Role.QUALITY_CONTACT]).count() == 3
        with pytest.raises(ReleaseError):
            set_release(**args, release_at=later, reason="No")
        with pytest.raises(PermissionMissingError):
            set_release(**(args | {"actor": signed.people[Role.QUALITY_CONTACT]}), release_at=soon, reason="x")


def test_of_a_result_only_the_release_may_ever_change(signed):
    """QTG-13: the database itself refuses another grade, or that a result goes."""
    with open_scope(signed.ao):
        award(admin(signed), signed.submission)
        changes: list[Callable[[], object]] = [
            lambda: QualificationResult.objects.update(grade="D"),
            lambda: QualificationResult.objects.all().delete(),
        ]
        for change in changes:
            with pytest.raises(DatabaseError), transaction.atomic():
                change()
        assert QualificationResult.objects.update(release_at=timezone.now()) == 3


def test_the_workbook_has_them_after_release_only(signed):
    """RES-03 QTG-17: an export asked for by the AO before the release holds no Q-TAG result, after it all of them."""

    def exported() -> list[tuple[object, ...]]:
        job = run_job(export_results(actor=admin(signed)))
        assert not job.fault, job.fault
        with open_scope(signed.ao):
            book = openpyxl.load_workbook(io.BytesIO(open_stored(job.result_file)))
        return list(book.active.iter_rows(min_row=2, values_only=True))

    with open_scope(signed.ao):
        award(admin(signed), signed.submission)
        assert not [row for row in exported() if "M" in row]
        release_now(signed.submission)
        assert len([row for row in exported() if "M" in row]) == 3


def test_a_revoked_certificate_is_made_again_from_the_same_result(signed):
    with open_scope(signed.ao):
        award(admin(signed), signed.submission)
        certificate = Certificate.objects.order_by("pk")[0]
        job = revoke_certificate(actor=admin(signed), certificate=certificate, reason="Misprint", reissue=True)
        assert job is not None and Certificate.objects.filter(replaces=certificate, state="drafted").count() == 1


def test_units_of_a_learner_who_finishes_are_banked_not_issued(signed):
    """QTG-14: a claim of theirs gives no certificate and the centre sees no unit result; for others it does."""
    with open_scope(signed.ao):
        scene_of_claim = make_verified(signed.ao, learners=2)
        claim = scene_of_claim.claim
        finishing = claim.learners.order_by("position")[0].registration
        Judgement.objects.filter(pk=Judgement.objects.order_by("pk")[0].pk).update(registration=finishing)
        from results.services.processing import record_results

        recorded = record_results(claim_id=claim.pk)
        assert [finding.rule for finding in recorded.held] == ["QTG-14"]
        assert not QualificationResult.objects.filter(registration=finishing).exists()
        Claim.objects.filter(pk=claim.pk).update(state="processed")
        contact = scene_of_claim.contact
        seen = set(visible_unit_results(contact).values_list("registration_id", flat=True))
        assert seen and finishing.pk not in seen
        assert UnitResult.objects.filter(registration=finishing).exists()


def test_what_is_not_ready_cannot_be_ticked_and_the_page_says_so(agreed):  # noqa: F811 - the fixture
    """HOC-04: submitted and not signed for, there is nothing to tick, and no button that would do nothing."""
    with open_scope(agreed.ao):
        make_moves(agreed.people[Role.QUALITY_CONTACT], agreed.submission, "submit")
    page = agreed.client(Role.AO_ADMIN).get(agreed.url("results/qtags/")).content.decode()
    assert agreed.submission.qualification.title in page and "None of these can become a result now" in page
    assert "Make results of" not in page and ">Tick<" not in page and 'name="takes_late"' not in page


def test_the_page_accepts_by_tick_by_centre_and_all_that_are_ready(signed):
    """QTG-17: counts and reasons, no grade; the job is asked for once."""
    client = signed.client(Role.AO_ADMIN)
    page = client.get(signed.url("results/qtags/")).content.decode()
    assert "Ready" in page and 'name="submission"' in page
    answer = client.post(signed.url("results/qtags/process/"), {"takes_late": "on", "submission": signed.submission.pk})
    assert answer.status_code == 200 and "Say why late" in answer.content.decode()
    assert client.post(signed.url("results/qtags/process/"), {}).url.endswith("results/qtags/")
    by_centre = {"all": "1", "centre": signed.centre.pk}
    assert "/jobs/" in client.post(signed.url("results/qtags/process/"), by_centre).url
    with open_scope(signed.ao):
        assert Award.objects.get().state == "accepted"
    assert "signed Q-TAG submission" in client.get("/").content.decode()


def test_the_job_finishes_what_a_killed_one_left(signed):
    """CLM-14: recorded by a run that died before the certificates; the next makes those and records nothing twice."""
    with open_scope(signed.ao):
        job = accept_submissions(actor=admin(signed), submissions=[signed.submission]).job
        record_qtag_results(award_id=Award.objects.get().pk)
    assert job is not None
    done = run_job(job)
    assert (done.result["results"], done.result["certificates"], done.result["faults"]) == (0, 3, [])
    with open_scope(signed.ao):
        assert counts() == (3, 3) and not Certificate.objects.exclude(state="active").exists()
