"""Q-TAGs of the portal in the sense check: no row before the last judgement, and whose it is then (SNS-01, QTG-17)."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from awarding.accounts.roles import Role
from awarding.accounts.standing import Process
from awarding.catalogue.models import Grade, Qualification
from awarding.tenancy.scope import open_scope
from centres.models import Registration
from qtag.models import Judgement, PastResults, SenseRow, SenseRun, SeriesChoice
from qtag.queries.judged import DECIDED, RECORDED, WAITING, judged_counts
from qtag.queries.sense_gate import missing_judgements
from qtag.queries.sense_input import read_input
from qtag.services.sense_run import run_sense_check
from tests.factories.qtags import IN_WINDOW, grade_all, make_moves, make_submission
from tests.qtag.conftest import Scene, propose


def give_history(scene: Scene) -> None:
    with open_scope(scene.ao):
        PastResults.objects.bulk_create(
            PastResults(
                centre=scene.centre, qualification=scene.submission.qualification, series=series, grade=grade, count=20
            )
            for series in ("2018-summer", "2019-summer")
            for grade in ("P", "M")
        )


def run(scene: Scene, **how: Any) -> SenseRun:
    return run_sense_check(actor=Process("test"), ao=scene.ao, **how)


def levels(scene: Scene) -> list[str]:
    with open_scope(scene.ao):
        return sorted(SenseRow.objects.values_list("level", flat=True))


def test_sns_01_no_row_until_the_last_learner_is_judged(scene: Scene) -> None:
    give_history(scene)
    last = scene.judgements()[-1]
    with open_scope(scene.ao):
        grade_all(scene.people[Role.TEACHER], scene.submission)
        propose(scene)
        Judgement.objects.filter(pk=last.pk).update(grade=None, state="open")
    run(scene)
    assert levels(scene) == []
    with open_scope(scene.ao):
        grade_all(scene.people[Role.TEACHER], scene.submission)
        propose(scene)
    run(scene, centres=[scene.centre.pk])
    assert levels(scene) == ["centre", "qualification", "suite"]
    with open_scope(scene.ao):
        row = SenseRow.objects.get(level="qualification")
        assert (row.figures["now"], row.size, row.past_size) == ([0, 3, 0], 3, 80)
        assert (row.verdict, row.too_few_reason) == ("too_few", "now")
        # A learner who is judged again closes the group again, and the next run takes its rows away.
        Judgement.objects.filter(pk=last.pk).update(grade=None, state="open")
    run(scene, centres=[scene.centre.pk])
    assert levels(scene) == []


def test_sns_01_a_withdrawn_learner_s_grade_neither_closes_the_group_nor_counts(scene: Scene) -> None:
    """SNS-01: it never left the teacher's hands. What was submitted before somebody was withdrawn counts on."""
    give_history(scene)
    first, last = scene.judgements()[0], scene.judgements()[-1]
    with open_scope(scene.ao):
        grade_all(scene.people[Role.TEACHER], scene.submission)
        propose(scene)
        for row, state in ((first, "submitted"), (last, "open")):
            Judgement.objects.filter(pk=row.pk).update(state=state)
            Registration.objects.filter(pk=row.registration_id).update(status=Registration.Status.WITHDRAWN)
    run(scene)
    with open_scope(scene.ao):
        assert SenseRow.objects.get(level="qualification").figures["now"] == [0, 2, 0]


def test_a_registration_counts_once_with_its_newest_q_tag(scene: Scene) -> None:
    """Where a version of a framework that was adopted later has it again."""
    give_history(scene)
    with open_scope(scene.ao):
        grade_all(scene.people[Role.TEACHER], scene.submission)
        propose(scene)
        higher = Grade.objects.filter(scale=scene.submission.qualification.scale).order_by("-rank")[0]
        again = copied(scene.submission, adoption=copied(scene.submission.adoption))
        for row in scene.judgements():
            copied(row, submission=again, grade=higher)
        groups = read_input(IN_WINDOW).groups
    assert groups.now.tolist() == [[0, 0, 3]]


