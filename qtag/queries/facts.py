"""Gathering what the checks of Q-TAGs need, for one learner or a whole submission, in a fixed number of queries."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from awarding.frameworks.queries import adopted_document
from qtag.models import Agreement, BankedUnit, EvidenceRecord, Judgement, QualificationTerms, Submission
from qtag.rules.facts import EvidenceFact, LearnerFacts, SubmissionFacts, TermsFacts, UnitFact

# What kind of evidence a banked result stands as (QTG-14, QTG-22).
BANKED_AS = {
    BankedUnit.Kind.INTERIM.value: "internal_result",
    BankedUnit.Kind.EXTERNAL.value: "external_result",
    BankedUnit.Kind.ISSUED_2020.value: "grade_2020",
}


def submission_facts(submission: Submission) -> SubmissionFacts:
    """What holds for every learner of the submission. Two queries."""
    document = adopted_document(submission.adoption)
    terms = terms_facts(submission.qualification_id, document.id)
    return SubmissionFacts(
        document=document,
        category=submission.qualification.category,
        terms=terms,
        has_agreement=Agreement.objects.filter(submission=submission).exists(),
        last_resort_statements=frozenset(submission.last_resort_statements),
        has_last_resort_reason=bool(submission.last_resort_reason),
    )


def terms_facts(qualification_id: int, framework_code: str) -> TermsFacts:
    """The AO's terms for a qualification under a framework; nothing special when it has said nothing."""
    rows = QualificationTerms.objects.filter(qualification_id=qualification_id, framework_code=framework_code)
    terms = rows.prefetch_related("licence_units__unit").first()
    if terms is None:
        return TermsFacts()
    units = tuple(UnitFact(row.unit_id, row.unit.title, row.is_conditional) for row in terms.licence_units.all())
    return TermsFacts(terms.out_of_scope_reason, terms.is_all_licence, units, terms.agreement_with)


def learner_facts(judgements: Iterable[Judgement]) -> dict[int, LearnerFacts]:
    """By judgement id, what the checks need of each learner. Three queries, however many they are.

    The judgements come with `registration` and `grade` selected.
    """
    rows = list(judgements)
    evidence: dict[int, list[EvidenceFact]] = defaultdict(list)
    told = {row.pk: None if row.told_evidence is None else frozenset(row.told_evidence) for row in rows}
    untold: Counter[int] = Counter()
    pieces = EvidenceRecord.objects.filter(judgement__in=list(told), set_aside_at=None)
    for judgement_id, piece_id, *fact in pieces.values_list(
        "judgement_id", "pk", "type", "shows_grade__rank", "is_authentic", "is_reachable"
    ):
        evidence[judgement_id].append(EvidenceFact(*fact))
        heard = told[judgement_id]
        untold[judgement_id] += heard is not None and piece_id not in heard
    passed: dict[int, set[int]] = defaultdict(set)
    banked = BankedUnit.objects.filter(
        registration__in=[row.registration_id for row in rows], set_aside_at=None, grade__is_achieved=True
    )
    for registration_id, unit_id in banked.values_list("registration_id", "unit_id"):
        passed[registration_id].add(unit_id)
    mine: dict[int, list[EvidenceFact]] = defaultdict(list)
    stand = BankedUnit.objects.filter(registration__in=[row.registration_id for row in rows], set_aside_at=None)
    for registration_id, kind in stand.values_list("registration_id", "kind").order_by("id"):
        # The grade of a unit is not one of the qualification's scale: it is evidence without showing a grade of it.
        mine[registration_id].append(EvidenceFact(BANKED_AS[kind]))
    return {
        row.pk: _one(row, [*evidence[row.pk], *mine[row.registration_id]], passed[row.registration_id], untold[row.pk])
        for row in rows
    }


def _one(row: Judgement, evidence: list[EvidenceFact], passed: set[int], untold: int) -> LearnerFacts:
    return LearnerFacts(
        is_certificating=row.is_certificating,
        is_top_up=row.is_top_up,
        is_apprenticeship=row.is_apprenticeship,
        was_absent=row.was_absent,
        ready_on=row.ready_on or row.registration.ends_on,
        passed_units=frozenset(passed),
        # A unit counts as chosen once anything of it is banked; until then a conditional one binds nobody.
        chosen_units=frozenset(passed),
        evidence=tuple(evidence),
        rank=row.grade.rank if row.grade else None,
        has_rationale=bool(row.rationale.strip()),
        was_told=row.told_on is not None,
        untold=untold,
    )


def counting_evidence(judgement_ids: Iterable[int]) -> dict[int, list[int]]:
    """By judgement id, the ids of the pieces that were not set aside, in the order recorded. One query."""
    found: dict[int, list[int]] = defaultdict(list)
    pieces = EvidenceRecord.objects.filter(judgement__in=list(judgement_ids), set_aside_at=None).order_by("pk")
    for judgement_id, piece_id in pieces.values_list("judgement_id", "pk"):
        found[judgement_id].append(piece_id)
    return found
