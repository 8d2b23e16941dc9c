"""Notices to centres: made by a job, sent to the quality contact, confirmed or mended line by line, chased."""

from __future__ import annotations

import datetime as dt
import io
from collections import Counter

import openpyxl
import pytest
from django.urls import reverse
from django.utils import timezone

from awarding.accounts.models import Membership
from awarding.accounts.roles import Role
from awarding.accounts.standing import PermissionMissingError
from awarding.files.serving import open_stored
from awarding.frameworks.queries import adopted_document
from awarding.invariants import check_invariants
from awarding.jobs.models import Job
from awarding.jobs.services import perform_job
from awarding.notices.models import Notice
from awarding.tenancy.scope import open_scope
from awarding.workflow.models import StatusEvent
from awarding.workflow.services import GuardedError, StalePageError
from centres.models import Registration
from mitigations import tasks_impact
from mitigations.due import answers_due
from mitigations.models import CentreNotice, NoticeLine, NoticeRound, Outcome
from mitigations.queries.centre_notices import contents_of, list_notices, list_rounds
from mitigations.queries.outcomes import adopted_with_impact
from mitigations.services.centre_notices import (
    begin_round,
    confirm_notice,
    report_missing,
    send_again,
    settle_line,
    take_back_line,
)
from mitigations.services.generation import generate_claim
from mitigations.tasks_impact import chase_ao
from mitigations.worklist_impact import notices_waiting
from tests.factories import make_centre, make_qualification, make_registration, make_standing
from tests.factories.sign_in import sign_in

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
EARLY = dt.date(2020, 1, 31)


class Scene:
    """An AO with three centres: one with a claim and one learner outside the dates, one without a contact, one with
    nobody impacted."""

    def __init__(self, ao, centre, contact) -> None:
        self.ao, self.centre, self.contact = ao, centre, contact
        self.admin = make_standing(ao, Role.AO_ADMIN)
        self.adoption = adopted_with_impact()[0].adoption
        self.award = make_qualification(title="Level 2 Certificate in Walls")
        Outcome.objects.create(
            qualification=self.award, adoption=self.adoption, framework_code="erf_2020", kind="calculated_grade"
        )
        self.inside = make_registration(centre, self.award, given="Ida")
        self.claim = generate_claim(actor=contact, cohort=self.inside.cohort)
        self.late = make_registration(centre, make_qualification(title="Level 3 Award in Roofs"), given="Late")
        self.outside = make_registration(centre, self.award, given="Olu", ends_on=EARLY)
        self.lonely = make_centre("Lonely College")
        make_registration(self.lonely, self.award, given="Uma")
        self.quiet = make_centre("Quiet College")
        make_registration(self.quiet, self.award, ends_on=EARLY)

    def begin(self, **more) -> NoticeRound:
        facts = {"answer_by": timezone.localdate() + 14 * DAY, "remind_every_days": 5, "message": "Please look soon."}
        round_ = begin_round(actor=self.admin, adoption=self.adoption, **(facts | more))
        perform_job(self.ao, round_.job_id)
        return NoticeRound.objects.get(pk=round_.pk)

    def notice(self, centre=None) -> CentreNotice:
        rows = CentreNotice.objects.filter(round__superseded_at=None).select_related("round", "centre", "ao")
        return rows.get(centre=centre or self.centre)

    def letters(self) -> Counter:
        return Counter(Notice.objects.filter(key__startswith="centre-notice").values_list("key", flat=True))


@pytest.fixture
def scene(scope, centre, contact):
    return Scene(scope, centre, contact)


# --- making and sending ----------------------------------------------------------------------------


