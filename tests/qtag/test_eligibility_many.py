"""Who may have a Q-TAG, asked of many at once, is what is asked of each by itself."""

from __future__ import annotations

import datetime as dt
from itertools import product

from django.utils import timezone

from awarding.accounts.roles import Role
from awarding.catalogue.models import Grade
from awarding.tenancy.scope import open_scope
from qtag.models import Agreement, BankedUnit, EvidenceRecord, Judgement, LicenceUnit, QualificationTerms, Submission
from qtag.queries.eligibility import eligibility_answers, eligibility_counts
from qtag.queries.expected import expected as of_whom_one_is_expected
from qtag.queries.facts import learner_facts, submission_facts
from qtag.rules.eligibility import Answer, answer_of, eligibility_findings
from tests.factories.qtags import make_submission
from tests.qtag.conftest import Scene

IN, OUT = dt.date(2021, 6, 30), dt.date(2021, 9, 1)
# The day that was said, if any, and the end of the registration, which holds where none was (QTG-03).
DAYS = (
    (dt.date(2020, 7, 31), IN), (dt.date(2020, 8, 1), IN), (dt.date(2021, 8, 31), OUT), (OUT, IN), (None, IN), (None, OUT),
)  # fmt: skip
# No evidence, a piece of it, or a banked result, which stands as evidence too (QTG-14).
SHAPES = list(product((True, False, None), (True, False), DAYS, ("", "piece", "banked")))
# One whom nothing stops, and one who goes on, where the qualification decides.
FEW = [(True, False, (None, IN), "piece"), (True, False, (None, IN), "banked"), (False, False, (None, IN), "piece")]
# What was set aside is none (QTG-06).
ASIDE = [(True, False, (None, IN), "piece aside"), (True, False, (None, IN), "banked aside")]
BOTH = ["all_content_taught", "nothing_else_possible"]


def shape(scene: Scene, submission: Submission, shapes: list) -> None:
    """Every combination of facts that the checks tell apart, one learner each; some with evidence."""
    rows = Judgement.objects.filter(submission=submission).select_related("registration").order_by("pk")
    place = submission.qualification.unit_places.select_related("unit")[0]
    passed = Grade.objects.filter(scale=submission.qualification.unit_scale_id, is_achieved=True)[0]
    for number, (row, (certificating, absent, (ready_on, ends_on), evidence)) in enumerate(
        zip(rows, shapes, strict=True)
    ):
        row.is_certificating, row.was_absent, row.ready_on = certificating, absent, ready_on
        if shapes is SHAPES:
            row.is_top_up, row.is_apprenticeship = number % 7 == 0, number % 5 == 0
        row.save()
        type(row.registration).objects.filter(pk=row.registration_id).update(ends_on=ends_on)
        gone = {"set_aside_at": timezone.now(), "set_aside_reason": "Mislaid"} if "aside" in evidence else {}
        if evidence.startswith("banked"):
            BankedUnit.objects.create(
                registration=row.registration, unit=place.unit, grade=passed, kind="interim",
                achieved_on=dt.date(2021, 2, 1), recorded_by=scene.people[Role.TEACHER].person, **gone,
            )  # fmt: skip
        if evidence.startswith("piece"):
            EvidenceRecord.objects.create(
                judgement=row, type="classwork", covers="All", control="medium", dated_on=dt.date(2021, 3, 1),
                recorded_by=scene.people[Role.TEACHER].person, **gone,
            )  # fmt: skip


def one_by_one(submission: object) -> dict[int, Answer]:
    rows = list(Judgement.objects.filter(submission=submission).select_related("registration", "grade"))
    about, facts = submission_facts(submission), learner_facts(rows)  # type: ignore[arg-type]
    return {pk: answer_of(eligibility_findings(about, each)) for pk, each in facts.items()}


def make(scene: Scene, category: str, shapes: list, **terms: object) -> Submission:
    """A submission of such learners; `terms` are the AO's, under this framework or that of `framework_code`."""
    contact = scene.people[Role.QUALITY_CONTACT]
    made = make_submission(scene.centre, contact, learners=len(shapes), category=category)
    shape(scene, made, shapes)
    if terms:
        code = {"framework_code": made.adoption.framework.code} | terms
        QualificationTerms.objects.create(qualification=made.qualification, **code)
    return made


