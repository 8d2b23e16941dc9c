"""Earlier results stay closed until every judgement of the group is recorded (SNS-01)."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied

from awarding.accounts.roles import Role
from awarding.tenancy.scope import open_scope
from centres.models import Registration
from qtag.models import Judgement, SenseRow
from qtag.queries.judged import WAITING, judged_counts
from qtag.queries.sense_gate import grades_missing, history_is_open, open_rows, require_open_history
from tests.factories.qtags import grade_all, make_submission
from tests.factories.sense import make_row
from tests.qtag.conftest import Scene, propose


def test_sns_01_history_opens_with_the_last_grade_and_closes_with_another_learner(scene: Scene) -> None:
    """SNS-01: closed while a learner of the group has no grade, whoever asks."""
    with open_scope(scene.ao):
        group = (scene.centre.pk, scene.submission.qualification_id)
        row = make_row(scene.centre, scene.submission.qualification)
        whole = make_row(scene.centre)
        assert not history_is_open(*group) and not open_rows(SenseRow.objects.all())
        with pytest.raises(PermissionDenied, match="3 are missing"):
            require_open_history(*group)
        assert [(one.missing, one.learners) for one in grades_missing(scene.centre.pk)] == [(3, 3)]
        grade_all(scene.people[Role.TEACHER], scene.submission)
        assert not history_is_open(*group), "a grade in its teacher's hands can still follow the past"
        propose(scene)
        require_open_history(*group)
        assert set(open_rows(SenseRow.objects.all())) == {row, whole} and not grades_missing(scene.centre.pk)
        make_submission(scene.centre, scene.people[Role.QUALITY_CONTACT], learners=1)
        # The other group keeps the centre's own view closed, not this group's.
        assert history_is_open(*group) and not history_is_open(scene.centre.pk)
        assert set(open_rows(SenseRow.objects.all())) == {row}


@pytest.mark.parametrize(
    "fact",
    [
        {"is_certificating": False}, {"was_absent": True}, {"is_apprenticeship": True},
        {"ready_on": dt.date(2020, 7, 31)}, {"ready_on": dt.date(2021, 9, 1)},
    ],
)  # fmt: skip
def test_sns_01_a_learner_who_gets_no_grade_does_not_keep_it_closed(scene: Scene, fact: dict[str, bool]) -> None:
    """SNS-01: that no grade is given is an answer, too; not having said so is none."""
    with open_scope(scene.ao):
        group = (scene.centre.pk, scene.submission.qualification_id)
        rows = Judgement.objects.filter(submission=scene.submission)
        last = rows.latest("pk")
        grade_all(scene.people[Role.TEACHER], scene.submission)
        propose(scene)
        Judgement.objects.filter(pk=last.pk).update(grade=None, state="open")
        assert not history_is_open(*group)
        Judgement.objects.filter(pk=last.pk).update(**fact)
        assert history_is_open(*group)
        # One who tops up does get a grade.
        Judgement.objects.filter(pk=last.pk).update(
            is_certificating=False, is_top_up=True, was_absent=False, is_apprenticeship=False, ready_on=None
        )
        assert not history_is_open(*group)


@pytest.mark.parametrize("day", [dt.date(2020, 8, 1), dt.date(2021, 8, 31), None])
def test_sns_01_a_learner_who_can_have_one_keeps_it_closed(scene: Scene, day: dt.date | None) -> None:
    """SNS-01: both last days of the window are in it; one who was withdrawn is waited for no more."""
    with open_scope(scene.ao):
        group = (scene.centre.pk, scene.submission.qualification_id)
        last = Judgement.objects.filter(submission=scene.submission).latest("pk")
        grade_all(scene.people[Role.TEACHER], scene.submission)
        propose(scene)
        Judgement.objects.filter(pk=last.pk).update(grade=None, state="open", ready_on=day)
        assert not history_is_open(*group)
        Registration.objects.filter(pk=last.registration_id).update(status=Registration.Status.WITHDRAWN)
        assert history_is_open(*group)


def test_sns_01_who_has_a_grade_in_hand_keeps_it_closed_whatever_was_said(scene: Scene) -> None:
    """SNS-01: absent, and graded all the same: the grade can still follow the past until it is proposed or taken out."""
    with open_scope(scene.ao):
        group = (scene.centre.pk, scene.submission.qualification_id)
        grade_all(scene.people[Role.TEACHER], scene.submission)
        propose(scene)
        last = Judgement.objects.filter(submission=scene.submission).latest("pk")
        Judgement.objects.filter(pk=last.pk).update(was_absent=True, state="open")
        assert not history_is_open(*group)


def test_sns_01_a_registration_or_a_qualification_that_gets_none_does_not_keep_it_closed(scene: Scene) -> None:
    """SNS-01: as the checks of eligibility say it: no day was said and it ends too late; its category has no Q-TAGs."""
    with open_scope(scene.ao):
        group = (scene.centre.pk, scene.submission.qualification_id)
        last = Judgement.objects.filter(submission=scene.submission).latest("pk")
        grade_all(scene.people[Role.TEACHER], scene.submission)
        propose(scene)
        Judgement.objects.filter(pk=last.pk).update(grade=None, state="open")
        assert not history_is_open(*group)
        Registration.objects.filter(pk=last.registration_id).update(ends_on=dt.date(2021, 9, 1))
        assert history_is_open(*group) and judged_counts([scene.centre.pk]).state.tolist().count(WAITING) == 0
        other = make_submission(scene.centre, scene.people[Role.QUALITY_CONTACT], learners=1)
        assert not history_is_open(scene.centre.pk)
        type(other.qualification).objects.filter(pk=other.qualification_id).update(category="A")
        assert history_is_open(scene.centre.pk)
