"""Proposing, endorsing, agreeing and submitting; returning and reopening (QTG-10 to -13)."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from awarding.accounts.roles import Role
from awarding.accounts.standing import PermissionMissingError
from awarding.catalogue.models import Qualification
from awarding.frameworks.models import Adoption
from awarding.tenancy.scope import open_scope
from awarding.workflow.services import ReasonMissingError
from centres.models import CohortStaff, Registration
from qtag.models import Judgement, Submission
from qtag.services.moving import move_judgements, reopen_judgement
from qtag.services.preparing import record_step
from tests.factories import make_standing
from tests.factories.awards import make_registration
from tests.factories.qtags import (
    bring_to_agreed,
    grade_all,
    make_eligible,
    make_moves,
    make_submission,
    record_steps,
    staff_cohort,
)
from tests.qtag.conftest import REAL_LOCALDATE, Scene, build_scene

CHAIN = (
    (Role.TEACHER, "propose", "proposed"),
    (Role.LEAD_INTERNAL_VERIFIER, "endorse_lead", "lead_endorsed"),
    (Role.HEAD_OF_DEPARTMENT, "endorse_department", "department_endorsed"),
    (Role.HEAD_OF_CENTRE, "agree", "agreed"),
    (Role.QUALITY_CONTACT, "submit", "submitted"),
)


def move(scene: Scene, role: Role, name: str):
    rows = [f"{row.pk}-{row.version}" for row in scene.judgements()]
    address = scene.url(f"qtags/{scene.submission.pk}/moves/make/")
    return scene.client(role).post(address, {"move": name, "learner": rows})


def prepare(scene: Scene) -> None:
    with open_scope(scene.ao):
        teacher = scene.people[Role.TEACHER]
        for judgement in scene.submission.judgements.select_related("registration__qualification"):
            make_eligible(teacher, judgement)
        grade_all(teacher, scene.submission)


def states(scene: Scene) -> set[str]:
    return {row.state for row in scene.judgements()}


def test_a_qtag_goes_from_the_teacher_to_submission_hand_by_hand(scene):
    """QTG-11 QTG-12: each of the five in turn, through the page; every step recorded before it is submitted."""
    prepare(scene)
    for role, name, state in CHAIN:
        if name == "submit":
            refused = move(scene, role, name)
            assert refused.status_code == 409 and "Record these steps first" in refused.content.decode()
            assert all(label in refused.content.decode() for label in ("Review the criteria", "Assign", "Reflect"))
            with open_scope(scene.ao):
                other = make_submission(scene.centre, scene.people[Role.QUALITY_CONTACT], learners=1)
                record_steps(scene.people[Role.TEACHER], other)
                record_steps(scene.people[Role.TEACHER], scene.submission, besides="assign")
            refused = move(scene, role, name).content.decode()
            assert "Record these steps first: Assign." in refused  # those of another qualification do not count
            assert states(scene) == {"agreed"}
            with open_scope(scene.ao):
                record_step(
                    actor=scene.people[Role.TEACHER], submission=scene.submission, step="assign", note="On the work"
                )
        assert move(scene, role, name).status_code == 302
        assert states(scene) == {state}


def test_one_learner_who_cannot_go_does_not_hold_up_the_rest(scene):
    """QTG-06: of three, the one without evidence stays, and the page names the reason beside the name."""
    prepare(scene)
    with open_scope(scene.ao):
        first = Judgement.objects.order_by("pk")[0]
        first.evidence.update(set_aside_at=dt.datetime(2021, 6, 1, tzinfo=dt.UTC), set_aside_reason="Mislaid")
    answer = move(scene, Role.TEACHER, "propose")
    assert answer.status_code == 409 and "No evidence is recorded" in answer.content.decode()
    assert [row.state for row in scene.judgements()] == ["open", "proposed", "proposed"]


def test_a_step_is_recorded_with_what_was_done_by_who_judges(scene):
    """QTG-12: not without a word on it, not by who only submits, and only a step that the framework has."""
    teacher = {"actor": scene.people[Role.TEACHER], "submission": scene.submission}
    with open_scope(scene.ao):
        with pytest.raises(ReasonMissingError):
            record_step(step="collect", note="  ", **teacher)
        with pytest.raises(KeyError):
            record_step(step="guess", note="Done", **teacher)
        with pytest.raises(PermissionMissingError):
            record_step(
                actor=scene.people[Role.QUALITY_CONTACT], submission=scene.submission, step="collect", note="Done"
            )
        record_step(step="collect", note="From every unit", **teacher)
        record_step(step="collect", note="The workshop's too", **teacher)
    page = scene.client(Role.TEACHER).get(scene.url(f"qtags/{scene.submission.pk}/steps/")).content.decode()
    assert "The workshop&#x27;s too" in page and "From every unit" not in page


@pytest.mark.parametrize(
    ("instant", "late"),
    [(dt.datetime(2021, 6, 18, 22, 59, tzinfo=dt.UTC), False), (dt.datetime(2021, 6, 18, 23, 1, tzinfo=dt.UTC), True)],
)
def test_the_last_day_ends_at_midnight_in_london(db, monkeypatch, instant, late):
    """QTG-10: summer time: a minute after midnight on the clock of the college is an hour early for a server's."""
    scene = build_scene(learners=1)
    with open_scope(scene.ao):
        bring_to_agreed(scene.people, scene.submission)
        monkeypatch.setattr(timezone, "now", lambda: instant)
        make_moves(scene.people[Role.QUALITY_CONTACT], scene.submission, "submit")
    assert [row.is_late for row in scene.judgements()] == [late]