def record_last_resort(submission: Submission, statements: list[str], reason: str) -> None:
    submission.last_resort_statements, submission.last_resort_reason = statements, reason
    submission.save()


def test_many_at_once_are_answered_as_each_by_itself(scene, django_assert_num_queries):
    """QTG-01 to QTG-06 QTG-20: over combinations of facts, categories, last resorts, terms, licence units and agreements."""
    with open_scope(scene.ao):
        fine, on, no = [Answer.YES, Answer.YES, Answer.NO], [Answer.NOT_YET] * 2 + [Answer.NO], [Answer.NO] * 3
        cases = [
            (make(scene, "B1", FEW), fine),
            (make(scene, "A", FEW), no),
            (make(scene, "B1", ASIDE), [Answer.NOT_YET] * 2),
            (make(scene, "B2", FEW), on),
            (make(scene, "B2", FEW), on),
            (make(scene, "B2", FEW), on),
            (make(scene, "B2", FEW), fine),
            (make(scene, "B1", FEW, out_of_scope_reason="Accredited elsewhere"), no),
            (make(scene, "B1", FEW, is_all_licence=True), no),
            (make(scene, "B1", FEW, framework_code="erf_2020", is_all_licence=True, agreement_with="Nobody"), fine),
            (make(scene, "B1", FEW, agreement_with="Examiner"), on),
            (make(scene, "B1", FEW, agreement_with="Examiner"), fine),
            (make(scene, "B1", FEW, agreement_with=""), [Answer.NOT_YET, Answer.YES, Answer.NO]),
            (make(scene, "B", FEW), on),
            (make(scene, "B", FEW), fine),
            (make(scene, "B", FEW, agreement_with="Examiner"), on),
            (make(scene, "B1", FEW, agreement_with="Moderator"), on),
        ]
        made = [submission for submission, _answers in cases]
        record_last_resort(made[4], BOTH, "")
        record_last_resort(made[5], BOTH[:1], "The workshop stayed shut")
        record_last_resort(made[6], BOTH, "The workshop stayed shut")
        # Of the last two, one is category B with only the examiner's word, the other asks for somebody else.
        for number, who in ((11, "examiner"), (14, "The AO"), (15, "Examiner"), (16, "Examiner")):
            Agreement.objects.create(
                submission=made[number], agreed_with=who, agreed_on=dt.date(2021, 5, 1),
                recorded_by=scene.people[Role.AO_ADMIN].person,
            )  # fmt: skip
        licensed = made[12].qualification
        LicenceUnit.objects.create(
            terms=licensed.qtag_terms.get(), unit=licensed.unit_places.order_by("position")[0].unit
        )
        every = make(scene, "B1", SHAPES)
        expected = {pk: answer for submission in [*made, every] for pk, answer in one_by_one(submission).items()}
        for submission, answers in cases:
            rows = Judgement.objects.filter(submission=submission).order_by("pk").values_list("pk", flat=True)
            assert [expected[pk] for pk in rows] == answers, submission.qualification
        with django_assert_num_queries(8):
            found = eligibility_answers([*made, every])
        assert found == expected and set(one_by_one(every).values()) == set(Answer)
        # Who gets none is nobody to remind of, and is called so by the database as by the checks.
        awaited = of_whom_one_is_expected(Judgement.objects.filter(pk__in=list(expected)))
        assert set(awaited.values_list("pk", flat=True)) == {pk for pk, a in expected.items() if a is not Answer.NO}
        some = Judgement.objects.filter(pk__in=sorted(expected)[:3])
        assert eligibility_counts(made[0], some).total() == 3


def test_the_day_that_was_said_goes_before_that_of_the_registration(scene):
    """QTG-03: both last days in; a registration that ends outside is a no until somebody says another day."""
    with open_scope(scene.ao):
        made = make(scene, "B1", [(True, False, day, "piece") for day in DAYS])
        by_row = one_by_one(made)
        assert [by_row[pk] for pk in sorted(by_row)] == [
            Answer.NO, Answer.YES, Answer.YES, Answer.NO, Answer.YES, Answer.NO,
        ]  # fmt: skip