def test_mit_09_each_centre_with_impacted_learners_gets_a_workbook_of_every_erac_and_mitigation(scene):
    """MIT-09: the workbook of each centre; a centre without impacted learners gets none."""
    round_ = scene.begin()
    job = Job.objects.get(pk=round_.job_id)
    assert (job.state, job.result) == ("succeeded", {"notices": 2, "without_a_quality_contact": 1})
    assert not CentreNotice.objects.filter(centre=scene.quiet).exists()
    notice = scene.notice()
    assert (notice.state, notice.documents, notice.learners, notice.learners_without_claim) == ("sent", 2, 2, 1)
    book = openpyxl.load_workbook(io.BytesIO(open_stored(notice.file)))
    documents = list(book["eRACs"].iter_rows(min_row=2, values_only=True))
    assert [(row[0], row[2], row[5], row[6]) for row in documents] == [
        (scene.claim.number, scene.award.display_qan, "Calculated grade", 1),
        ("none yet", scene.late.qualification.display_qan, "No outcome yet", 1),
    ]
    learners = list(book["Learners"].iter_rows(min_row=2, values_only=True))
    assert [(row[0], row[1], row[6]) for row in learners] == [
        (scene.inside.learner.full_name, scene.inside.learner.uln, scene.claim.number),
        (scene.late.learner.full_name, scene.late.learner.uln, "none yet"),
    ]
    assert "on or after 20 March 2020" in learners[0][9]
    told = Notice.objects.get(person=scene.contact.person, key=f"centre-notice-{notice.pk}")
    assert "Please look soon." in told.body and str(notice.pk) in told.url
    assert check_invariants() == []


def test_mit_09_a_centre_without_a_quality_contact_is_listed_and_written_to_as_soon_as_it_has_one(scene):
    round_ = scene.begin()
    notice = scene.notice(scene.lonely)
    assert (notice.state, notice.sent_at) == ("made", None)
    assert [row.centre for row in list_notices(round_, show="no_contact")] == [scene.lonely]
    assert any("no quality contact" in str(item.title) for item in notices_waiting(scene.admin))
    assert chase_ao(scene.ao) == 0
    contact = make_standing(scene.ao, Role.QUALITY_CONTACT, scene.lonely)
    assert chase_ao(scene.ao) == 1
    assert scene.notice(scene.lonely).state == "sent"
    assert Notice.objects.filter(person=contact.person, key=f"centre-notice-{notice.pk}").count() == 1


def test_mit_09_a_job_that_dies_between_centres_and_runs_again_makes_each_notice_once(scene, monkeypatch):
    monkeypatch.setattr(tasks_impact, "BATCH", 1)
    real, calls = tasks_impact.notice_workbook, []

    def dies(contents, *rest):
        calls.append(contents.centre_id)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return real(contents, *rest)

    monkeypatch.setattr(tasks_impact, "notice_workbook", dies)
    with pytest.raises(KeyboardInterrupt):
        scene.begin()
    assert CentreNotice.objects.count() == 1
    round_ = NoticeRound.objects.get()
    perform_job(scene.ao, round_.job_id)
    perform_job(scene.ao, round_.job_id)
    assert sorted(CentreNotice.objects.values_list("centre_id", flat=True)) == sorted(
        [scene.centre.pk, scene.lonely.pk]
    )
    assert set(scene.letters().values()) == {1}
    assert Job.objects.get(pk=round_.job_id).state == "succeeded"


def test_mit_09_contents_cost_the_same_queries_however_many_centres(scene, django_assert_num_queries):
    document = adopted_document(scene.adoption)
    with django_assert_num_queries(5):
        contents_of(document, [scene.centre.pk])
    with django_assert_num_queries(5):
        found = contents_of(document, [scene.centre.pk, scene.lonely.pk, scene.quiet.pk])
    assert [len(one.learners) for one in found] == [2, 1, 0]


