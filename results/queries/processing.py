"""What processing a claim would record: read once, in a fixed number of queries however large the claim."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from awarding.catalogue.models import Grade, QualificationUnit
from awarding.catalogue.queries.combination import combination_of
from awarding.catalogue.rules.combination import Combination
from awarding.catalogue.rules.counting import counted_units, find_shortfalls
from awarding.findings.finding import Finding, Severity
from awarding.frameworks.parts import Release
from awarding.frameworks.queries import adopted_document, open_adoptions
from centres.models import PriorAchievement
from mitigations.models import Claim, ClaimCell
from results.models import Certificate, UnitResult
from results.queries.withdrawn import awaiting_qtag, results_in_force
from results.rules import AchievedUnit, GradeHeldError, GradeWorkedOut, ScaleGrade, refuse_without_rules, work_out_grade
from results.rules_qtag import units_wait_finding


@dataclass
class ResultsPlan:
    """Who gets which qualification grade now, and who cannot yet, with the reason. Keys are registration ids."""

    grades: dict[int, GradeWorkedOut] = field(default_factory=dict)
    held: list[Finding] = field(default_factory=list)
    # Registrations that do not meet the rules of combination yet: unit results only.
    units_only: set[int] = field(default_factory=set)


def releases_for(claim: Claim) -> list[tuple[str, Release]]:
    """(framework's name, release) of the claim's level in every framework in force, and in the one it was made under.

    A newer adoption of the same framework speaks instead of the one that the claim pins.
    """
    adoptions = open_adoptions()
    if claim.adoption.framework.code not in {adoption.framework.code for adoption in adoptions}:
        adoptions.append(claim.adoption)
    documents = [adopted_document(adoption) for adoption in adoptions]
    level = claim.qualification.level
    found = [(document.short_title, document.release_for(level)) for document in documents]
    return [(name, release) for name, release in found if release is not None]


def achieved_cells(claim: Claim) -> list[tuple[int, int, str]]:
    """(registration id, unit id, grade) of the cells that are accepted and carry a grade that is an achievement."""
    grades = Grade.objects.filter(scale_id=claim.qualification.unit_scale_id, is_achieved=True)
    return list(
        ClaimCell.objects.filter(
            claim=claim, verdict=ClaimCell.Verdict.ACCEPTED, value__in=list(grades.values_list("code", flat=True))
        )
        .order_by("learner__position", "learner_id", "unit__position", "unit_id")
        .values_list("learner__registration_id", "unit__unit_id", "value")
    )


def plan_results(claim: Claim, registration_ids: Collection[int] | None = None) -> ResultsPlan:
    """What the recorded units of the claim's learners, from all their claims, amount to now (MIT-12, CLM-14).

    Learners who already have a result are left out. `registration_ids` narrows it to some of them.
    """
    plan = ResultsPlan()
    qualification = claim.qualification
    rows = claim.learners.select_related("registration__learner").order_by("position", "id")
    learners = {row.registration_id: row.registration.learner for row in rows}
    if registration_ids is not None:
        learners = {pk: learner for pk, learner in learners.items() if pk in registration_ids}
    done = results_in_force().filter(registration_id__in=learners)
    has_result = set(done.values_list("registration_id", flat=True))
    by_qtag = awaiting_qtag(set(learners) - has_result)
    combination = combination_of(qualification)
    units = _recorded_units(claim, set(learners) - has_result)
    brought = _brought_units(claim, set(learners) - has_result)
    unit_scale, scale = _scale(qualification.unit_scale_id), _scale(qualification.scale_id)
    for registration_id, learner in learners.items():
        if registration_id in has_result:
            continue
        if registration_id in by_qtag:
            plan.held.append(units_wait_finding(learner.full_name))
            continue
        assessed = units[registration_id]
        own = _counted(combination, assessed, brought[registration_id]) if assessed else []
        if not own:
            plan.units_only.add(registration_id)
            continue
        try:
            if combination.asks_nothing:
                refuse_without_rules(learner.full_name)
            plan.grades[registration_id] = work_out_grade(own, unit_scale, scale, where=learner.full_name)
        except GradeHeldError as held:
            plan.held.append(held.finding)
    return plan


def _recorded_units(claim: Claim, registration_ids: set[int]) -> dict[int, list[AchievedUnit]]:
    of_qualification = QualificationUnit.objects.filter(qualification_id=claim.qualification_id)
    rows = UnitResult.objects.filter(
        registration_id__in=registration_ids, unit_id__in=of_qualification.values("unit_id")
    ).order_by("unit__reference", "unit_id")
    found: dict[int, list[AchievedUnit]] = defaultdict(list)
    for registration_id, *facts in rows.values_list(
        "registration_id", "unit_id", "unit__reference", "unit__title", "grade", "unit__credits"
    ):
        found[registration_id].append(AchievedUnit(*facts))
    return found


def _brought_units(claim: Claim, registration_ids: set[int]) -> dict[int, list[AchievedUnit]]:
    """What comes by credit transfer and recognition of prior learning, and is no recorded result."""
    rows = PriorAchievement.objects.filter(registration_id__in=registration_ids, ended_at=None)
    found: dict[int, list[AchievedUnit]] = defaultdict(list)
    for registration_id, *facts in rows.order_by("unit__reference", "unit_id").values_list(
        "registration_id", "unit_id", "unit__reference", "unit__title", "grade", "unit__credits", "kind"
    ):
        found[registration_id].append(AchievedUnit(*facts))
    return found


def _counted(combination: Combination, assessed: list[AchievedUnit], brought: list[AchievedUnit]) -> list[AchievedUnit]:
    """The units that make the qualification, transfer among them up to its limit; none where they do not make it."""
    here = {unit.unit_id for unit in assessed}
    units = [*assessed, *(unit for unit in brought if unit.unit_id not in here)]
    every, came = {unit.unit_id for unit in units}, {unit.unit_id for unit in brought} - here
    if find_shortfalls(combination, every, came):
        return []
    counted = counted_units(combination, every, came)
    return [unit for unit in units if unit.unit_id in counted or unit.unit_id in here]


def _scale(scale_id: int | None) -> list[ScaleGrade]:
    if scale_id is None:
        return []
    grades = Grade.objects.filter(scale_id=scale_id).order_by("rank")
    return [ScaleGrade(grade.code, grade.rank, grade.is_achieved, grade.points) for grade in grades]


def is_work_left(claim: Claim) -> bool:
    """Whether processing the claim (again) would record a result or make a certificate."""
    drafted = Certificate.objects.filter(result__claim=claim, state=Certificate.State.DRAFTED)
    return drafted.exists() or bool(plan_results(claim).grades)


def off_scale_findings(claim: Claim) -> list[Finding]:
    """QTG-09: accepted cells whose grade is not on the unit scale; they are never recorded."""
    codes = Grade.objects.filter(scale_id=claim.qualification.unit_scale_id).values_list("code", flat=True)
    rows = (
        ClaimCell.objects.filter(claim=claim, verdict=ClaimCell.Verdict.ACCEPTED)
        .exclude(value="")
        .exclude(value__in=list(codes))
        .select_related("learner__registration__learner", "unit__unit")
        .order_by("learner__position", "unit__position")
    )
    return [
        Finding(
            rule="QTG-09",
            severity=Severity.BLOCKS,
            where=f"{cell.learner.registration.learner}, {cell.unit.unit.reference}",
            what=_off_scale(cell.value),
            fix=_("Return the entry to the centre, or put the grade on the unit scale if it belongs there."),
            code="off_scale",
        )
        for cell in rows[:50]
    ]


def _off_scale(value: str) -> str:
    return _("“%(value)s” is not a grade of the unit scale.") % {"value": value}
