"""Earlier results stay closed until every judgement of the group is recorded (SNS-01)."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied

from awarding.accounts.roles import Role
from awarding.tenancy.scope import open_scope
from qtag.models import Judgement, SenseRow
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


@pytest.mark.parametrize("fact", [{"is_certificating": False}, {"was_absent": True}, {"is_apprenticeship": True}])
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
            is_certificating=False, is_top_up=True, was_absent=False, is_apprenticeship=False
        )
        assert not history_is_open(*group)
