"""Who may have a Q-TAG, asked of many at once, is what is asked of each by itself."""

from __future__ import annotations

import datetime as dt
from itertools import product

from awarding.accounts.roles import Role
from awarding.catalogue.models import Grade
from awarding.tenancy.scope import open_scope
from qtag.models import BankedUnit, EvidenceRecord, Judgement, LicenceUnit, QualificationTerms, Submission
from qtag.queries.eligibility import eligibility_answers, eligibility_counts
from qtag.queries.expected import expected as of_whom_one_is_expected
from qtag.queries.facts import learner_facts, submission_facts
from qtag.rules.eligibility import Answer, answer_of, eligibility_findings
from tests.factories.qtags import make_submission
from tests.qtag.conftest import Scene

DAYS = (dt.date(2020, 7, 31), dt.date(2020, 8, 1), dt.date(2021, 8, 31), dt.date(2021, 9, 1), None)
# No evidence, a piece of it, or a banked result, which stands as evidence too (QTG-14).
SHAPES = list(product((True, False, None), (True, False), DAYS, ("", "piece", "banked")))


def shape(scene: Scene, submission: Submission) -> None:
    """Every combination of facts that the checks tell apart, one learner each; some with evidence."""
    rows = Judgement.objects.filter(submission=submission).order_by("pk")
    place = submission.qualification.unit_places.select_related("unit")[0]
    passed = Grade.objects.filter(scale=submission.qualification.unit_scale_id, is_achieved=True)[0]
    for row, (certificating, absent, ready_on, evidence) in zip(rows, SHAPES, strict=True):
        row.is_certificating, row.was_absent, row.ready_on = certificating, absent, ready_on
        row.is_top_up = row.pk % 7 == 0
        row.save()
        if evidence == "banked":
            BankedUnit.objects.create(
                registration=row.registration, unit=place.unit, grade=passed, kind="interim",
                achieved_on=dt.date(2021, 2, 1), recorded_by=scene.people[Role.TEACHER].person,
            )  # fmt: skip
        if evidence == "piece":
            EvidenceRecord.objects.create(
                judgement=row, type="classwork", covers="All", control="medium", dated_on=dt.date(2021, 3, 1),
                recorded_by=scene.people[Role.TEACHER].person,
            )  # fmt: skip


def one_by_one(submission: object) -> dict[int, Answer]:
    rows = list(Judgement.objects.filter(submission=submission).select_related("registration", "grade"))
    about, facts = submission_facts(submission), learner_facts(rows)  # type: ignore[arg-type]
    return {pk: answer_of(eligibility_findings(about, each)) for pk, each in facts.items()}


def test_many_at_once_are_answered_as_each_by_itself(scene, django_assert_num_queries):
    """QTG-01 to QTG-06 QTG-20: over every combination of facts, categories, a licence unit and an agreement."""
    with open_scope(scene.ao):
        contact = scene.people[Role.QUALITY_CONTACT]
        made = [
            make_submission(scene.centre, contact, learners=len(SHAPES), category=c) for c in ("B1", "B2", "A", "B1")
        ]
        for submission in made:
            shape(scene, submission)
        licensed = made[3].qualification
        code = made[3].adoption.framework.code
        terms = QualificationTerms.objects.create(
            qualification=licensed, framework_code=code, agreement_with="Examiner"
        )
        LicenceUnit.objects.create(terms=terms, unit=licensed.unit_places.select_related("unit")[0].unit)
        expected = {pk: answer for submission in made for pk, answer in one_by_one(submission).items()}
        assert set(expected.values()) == set(Answer)
        with django_assert_num_queries(8):
            found = eligibility_answers(made)
        assert found == expected
        # Who gets none is nobody to remind of, and is called so by the database as by the checks.
        awaited = of_whom_one_is_expected(Judgement.objects.filter(pk__in=list(expected)))
        assert set(awaited.values_list("pk", flat=True)) == {pk for pk, a in expected.items() if a is not Answer.NO}
        some = Judgement.objects.filter(pk__in=sorted(expected)[:5])
        assert eligibility_counts(made[0], some).total() == 5