@pytest.mark.parametrize(
    ("day", "state", "late"),
    [
        (dt.date(2021, 5, 25), "agreed", False),
        (dt.date(2021, 5, 26), "submitted", False),
        (dt.date(2021, 6, 18), "submitted", False),
        (dt.date(2021, 6, 19), "submitted", True),
    ],
)
def test_the_window_is_kept_to_the_day(agreed, calendar, day, state, late):
    """QTG-10: not before it opens; accepted and marked late after it closed, and the page warns of results day."""
    calendar.today = day
    answer = move(agreed, Role.QUALITY_CONTACT, "submit")
    assert answer.status_code == (302 if state == "submitted" else 409)
    assert states(agreed) == {state}
    assert {row.is_late for row in agreed.judgements()} == {late}
    page = agreed.client(Role.QUALITY_CONTACT).get(agreed.url(f"qtags/{agreed.submission.pk}/")).content.decode()
    assert ("may miss results day" in page) is (day > dt.date(2021, 6, 18))


def test_a_late_one_that_is_reopened_is_not_late_until_it_comes_again(agreed, calendar):
    """QTG-10 QTG-13: mark and day of submission go with the reopening; the others of the submission keep theirs."""
    calendar.today = dt.date(2021, 6, 19)
    with open_scope(agreed.ao):
        make_moves(agreed.people[Role.QUALITY_CONTACT], agreed.submission, "submit")
        row = agreed.judgements()[0]
        reopen_judgement(
            actor=agreed.people[Role.AO_ADMIN], judgement=row, reason="Mixed up", expected_version=row.version
        )
    found = agreed.judgements()
    assert [row.is_late for row in found] == [False, True, True]
    assert [row.submitted_at is None for row in found] == [True, False, False]


