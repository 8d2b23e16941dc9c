"""Q-TAG submissions for tests, brought by the portal's own services to where a test needs them."""

from __future__ import annotations

import datetime as dt

from awarding.accounts.roles import Role
from awarding.accounts.standing import Standing
from awarding.catalogue.models import Grade
from awarding.frameworks.models import Adoption
from awarding.frameworks.queries import adopted_document
from awarding.ui.grid import CellInput
from centres.models import Centre, CohortStaff
from qtag.models import Judgement, Submission
from qtag.queries.submissions import qtag_adoptions
from qtag.services.beginning import begin_submission
from qtag.services.grades import GRADE_COLUMN, save_grades
from qtag.services.moving import move_judgements
from qtag.services.preparing import record_step
from qtag.services.recording import record_evidence, record_told, save_facts
from tests.factories.awards import adopt_framework, make_qualification, make_registration
from tests.factories.organisation import make_standing

# Inside the published window of 2021, for tests that set the clock.
IN_WINDOW = dt.date(2021, 6, 1)
GRADES = ("P", "M", "D")


def qtag_adoption() -> Adoption:
    """The open AO's adoption with Q-TAGs; VCRF 2021 is adopted when there is none."""
    found = qtag_adoptions()
    return found[0] if found else adopt_framework("vcrf_2021")


def make_submission(
    centre: Centre, contact: Standing, *, learners: int = 3, category: str = "B1", teacher: Standing | None = None
) -> Submission:
    """A submission just begun; `teacher` (and whoever endorses) must be staff of the cohort to see it."""
    qtag_adoption()
    qualification = make_qualification(grades=GRADES, category=category)
    for _ in range(learners):
        registration = make_registration(centre, qualification, ends_on=dt.date(2021, 6, 30))
    if teacher is not None:
        staff_cohort(teacher, registration.cohort_id)
    return begin_submission(actor=contact, centre=centre, qualification=qualification)


def staff_cohort(person: Standing, cohort_id: int) -> None:
    CohortStaff.objects.get_or_create(cohort_id=cohort_id, person=person.person)


def make_staff(ao: object, centre: Centre, submission: Submission) -> dict[Role, Standing]:
    """A teacher, a lead internal verifier and a head of department of the submission's cohorts, and a head of centre."""
    roles = (Role.TEACHER, Role.LEAD_INTERNAL_VERIFIER, Role.HEAD_OF_DEPARTMENT, Role.HEAD_OF_CENTRE)
    staff = {role: make_standing(ao, role, centre) for role in roles}  # type: ignore[arg-type]
    cohorts = set(submission.judgements.values_list("registration__cohort_id", flat=True))
    for person in staff.values():
        for cohort_id in cohorts:
            staff_cohort(person, cohort_id)
    return staff


def make_eligible(teacher: Standing, judgement: Judgement, shows: str = "D") -> None:
    """Finishing this summer, told, and with one piece of classwork that shows a grade."""
    save_facts(
        actor=teacher, judgement_id=judgement.pk, facts={"is_certificating": True},
        expected_version=judgement.facts_version,
    )  # fmt: skip
    grade = Grade.objects.get(scale_id=judgement.registration.qualification.scale_id, code=shows)
    record_evidence(
        actor=teacher, judgement_id=judgement.pk, type="classwork", covers="Units 1 to 3", control="medium",
        dated_on=dt.date(2021, 3, 1), shows_grade=grade, is_authentic=True, is_reachable=True,
    )  # fmt: skip
    record_told(actor=teacher, judgement_id=judgement.pk, told_on=dt.date(2021, 5, 1))


def grade_all(teacher: Standing, submission: Submission, grade: str = "M") -> None:
    cells = [
        CellInput(row.row_key, GRADE_COLUMN, grade, was="") for row in submission.judgements.all() if row.grade is None
    ]
    save_grades(actor=teacher, submission=submission, cells=cells)


def record_steps(teacher: Standing, submission: Submission, besides: str = "") -> None:
    for step in adopted_document(submission.adoption).steps:
        if step == besides:
            continue
        record_step(actor=teacher, submission=submission, step=step, note="Done together")


def make_moves(actor: Standing, submission: Submission, *moves: str) -> None:
    """Moves every learner of the submission along; fails when one is refused."""
    for move in moves:
        rows = {row.pk: row.version for row in Judgement.objects.filter(submission=submission)}
        outcome = move_judgements(
            actor=actor, submission=submission, move=move, judgement_ids=list(rows), versions=rows
        )
        assert not outcome.refused, outcome.refused


def bring_to_agreed(staff: dict[Role, Standing], submission: Submission, grade: str = "M") -> None:
    """Every learner judged, endorsed and agreed: ready to be submitted."""
    teacher = staff[Role.TEACHER]
    record_steps(teacher, submission)
    for judgement in submission.judgements.select_related("registration__qualification"):
        make_eligible(teacher, judgement)
    grade_all(teacher, submission, grade)
    make_moves(teacher, submission, "propose")
    make_moves(staff[Role.LEAD_INTERNAL_VERIFIER], submission, "endorse_lead")
    make_moves(staff[Role.HEAD_OF_DEPARTMENT], submission, "endorse_department")
    make_moves(staff[Role.HEAD_OF_CENTRE], submission, "agree")