def copied(row: Any, **fields: Any) -> Any:
    """The same row once more, but for these fields."""
    made = copy.deepcopy(row)
    made.pk, made._state.adding = None, True
    for name, value in fields.items():
        setattr(made, name, value)
    made.save(force_insert=True)
    return made


def test_sns_01_a_run_learns_nothing_from_a_group_that_is_not_all_judged(scene: Scene) -> None:
    """SNS-01: what is judged of it so far is in no count, not of the whole organisation either."""
    give_history(scene)
    last = scene.judgements()[-1]
    with open_scope(scene.ao):
        grade_all(scene.people[Role.TEACHER], scene.submission)
        propose(scene)
        Judgement.objects.filter(pk=last.pk).update(state="open")
        closed = read_input(IN_WINDOW)
        Judgement.objects.filter(pk=last.pk).update(state="proposed")
        opened = read_input(IN_WINDOW)
    assert (closed.groups.now.sum(), closed.groups.waiting.tolist(), closed.is_open.tolist()) == (0, [True], [False])
    assert (opened.groups.now.sum(), opened.groups.waiting.tolist(), opened.is_open.tolist()) == (3, [False], [True])


def test_sns_01_results_loaded_for_this_year_neither_open_a_group_with_q_tags_nor_are_added_to_them(
    scene: Scene,
) -> None:
    """SNS-01: what is judged here is what counts here, also before it is."""
    give_history(scene)
    with open_scope(scene.ao):
        SeriesChoice.objects.create(series="2021-summer", role="this_year")
        PastResults.objects.create(
            centre=scene.centre, qualification=scene.submission.qualification, series="2021-summer", grade="P", count=9
        )
    run(scene)
    assert levels(scene) == []
    with open_scope(scene.ao):
        grade_all(scene.people[Role.TEACHER], scene.submission)
        propose(scene)
    run(scene)
    with open_scope(scene.ao):
        assert SenseRow.objects.get(level="qualification").figures["now"] == [0, 3, 0]


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        ({"was_absent": True}, DECIDED),
        ({"is_apprenticeship": True}, DECIDED),
        ({"is_certificating": False}, DECIDED),
        ({"is_certificating": False, "is_top_up": True}, WAITING),
        ({"is_certificating": None}, WAITING),
    ],
)
def test_sns_01_that_there_will_be_no_grade_is_an_answer_too(scene: Scene, facts: dict[str, Any], state: int) -> None:
    last = scene.judgements()[-1]
    with open_scope(scene.ao):
        grade_all(scene.people[Role.TEACHER], scene.submission)
        propose(scene)
        Judgement.objects.filter(pk=last.pk).update(grade=None, state="open", **facts)
        judged = judged_counts([scene.centre.pk])
        assert judged_counts([scene.centre.pk + 1]).count.sum() == 0
        # The run and the pages' gate go by one rule.
        assert missing_judgements().count() == (state == WAITING)
    found = dict(zip(judged.state.tolist(), judged.count.tolist(), strict=True))
    assert found == {RECORDED: 2, state: 1}


@pytest.mark.parametrize(("sector", "computed"), [("Science", ["qualification"]), ("Arts", ["qualification", "suite"])])
def test_sns_01_the_whole_centre_waits_for_its_last_group(scene: Scene, sector: str, computed: list[str]) -> None:
    """SNS-01: and a suite for the last of its own, not for another suite's."""
    give_history(scene)
    with open_scope(scene.ao):
        grade_all(scene.people[Role.TEACHER], scene.submission)
        propose(scene)
        waiting = make_submission(scene.centre, scene.people[Role.QUALITY_CONTACT], learners=1)
        Qualification.objects.filter(pk=waiting.qualification_id).update(sector=sector)
    run(scene)
    assert levels(scene) == computed


def test_qtg_17_a_row_says_whether_the_ao_has_the_grades(agreed: Scene) -> None:
    give_history(agreed)
    run(agreed)
    with open_scope(agreed.ao):
        assert not SenseRow.objects.filter(is_submitted=True).exists()
        make_moves(agreed.people[Role.QUALITY_CONTACT], agreed.submission, "submit")
    run(agreed)
    with open_scope(agreed.ao):
        assert set(SenseRow.objects.values_list("is_submitted", flat=True)) == {True}
