"""Delayed assessments: centres are asked and chased, the AO sees a calendar, dates reach those concerned."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from awarding.accounts.roles import Role
from awarding.accounts.standing import PermissionMissingError
from awarding.notices.models import Notice
from awarding.tenancy.scope import open_scope
from awarding.workflow.services import GuardedError, StalePageError
from centres.models import CohortStaff
from mitigations.due import answers_due, assessments_due
from mitigations.models import AssessmentDate, DelayQuestion, Outcome
from mitigations.queries.delays import MONTH, WEEK, _back, _first_of, _next, calendar_of
from mitigations.queries.outcomes import adopted_with_impact
from mitigations.services.delays import answer_question, ask_centres, publish_date, withdraw_date
from mitigations.tasks_impact import chase_ao
from mitigations.worklist_impact import delays_waiting
from tests.factories import make_centre, make_qualification, make_registration, make_standing
from tests.factories.sign_in import sign_in

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


class Scene:
    """Two centres with learners on a delayed qualification, one with learners on another, and their people."""

    def __init__(self, ao, centre, contact) -> None:
        self.ao, self.centre, self.contact = ao, centre, contact
        self.admin = make_standing(ao, Role.AO_ADMIN)
        self.adoption = adopted_with_impact()[0].adoption
        self.delayed = make_qualification(title="Level 2 Award in Welding")
        self.other = make_qualification(title="Level 1 Award in Walls")
        for award, kind in ((self.delayed, "delayed_assessment"), (self.other, "calculated_grade")):
            Outcome.objects.create(qualification=award, adoption=self.adoption, framework_code="erf_2020", kind=kind)
        registration = make_registration(centre, self.delayed)
        make_registration(centre, self.delayed)
        make_registration(centre, self.other)
        self.teacher = make_standing(ao, Role.TEACHER, centre)
        self.idle = make_standing(ao, Role.TEACHER, centre)
        CohortStaff.objects.create(cohort=registration.cohort, person=self.teacher.person)
        self.second = make_centre("Second College")
        self.second_contact = make_standing(ao, Role.QUALITY_CONTACT, self.second)
        make_registration(self.second, self.delayed)
        self.third = make_centre("Third College")
        self.third_contact = make_standing(ao, Role.QUALITY_CONTACT, self.third)
        make_registration(self.third, self.other)

    def ask(self, every: int = 7) -> int:
        day = timezone.localdate() + 14 * DAY
        return ask_centres(actor=self.admin, adoption=self.adoption, answer_by=day, remind_every_days=every)

    def question(self, centre=None) -> DelayQuestion:
        rows = DelayQuestion.objects.select_related("centre", "qualification", "ao")
        return rows.get(centre=centre or self.centre, qualification=self.delayed)

    def publish(self, **more) -> AssessmentDate:
        day = timezone.localdate() + 60 * DAY
        facts = {
            "kind": "assessment",
            "title": "Practical",
            "starts_on": day,
            "ends_on": day,
            "details": "Bring gloves.",
        }
        return publish_date(actor=self.admin, adoption=self.adoption, qualification=self.delayed, **(facts | more))


@pytest.fixture
def scene(scope, centre, contact):
    return Scene(scope, centre, contact)


def test_mit_16_each_centre_concerned_is_asked_once_and_nobody_else(scene):
    with pytest.raises(PermissionMissingError):
        ask_centres(actor=scene.contact, adoption=scene.adoption, answer_by=timezone.localdate(), remind_every_days=7)
    assert scene.ask() == 2
    assert scene.ask() == 0
    asked = {(q.centre_id, q.qualification_id): q.learners for q in DelayQuestion.objects.all()}
    assert asked == {(scene.centre.pk, scene.delayed.pk): 2, (scene.second.pk, scene.delayed.pk): 1}
    told = Notice.objects.filter(key__startswith="delay-asked").values_list("person_id", flat=True)
    assert sorted(told) == sorted([scene.contact.person.pk, scene.second_contact.person.pk])
    assert [item.url for item in delays_waiting(scene.contact)]
    assert len(answers_due(scene.contact, scene.centre, timezone.localdate())) == 1


def test_mit_16_the_questionnaire_is_answered_on_its_page_and_can_be_changed(client, aim, centre, contact):
    with open_scope(aim):
        scene = Scene(aim, centre, contact)
        scene.ask()
        question = scene.question()
    sign_in(client, contact.person)
    address = reverse("mitigations:delay_question", args=["aim", question.pk])
    assert "When can your learners sit?" in client.get(address).content.decode()
    wrong = {"sitting": "2", "can_sit_from": "2030-07-10", "can_sit_until": "2030-07-01", "expected_version": 1}
    assert "The last day lies before the first" in client.post(address, wrong).content.decode()
    silent = client.post(address, {"sitting": "2", "expected_version": 1}).content.decode()
    assert "Say from which day they can sit" in silent and "Say until which day" in silent
    assert client.post(address, {"sitting": "-1"}).status_code == 200
    many = wrong | {"sitting": "3", "can_sit_from": "2030-07-01", "can_sit_until": "2030-07-10", "needs": "A ramp."}
    refused = client.post(address, many).content.decode()
    assert (
        "3 learners are to sit, and 2 are impacted" in refused and "A ramp." in refused and "/rules/MIT-16/" in refused
    )
    right = wrong | {"can_sit_from": "2030-07-01", "can_sit_until": "2030-07-10", "needs": "A reader for one."}
    page = client.post(address, right, follow=True).content.decode()
    assert "A reader for one." in page and "Answered" in page
    assert client.post(address, right).status_code == 409, "the page was made before the first answer"
    client.post(address, {"sitting": "0", "expected_version": 2})
    with open_scope(aim):
        question = scene.question()
        assert (question.sitting, question.can_sit_from, question.state) == (0, None, "answered")
        assert (
            Notice.objects.filter(person=scene.admin.person, subject__contains="when its learners can sit").count() == 2
        )
    sign_in(client, scene.second_contact.person)
    assert client.get(address).status_code == 404
    sign_in(client, scene.admin.person)
    assert client.post(address, right).status_code == 405, "the AO reads, the centre answers"


def test_mit_16_only_the_centre_answers_and_unclear_days_are_refused(scene):
    scene.ask()
    with pytest.raises(PermissionMissingError):
        answer_question(actor=scene.second_contact, question=scene.question(), sitting=0)
    with pytest.raises(GuardedError) as refused:
        answer_question(actor=scene.contact, question=scene.question(), sitting=3)
    assert [f.rule for f in refused.value.findings] == ["MIT-16"]


def test_mit_16_who_does_not_answer_is_chased_at_the_interval(scene):
    scene.ask(every=7)
    today, sent = timezone.localdate(), []
    for day in (6, 7, 7, 13, 30, 37):
        sent.append(chase_ao(scene.ao, today + day * DAY))
    assert sent == [0, 2, 0, 0, 2, 2]
    answer_question(actor=scene.contact, question=scene.question(), sitting=0)
    assert chase_ao(scene.ao, today + 60 * DAY) == 1
    keys = Notice.objects.filter(key__contains="reminder", person=scene.contact.person).values_list("key", flat=True)
    assert len(set(keys)) == len(keys) == 3


def test_mit_16_answers_are_a_calendar_by_month_and_by_week(client, aim, centre, contact):
    with open_scope(aim):
        scene = Scene(aim, centre, contact)
        scene.ask()
        first, last = dt.date(2030, 6, 24), dt.date(2030, 7, 2)
        answer_question(
            actor=contact, question=scene.question(), sitting=2, can_sit_from=first, can_sit_until=last, needs="Room"
        )
        late = dt.date(2030, 7, 15)
        answer_question(
            actor=scene.second_contact, question=scene.question(scene.second), sitting=1, can_sit_from=late,
            can_sit_until=late,
        )  # fmt: skip
        by_month = calendar_of(scene.admin, by=MONTH)
        assert [day for day, _title in by_month.columns] == [dt.date(2030, 6, 1), dt.date(2030, 7, 1)]
        (row,) = by_month.rows
        assert [(cell.learners, cell.centres) for cell in row.cells] == [(2, 1), (3, 2)]
        assert row.needs == 1
        by_week = calendar_of(scene.admin, by=WEEK)
        assert [cell.learners for cell in by_week.rows[0].cells] == [2, 2, 0, 1]
    sign_in(client, scene.admin.person)
    address = reverse("mitigations:delay_calendar", args=["aim"])
    page = client.get(address).content.decode()
    assert "June 2030" in page and "2 centres" in page and "Publish a date" in page
    assert "week of 24 Jun 2030" in client.get(address, {"by": "week", "from": "nonsense"}).content.decode()
    sign_in(client, contact.person)
    assert client.get(address).status_code == 403


@given(st.dates(dt.date(2019, 1, 1), dt.date(2035, 12, 31)), st.sampled_from([WEEK, MONTH]))
def test_columns_of_the_calendar_leave_no_day_out(day, by):
    first = _first_of(day, by)
    assert first <= day < _next(first, by)
    assert _first_of(_next(first, by), by) == _next(first, by)
    back = _back(first, by)
    for _step in range(12):
        back = _next(back, by)
    assert back == first


def test_mit_16_dates_reach_those_concerned_only_and_stand_where_they_look(aim, centre, contact):
    client = Client()
    with open_scope(aim):
        scene = Scene(aim, centre, contact)
        date = scene.publish(entries_by=timezone.localdate() + 30 * DAY)
        told = set(Notice.objects.filter(key=f"assessment-date-{date.pk}").values_list("person_id", flat=True))
        assert told == {contact.person.pk, scene.second_contact.person.pk, scene.teacher.person.pk}
        today = timezone.localdate()
        assert [item.on for item in assessments_due(contact, centre, today)] == [date.starts_on, date.entries_by]
        assert assessments_due(scene.third_contact, scene.third, today) == []
    page = client.get(reverse("public:qualification", args=[scene.delayed.qan])).content.decode()
    assert "Practical" in page and "Bring gloves." in page and "Take back" not in page
    assert "Practical" not in client.get(reverse("public:qualification", args=[scene.other.qan])).content.decode()
    sign_in(client, contact.person)
    home = client.get(reverse("centres:home", args=["aim", centre.pk])).content.decode()
    assert "Assessment: Practical" in home and "Entries close" in home
    sign_in(client, scene.third_contact.person)
    assert "Practical" not in client.get(reverse("mitigations:delays", args=["aim"])).content.decode()


def test_mit_16_a_date_is_moved_or_taken_back_with_the_people_told_and_never_twice(client, aim, centre, contact):
    with open_scope(aim):
        scene = Scene(aim, centre, contact)
        first = scene.publish()
        with pytest.raises(GuardedError, match="already"):
            scene.publish(replaces=first)  # nothing of it was changed, and nobody is told
        assert not Notice.objects.filter(subject__startswith="Moved").exists()
        moved = scene.publish(replaces=first, starts_on=first.starts_on + DAY, ends_on=first.ends_on + DAY)
        with pytest.raises(StalePageError):
            scene.publish(replaces=first)
        assert list(AssessmentDate.objects.filter(ended_at=None)) == [moved]
        assert Notice.objects.filter(person=contact.person, subject__startswith="Moved: Practical").count() == 1
        with pytest.raises(PermissionMissingError):
            withdraw_date(actor=contact, date=moved, reason="No.")
    sign_in(client, scene.admin.person)
    address = reverse("mitigations:withdraw_date", args=["aim", moved.pk])
    assert "Fill in “Reason”" in client.post(address, {}).content.decode()
    client.post(address, {"reason": "The hall burnt down."})
    assert client.get(address).status_code == 404
    with open_scope(aim):
        told = Notice.objects.get(person=contact.person, subject__startswith="Called off")
        assert "The hall burnt down." in told.body
    assert "Practical" not in client.get(reverse("public:qualification", args=[scene.delayed.qan])).content.decode()


def test_mit_16_a_date_for_a_qualification_that_is_not_delayed_is_refused(client, aim, centre, contact):
    with open_scope(aim):
        scene = Scene(aim, centre, contact)
    sign_in(client, scene.admin.person)
    address = reverse("mitigations:publish_date", args=["aim", scene.other.qan])
    facts = {"kind": "resit", "title": "Resit", "starts_on": "2030-01-10", "entries_by": "2030-02-01"}
    assert "Entries close after the assessment begins" in client.post(address, facts).content.decode()
    page = client.post(address, facts | {"entries_by": "2030-01-02"}).content.decode()
    assert "No centre waits for a delayed assessment" in page and "/rules/MIT-16/" in page
    right = reverse("mitigations:publish_date", args=["aim", scene.delayed.qan])
    page = client.post(right, facts | {"entries_by": "2030-01-02"}, follow=True).content.decode()
    assert "10 January 2030" in page
    with open_scope(aim):
        assert AssessmentDate.objects.get().ends_on == dt.date(2030, 1, 10)