def test_mit_09_nobody_impacted_is_said_and_a_second_click_is_told(scene):
    with pytest.raises(PermissionMissingError):
        begin_round(actor=scene.contact, adoption=scene.adoption, answer_by=EARLY, remind_every_days=5)
    scene.begin(expected_number=0)
    with pytest.raises(StalePageError):
        scene.begin(expected_number=0)
    Registration.objects.update(status="withdrawn")
    with pytest.raises(GuardedError) as refused:
        scene.begin(expected_number=1)
    assert [f.rule for f in refused.value.findings] == ["MIT-09"]


# --- the centre's answer ---------------------------------------------------------------------------


def test_mit_10_the_centre_downloads_and_confirms_on_its_page(client, aim, centre, contact):
    """MIT-10: confirmed once, by a tick; without the tick or a second time it is refused."""
    with open_scope(aim):
        scene = Scene(aim, centre, contact)
        scene.begin()
        notice = scene.notice()
        assert [item.url for item in answers_due(contact, centre, timezone.localdate())]
    sign_in(client, contact.person)
    address = reverse("mitigations:centre_notice", args=["aim", notice.pk])
    page = client.get(address).content.decode()
    assert "Waiting for the centre" in page and "names every impacted learner and programme" in page
    book = client.get(reverse("mitigations:download_notice", args=["aim", notice.pk]))
    assert (
        book.headers["Content-Type"].endswith("spreadsheetml.sheet") and b"".join(book.streaming_content)[:2] == b"PK"
    )
    confirm = reverse("mitigations:confirm_notice", args=["aim", notice.pk])
    unticked = client.post(confirm, {"expected_version": notice.version}).content.decode()
    assert "Tick “" in unticked
    page = client.post(confirm, {"expected_version": notice.version, "agrees": "on"}, follow=True).content.decode()
    assert "Confirmed" in page
    assert client.post(confirm, {"expected_version": notice.version, "agrees": "on"}).status_code == 409
    with open_scope(aim):
        assert answers_due(contact, centre, timezone.localdate()) == []
        assert scene.notice().answered_by == contact.person


def test_mit_10_each_missing_line_is_reported_and_settled_and_the_notice_returns(client, aim, centre, contact):
    """MIT-10: each line that is missing gets its answer; an empty or repeated one is refused."""
    with open_scope(aim):
        scene = Scene(aim, centre, contact)
        scene.begin()
        notice = scene.notice()
    sign_in(client, contact.person)
    address = reverse("mitigations:report_missing", args=["aim", notice.pk])
    empty = client.post(address, {"kind": "learner", "uln": "123"}).content.decode()
    assert "Say who is missing" in empty and "Fill in “Details”" in empty
    facts = {
        "kind": "learner",
        "qan": scene.award.display_qan,
        "learner_name": "Noor New",
        "details": "Joined in March.",
    }
    client.post(address, facts)
    assert "You have reported this already" in client.post(address, facts).content.decode()
    client.post(address, {"kind": "programme", "qan": "601/0000/0", "details": "We teach it since autumn."})
    page = client.get(reverse("mitigations:centre_notice", args=["aim", notice.pk])).content.decode()
    assert "Noor New" in page and "We teach it since autumn." in page and "Something is missing" in page
    with open_scope(aim):
        first, second = NoticeLine.objects.order_by("pk")
        assert Notice.objects.filter(person=scene.admin.person, subject__contains="is not complete").count() == 1
    sign_in(client, scene.admin.person)
    assert "Noor New" in client.get(reverse("mitigations:notice_lines", args=["aim"])).content.decode()
    settle = reverse("mitigations:settle_line", args=["aim", first.pk])
    assert "nobody of that name or number is registered" in client.get(settle).content.decode()
    silent = client.post(settle, {"move": "refuse", "expected_version": 1}).content.decode()
    assert "Say why: the centre reads it" in silent
    client.post(settle, {"move": "refuse", "answer": "Not registered with us.", "expected_version": 1})
    with open_scope(aim):
        assert scene.notice().state == "reported"
        assert not Notice.objects.filter(person=contact.person, subject__contains="is answered").exists()
    settle = reverse("mitigations:settle_line", args=["aim", second.pk])
    client.post(settle, {"move": "add", "expected_version": 1})
    with open_scope(aim):
        assert scene.notice().state == "settled"
        assert Notice.objects.filter(person=contact.person, subject__contains="is answered").count() == 1
        confirm_notice(actor=contact, notice=scene.notice())
        assert check_invariants() == []