@pytest.mark.parametrize(
    ("days", "instant", "state", "late"),
    [
        (("2021-05-26", "2021-06-18"), "2021-05-25T22:59:59+00:00", "agreed", False),  # a second before it opens
        (("2021-05-26", "2021-06-18"), "2021-05-25T23:00:00+00:00", "submitted", False),
        # The clocks go forward on 28 March at one in the morning: that day ends an hour sooner by the sun.
        (("2021-03-24", "2021-03-27"), "2021-03-27T23:59:59+00:00", "submitted", False),
        (("2021-03-24", "2021-03-27"), "2021-03-28T00:00:00+00:00", "submitted", True),
        (("2021-03-24", "2021-03-28"), "2021-03-28T22:59:59+00:00", "submitted", False),
        (("2021-03-24", "2021-03-28"), "2021-03-28T23:00:00+00:00", "submitted", True),
    ],
)
def test_the_window_opens_and_closes_at_londons_midnight(agreed, monkeypatch, days, instant, state, late):
    """QTG-10: by the clock itself, in summer time, in winter time and on the day on which they change."""
    with open_scope(agreed.ao):
        Adoption.objects.update(
            overrides={
                "dates.submission_opens": days[0],
                "dates.submission_closes": days[1],
                "dates.declaration_by": days[1],
            }
        )
    monkeypatch.setattr(timezone, "localdate", REAL_LOCALDATE)
    monkeypatch.setattr(timezone, "now", lambda: dt.datetime.fromisoformat(instant))
    answer = move(agreed, Role.QUALITY_CONTACT, "submit")
    assert answer.status_code == (302 if state == "submitted" else 409)
    assert states(agreed) == {state} and {row.is_late for row in agreed.judgements()} == {late}
    page = agreed.client(Role.QUALITY_CONTACT).get(agreed.url(f"qtags/{agreed.submission.pk}/")).content.decode()
    assert ("may miss results day" in page) is late


def test_a_stale_page_moves_nothing(agreed):
    """QTG-11: the page of somebody who waited too long is refused row by row."""
    rows = [f"{row.pk}-{row.version - 1}" for row in agreed.judgements()]
    address = agreed.url(f"qtags/{agreed.submission.pk}/moves/make/")
    answer = agreed.client(Role.QUALITY_CONTACT).post(address, {"move": "submit", "learner": rows})
    assert answer.status_code == 409 and "decided first" in answer.content.decode()
    assert states(agreed) == {"agreed"}


def test_only_the_ao_reopens_and_only_the_named_learner(agreed):
    """QTG-13: after submission the centre cannot; the AO opens one learner, without seeing a grade."""
    with open_scope(agreed.ao):
        make_moves(agreed.people[Role.QUALITY_CONTACT], agreed.submission, "submit")
    row = agreed.judgements()[0]
    address = agreed.url(f"qtags/learners/{row.pk}/reopen/")
    said = {"reason": "A file was mixed up", "expected_version": row.version}
    for role in (Role.TEACHER, Role.HEAD_OF_CENTRE, Role.QUALITY_CONTACT):
        assert agreed.client(role).post(address, said).status_code == 403
    assert agreed.client(Role.AO_ADMIN).post(address, {**said, "reason": ""}).status_code == 200
    # The head could return what they agreed; what is submitted is the AO's to open.
    back = agreed.url(f"qtags/learners/{row.pk}/return/return_head/")
    agreed.client(Role.HEAD_OF_CENTRE).post(back, said)
    assert states(agreed) == {"submitted"}
    assert agreed.client(Role.AO_ADMIN).post(address, said).status_code == 302
    assert [row.state for row in agreed.judgements()] == ["open", "submitted", "submitted"]


def test_who_is_not_staff_of_the_cohort_sees_nothing(agreed):
    """QTG-17: a teacher of another cohort of the same centre."""
    with open_scope(agreed.ao):
        stranger = make_standing(agreed.ao, Role.TEACHER, agreed.centre)
    agreed.people[Role.TEACHER] = stranger
    assert agreed.client(Role.TEACHER).get(agreed.url(f"qtags/{agreed.submission.pk}/grid/")).status_code == 404
    with open_scope(agreed.ao):
        cohort_id = agreed.submission.judgements.first().registration.cohort_id
        staff_cohort(stranger, cohort_id)
    assert agreed.client(Role.TEACHER).get(agreed.url(f"qtags/{agreed.submission.pk}/grid/")).status_code == 200


