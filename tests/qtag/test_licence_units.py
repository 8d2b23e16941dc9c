"""Units linked to a licence to practise: fully assessed and passed before the Q-TAG, some only where they are chosen (QTG-05)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from awarding.accounts.roles import Role
from awarding.catalogue.models import Grade, Unit
from awarding.tenancy.scope import open_scope
from qtag.models import BankedUnit, Judgement
from qtag.queries.eligibility import eligibility_answers
from qtag.queries.facts import learner_facts, submission_facts
from qtag.rules.eligibility import Answer, eligibility_findings
from qtag.services.preparing import set_terms
from qtag.services.recording import record_told, set_banked_aside
from qtag.services.units import flag_reduced, record_entry
from tests.factories.qtags import grade_all, make_eligible, make_submission
from tests.qtag.conftest import Scene, bank
from tests.qtag.test_moving import move

Act = Callable[[Scene, Judgement, Unit], object]


def link(scene: Scene, *, is_conditional: bool) -> tuple[Judgement, Unit]:
    """The first learner, who lacks nothing else, and the first unit, which the AO links to a licence to practise."""
    with open_scope(scene.ao):
        row = scene.submission.judgements.select_related("registration__qualification").order_by("pk")[0]
        make_eligible(scene.people[Role.TEACHER], row)
        unit = scene.submission.qualification.unit_places.select_related("unit")[0].unit
        # The lowest grade of a unit is one that does not achieve it.
        Grade.objects.filter(scale_id=scene.submission.qualification.unit_scale_id, code="P").update(is_achieved=False)
        set_terms(
            actor=scene.people[Role.AO_ADMIN], qualification=scene.submission.qualification,
            framework_code="vcrf_2021", licence_units={unit: is_conditional},
        )  # fmt: skip
    return row, unit


def answers(scene: Scene, row: Judgement) -> set[Answer]:
    """What the learner hears alone, and what the list says of many: one answer if they agree."""
    with open_scope(scene.ao):
        fresh = Judgement.objects.select_related("registration", "grade").get(pk=row.pk)
        found = eligibility_findings(submission_facts(scene.submission), learner_facts([fresh])[row.pk])
        assert {(finding.rule, finding.code) for finding in found} <= {("QTG-05", "licence_unit")}
        return {Answer.NOT_YET if found else Answer.YES, eligibility_answers([scene.submission])[row.pk]}


def banked(code: str, kind: str = "interim") -> Act:
    """The first unit is the one that `link` links."""
    return lambda scene, row, unit: bank(scene, row, kind, grade=code)


def flag(scene: Scene, row: Judgement, unit: Unit) -> None:
    flag_reduced(actor=scene.people[Role.TEACHER], judgement_id=row.pk, unit=unit)


def enter(scene: Scene, row: Judgement, unit: Unit) -> None:
    record_entry(
        actor=scene.people[Role.TEACHER], judgement_id=row.pk, unit=unit, entered_on=dt.date(2021, 1, 15)
    )  # fmt: skip


def take_out(scene: Scene, row: Judgement, _unit: Unit) -> None:
    stands = BankedUnit.objects.get(set_aside_at=None)
    set_banked_aside(actor=scene.people[Role.TEACHER], judgement_id=row.pk, banked=stands, reason="Another's work")


PASS, FAIL, OF_2020 = banked("M"), banked("P"), banked("M", "issued_2020")
YES, NOT_YET = {Answer.YES}, {Answer.NOT_YET}


@pytest.mark.parametrize(
    ("is_conditional", "acts", "expected"),
    [
        # Always needed: only what was fully assessed and passed will do, and only while it stands.
        (False, [], NOT_YET),
        (False, [FAIL], NOT_YET),
        (False, [flag], NOT_YET),
        (False, [OF_2020], NOT_YET),
        (False, [PASS], YES),
        (False, [banked("M", "external")], YES),
        (False, [PASS, take_out], NOT_YET),
        # Where chosen: nothing binds a learner who never took the unit up; whoever did has to pass it.
        (True, [], YES),
        (True, [FAIL], NOT_YET),
        (True, [flag], NOT_YET),
        (True, [enter], NOT_YET),
        (True, [OF_2020], NOT_YET),
        (True, [PASS], YES),
        (True, [enter, PASS], YES),
        (True, [FAIL, take_out], YES),
    ],
)
def test_a_licence_unit_holds_the_grade_until_it_is_passed(scene, is_conditional, acts, expected):
    """QTG-05: alone and in the list of many."""
    row, unit = link(scene, is_conditional=is_conditional)
    for act in acts:
        with open_scope(scene.ao):
            act(scene, row, unit)
    assert answers(scene, row) == expected


def test_a_unit_that_was_begun_and_not_passed_stops_the_proposal(scene):
    """QTG-05: by name, on the page; passed, it goes on."""
    row, unit = link(scene, is_conditional=True)
    with open_scope(scene.ao):
        grade_all(scene.people[Role.TEACHER], scene.submission)
        FAIL(scene, row, unit)
    refused = move(scene, Role.TEACHER, "propose").content.decode()
    assert f"“{unit.title}” is linked to a licence to practise and is not passed" in refused
    with open_scope(scene.ao):
        take_out(scene, row, unit)
        PASS(scene, row, unit)
        record_told(actor=scene.people[Role.TEACHER], judgement_id=row.pk, told_on=dt.date(2021, 5, 2))
    move(scene, Role.TEACHER, "propose")
    assert scene.judgements()[0].state == "proposed"


def test_units_of_one_qualification_hold_up_no_other(scene):
    """QTG-05: another qualification of the centre has no such unit, asked together and by itself."""
    link(scene, is_conditional=False)
    with open_scope(scene.ao):
        other = make_submission(scene.centre, scene.people[Role.QUALITY_CONTACT], learners=1)
        row = other.judgements.select_related("registration__qualification").get()
        Judgement.objects.filter(pk=row.pk).update(is_certificating=True)
        unit = other.qualification.unit_places.select_related("unit")[0].unit
        grade = Grade.objects.filter(scale_id=other.qualification.unit_scale_id).order_by("-rank")[0]
        BankedUnit.objects.create(
            registration=row.registration, grade=grade, kind="interim", achieved_on=dt.date(2021, 1, 1),
            recorded_by=scene.people[Role.TEACHER].person, unit=unit,
        )  # fmt: skip
        assert eligibility_answers([scene.submission, other])[row.pk] is Answer.YES