def test_mit_07_a_reported_learner_is_not_added_before_they_are_registered(scene):
    scene.begin()
    uln = "1000000138"
    line = report_missing(
        actor=scene.contact, notice=scene.notice(), kind="learner", details="Late.", qualification=scene.award,
        qan=scene.award.qan, learner_name="Noor New", uln=uln,
    )  # fmt: skip
    with pytest.raises(GuardedError) as refused:
        settle_line(actor=scene.admin, line=line, move="add")
    assert [f.rule for f in refused.value.findings] == ["MIT-07"]
    registration = make_registration(scene.centre, scene.award, given="Noor")
    registration.learner.uln = uln
    registration.learner.save()
    assert settle_line(actor=scene.admin, line=line, move="add").state == "added"


def test_mit_10_a_line_taken_back_settles_the_notice_and_a_confirmed_one_can_still_be_reported(scene):
    scene.begin()
    facts = {"kind": "programme", "details": "Another.", "qan": "601/0000/0"}
    line = report_missing(actor=scene.contact, notice=scene.notice(), **facts)
    with pytest.raises(PermissionMissingError):
        settle_line(actor=scene.contact, line=line, move="explain", answer="Mine.")
    with pytest.raises(PermissionMissingError):
        take_back_line(actor=make_standing(scene.ao, Role.QUALITY_CONTACT, scene.quiet), line=line)
    take_back_line(actor=scene.contact, line=line)
    assert scene.notice().state == "settled"
    confirm_notice(actor=scene.contact, notice=scene.notice())
    report_missing(actor=scene.contact, notice=scene.notice(), **facts)
    assert scene.notice().state == "reported"


def test_mit_10_a_new_round_supersedes_and_the_old_notice_says_so(client, aim, centre, contact):
    with open_scope(aim):
        scene = Scene(aim, centre, contact)
        first = scene.begin()
        old = scene.notice()
        second = scene.begin(expected_number=1)
        first.refresh_from_db()
        assert (second.number, first.superseded_at is not None) == (2, True)
        with pytest.raises(GuardedError, match="newer notice has replaced"):
            confirm_notice(actor=contact, notice=old)
        with pytest.raises(GuardedError):
            report_missing(actor=contact, notice=old, kind="programme", details="x", qan="1")
        new = scene.notice()
        assert chase_ao(aim) == 0
    sign_in(client, contact.person)
    page = client.get(reverse("mitigations:centre_notice", args=["aim", old.pk])).content.decode()
    assert "A newer notice has replaced this one" in page
    assert reverse("mitigations:centre_notice", args=["aim", new.pk]) in page
    assert "Confirm the notice" not in page


def test_a_round_that_is_superseded_while_it_is_made_stops(scene):
    late = begin_round(actor=scene.admin, adoption=scene.adoption, answer_by=EARLY, remind_every_days=5)
    scene.begin(expected_number=1)
    perform_job(scene.ao, late.job_id)
    job = Job.objects.get(pk=late.job_id)
    assert (job.state, CentreNotice.objects.filter(round=late).count()) == ("failed", 0)
    assert "newer round" in job.fault
    rounds = list_rounds()
    assert rounds.ordered and [row.number for row in rounds] == [2, 1]


# --- chasing ---------------------------------------------------------------------------------------