def test_beginning_twice_makes_one_submission(scene):
    """QTG-02: learners registered since are added; nobody twice, and nobody who was withdrawn."""
    contact = scene.client(Role.QUALITY_CONTACT)
    course = f"{scene.centre.pk}-{scene.submission.qualification_id}"
    with open_scope(scene.ao):
        cohort = scene.judgements()[0].registration.cohort
        added, gone = (make_registration(scene.centre, scene.submission.qualification, cohort=cohort) for _ in range(2))
        Registration.objects.filter(pk=gone.pk).update(status=Registration.Status.WITHDRAWN)
    for _ in range(2):
        answer = contact.post(scene.url("qtags/begin/"), {"course": course})
        assert answer.url.endswith(f"/qtags/{scene.submission.pk}/")
    assert [row.registration_id for row in scene.judgements()][3:] == [added.pk]


def test_what_is_stored_decides_and_not_what_the_caller_holds(scene):
    """QTG-01 QTG-10: a submission as it never was: read again under the lock, so that nothing of it counts."""
    with open_scope(scene.ao):
        bring_to_agreed(scene.people, scene.submission)
        Qualification.objects.filter(pk=scene.submission.qualification_id).update(category="B2")
        stale = Submission.objects.select_related("qualification", "adoption__framework").get(pk=scene.submission.pk)
        stale.last_resort_statements = ["all_content_taught", "nothing_else_possible"]
        stale.last_resort_reason = "Never recorded"
        versions = {row.pk: row.version for row in Judgement.objects.all()}
        outcome = move_judgements(
            actor=scene.people[Role.QUALITY_CONTACT], submission=stale, move="submit", judgement_ids=list(versions),
            versions=versions,
        )  # fmt: skip
        assert not outcome.moved and len(outcome.refused) == 3
    assert states(scene) == {"agreed"}


def test_everybody_on_the_page_goes_with_one_tick(scene):
    """QTG-11: those whose turn it is and nobody else; who moved since the page was made is refused by name."""
    prepare(scene)
    rows = scene.judgements()
    with open_scope(scene.ao):
        make_moves(scene.people[Role.TEACHER], scene.submission, "propose")
        Judgement.objects.filter(pk=rows[0].pk).update(state="open")
    lead = scene.client(Role.LEAD_INTERNAL_VERIFIER)
    page = lead.get(scene.url(f"qtags/{scene.submission.pk}/moves/")).content.decode()
    assert "Everybody on this page whose turn it is: 3 learners" in page  # a lead may judge, too
    shown = [f"{row.pk}-{row.version}" for row in scene.judgements()]
    where = scene.url(f"qtags/{scene.submission.pk}/moves/make/")
    with open_scope(scene.ao):
        Judgement.objects.filter(pk=rows[2].pk).update(version=99)
    answer = lead.post(where, {"move": "endorse_lead", "everybody": "1", "shown": shown})
    assert answer.status_code == 409 and "1 learner could not be moved" in answer.content.decode()
    assert [row.state for row in scene.judgements()] == ["open", "lead_endorsed", "proposed"]
    assert lead.post(where, {"move": "endorse_lead", "everybody": "1", "shown": []}).status_code == 302


def test_a_cohort_that_nobody_can_judge_is_named_to_the_quality_contact(scene):
    """QTG-11: learners registered later, in a cohort without staff, would wait for ever; the page says who is missing."""
    contact, where = scene.client(Role.QUALITY_CONTACT), scene.url(f"qtags/{scene.submission.pk}/")
    assert "nobody can judge or endorse" not in contact.get(where).content.decode()
    with open_scope(scene.ao):
        cohort_id = scene.judgements()[0].registration.cohort_id
        CohortStaff.objects.filter(person=scene.people[Role.HEAD_OF_DEPARTMENT].person).delete()
    page = contact.get(where).content.decode()
    assert "3 learners: none of its staff is Head of department." in page and f"cohorts/{cohort_id}/staff/" in page
    assert "nobody can judge or endorse" not in scene.client(Role.TEACHER).get(where).content.decode()
    with open_scope(scene.ao):
        Judgement.objects.update(is_certificating=False)
    assert "nobody can judge or endorse" not in contact.get(where).content.decode()