def test_mit_10_unanswered_notices_are_chased_at_the_interval_and_never_twice(scene):
    """MIT-10: Five days apart: missed days bring one reminder, doubled runs none, and the next counts from the last letter."""
    scene.begin()
    notice = scene.notice()
    today, reminders = timezone.localdate(), []
    for day in (0, 4, 5, 5, 9, 17, 17, 21, 22, 23):
        if chase_ao(scene.ao, today + day * DAY):
            reminders.append(day)
    assert reminders == [5, 17, 22]
    assert scene.notice().reminders == 3
    keys = {key for key in scene.letters() if "reminder" in key}
    assert keys == {f"centre-notice-{notice.pk}-reminder-{n}" for n in (1, 2, 3)}
    assert set(scene.letters().values()) == {1}


def test_mit_10_who_has_confirmed_or_reported_is_not_chased(scene):
    """MIT-10, the other way: who has answered is left in peace."""
    scene.begin(remind_every_days=1)
    CentreNotice.objects.update(sent_at=timezone.now() - 10 * DAY)
    report_missing(actor=scene.contact, notice=scene.notice(), kind="programme", details="x", qan="1")
    assert chase_ao(scene.ao) == 0
    take_back_line(actor=scene.contact, line=NoticeLine.objects.get())
    assert chase_ao(scene.ao) == 1
    confirm_notice(actor=scene.contact, notice=scene.notice())
    CentreNotice.objects.update(reminded_on=timezone.localdate() - 5 * DAY)
    assert chase_ao(scene.ao) == 0


def test_mit_10_the_ao_writes_again_to_just_those_who_have_not_answered(client, aim, centre, contact):
    with open_scope(aim):
        scene = Scene(aim, centre, contact)
        other = make_centre("Other College")
        other_contact = make_standing(aim, Role.QUALITY_CONTACT, other)
        make_registration(other, scene.award)
        round_ = scene.begin()
        confirm_notice(actor=other_contact, notice=scene.notice(other))
    sign_in(client, scene.admin.person)
    address = reverse("mitigations:notice_round", args=["aim", round_.pk])
    page = client.get(address).content.decode()
    assert "1 of 3 notices confirmed" in page and "Lonely College" in page and "Invite one" in page
    only = client.get(address, {"show": "waiting"}).content.decode()
    assert "Other College" not in only and "Lonely College" in only
    resend = reverse("mitigations:resend_notices", args=["aim", round_.pk])
    assert "Tick the centres" in client.post(resend, {"notice": "nonsense"}, follow=True).content.decode()
    client.post(resend, {"all": "1"})
    with open_scope(aim):
        job = Job.objects.get(kind="centre_notices.resend")
        assert set(job.parameters["notices"]) == {scene.notice().pk, scene.notice(scene.lonely).pk}
        perform_job(aim, job.pk)
        assert send_again(actor=scene.admin, round_=round_, notice_ids=[scene.notice().pk]) == 1
        perform_job(aim, Job.objects.filter(kind="centre_notices.resend").order_by("-pk").first().pk)
        assert scene.notice().reminders == 1, "twice on one day is once"
        assert send_again(actor=scene.admin, round_=round_, notice_ids=[scene.notice(other).pk]) == 0


def test_a_notice_of_another_centre_is_not_there(client, aim, centre, contact):
    with open_scope(aim):
        scene = Scene(aim, centre, contact)
        scene.begin()
        stranger = make_standing(aim, Role.QUALITY_CONTACT, scene.quiet)
        notice = scene.notice()
        with pytest.raises(PermissionMissingError):
            confirm_notice(actor=stranger, notice=notice)
        assert StatusEvent.objects.filter(target_type="mitigations.centrenotice", target_id=notice.pk).count() == 1
    sign_in(client, stranger.person)
    for name in ("centre_notice", "download_notice", "report_missing"):
        assert client.get(reverse(f"mitigations:{name}", args=["aim", notice.pk])).status_code == 404
    with open_scope(aim):
        Membership.objects.filter(person=stranger.person).update(ended_at=timezone.now())
    assert client.get(reverse("mitigations:centre_notices", args=["aim"])).status_code == 404
