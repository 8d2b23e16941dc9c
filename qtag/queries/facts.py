"""Gathering what the checks of Q-TAGs need, for one learner or a whole submission, in a fixed number of queries."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db.models import F

from awarding.frameworks.queries import adopted_document
from qtag.models import (
    Agreement,
    BankedUnit,
    EvidenceRecord,
    ExternalEntry,
    Judgement,
    QualificationTerms,
    ReducedUnit,
    Submission,
)
from qtag.rules.facts import EvidenceFact, LearnerFacts, SubmissionFacts, TermsFacts, UnitFact, named

# What kind of evidence a banked result stands as (QTG-14, QTG-22).
BANKED_AS = {
    BankedUnit.Kind.INTERIM.value: "internal_result",
    BankedUnit.Kind.EXTERNAL.value: "external_result",
    BankedUnit.Kind.ISSUED_2020.value: "grade_2020",
}
NO_UNITS: frozenset[int] = frozenset()


def submission_facts(submission: Submission) -> SubmissionFacts:
    """What holds for every learner of the submission. Two queries."""
    document = adopted_document(submission.adoption)
    terms = terms_facts(submission.qualification_id, document.id)
    return SubmissionFacts(
        document=document,
        category=submission.qualification.category,
        terms=terms,
        agreed_with=frozenset(
            named(who) for who in Agreement.objects.filter(submission=submission).values_list("agreed_with", flat=True)
        ),
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
    """By judgement id, what the checks need of each learner. Four queries, however many they are.

    The judgements come with `registration` and `grade` selected.
    """
    rows = list(judgements)
    evidence: dict[int, list[EvidenceFact]] = defaultdict(list)
    told = {row.pk: _ids(row.told_evidence) for row in rows}
    told_banked = {row.registration_id: (row.pk, _ids(row.told_banked)) for row in rows}
    untold: Counter[int] = Counter()
    pieces = EvidenceRecord.objects.filter(judgement__in=list(told), set_aside_at=None)
    for judgement_id, piece_id, *fact in pieces.values_list(
        "judgement_id", "pk", "type", "shows_grade__rank", "is_authentic", "is_reachable"
    ):
        evidence[judgement_id].append(EvidenceFact(*fact))
        heard = told[judgement_id]
        untold[judgement_id] += heard is not None and piece_id not in heard
    # A qualification may have been given another scale since (QTG-09).
    of_now = Judgement.objects.filter(pk__in=list(told), grade__scale=F("submission__qualification__scale"))
    on_scale = set(of_now.order_by().values_list("pk", flat=True))
    where = {"registration__in": [row.registration_id for row in rows]}
    stand = standing_units(**where)
    passed, chosen = passed_units(stand), chosen_units(stand, **where)
    mine: dict[int, list[EvidenceFact]] = defaultdict(list)
    for unit in stand:
        # The grade of a unit is not one of the qualification's scale: it is evidence without showing a grade of it.
        mine[unit.registration_id].append(EvidenceFact(BANKED_AS[unit.kind]))
        judgement_id, heard = told_banked[unit.registration_id]
        untold[judgement_id] += heard is not None and unit.pk not in heard
    return {
        row.pk: _one(
            row,
            [*evidence[row.pk], *mine[row.registration_id]],
            passed.get(row.registration_id, NO_UNITS),
            chosen.get(row.registration_id, NO_UNITS),
            untold[row.pk],
            row.pk in on_scale,
        )
        for row in rows
    }


def _ids(kept: list[int] | None) -> frozenset[int] | None:
    return None if kept is None else frozenset(kept)


def _one(
    row: Judgement,
    evidence: list[EvidenceFact],
    passed: frozenset[int],
    chosen: frozenset[int],
    untold: int,
    on_scale: bool,
) -> LearnerFacts:
    return LearnerFacts(
        is_certificating=row.is_certificating,
        is_top_up=row.is_top_up,
        is_apprenticeship=row.is_apprenticeship,
        was_absent=row.was_absent,
        ready_on=row.ready_on or row.registration.ends_on,
        passed_units=passed,
        chosen_units=chosen,
        evidence=tuple(evidence),
        rank=row.grade.rank if row.grade and on_scale else None,
        is_off_scale=row.grade_id is not None and not on_scale,
        has_rationale=bool(row.rationale.strip()),
        was_told=row.told_on is not None,
        untold=untold,
    )


class StandingUnit(NamedTuple):
    """A banked result that counts: of which unit, what it is, and whether its grade achieves the unit."""

    registration_id: int
    unit_id: int
    kind: str
    is_achieved: bool
    pk: int


def standing_units(**where: Any) -> list[StandingUnit]:
    """The banked results that were not set aside, in the order recorded; `where` narrows the registrations. One query."""
    rows = BankedUnit.objects.filter(**where, set_aside_at=None).order_by("id")
    columns = rows.values_list("registration_id", "unit_id", "kind", "grade__is_achieved", "pk")
    return [StandingUnit(*row) for row in columns]


def passed_units(stand: Iterable[StandingUnit]) -> dict[int, frozenset[int]]:
    """By registration id, the units that were fully assessed and passed (QTG-05).

    A grade issued in 2020 is left out: it rested on what a centre expected, so nobody assessed the unit in full.
    """
    found: dict[int, set[int]] = defaultdict(set)
    for row in stand:
        if row.is_achieved and row.kind != BankedUnit.Kind.ISSUED_2020:
            found[row.registration_id].add(row.unit_id)
    return {pk: frozenset(units) for pk, units in found.items()}


def chosen_units(stand: Iterable[StandingUnit], **where: Any) -> dict[int, frozenset[int]]:
    """By registration id, the units that a learner has taken up (QTG-05); `where` as in `standing_units`. One query.

    That is any of which something is recorded: a result, passed or not, the Z flag, an external entry. Until then a unit
    that only counts where it is chosen binds nobody.
    """
    found: dict[int, set[int]] = defaultdict(set)
    for row in stand:
        found[row.registration_id].add(row.unit_id)
    flagged, entered = (
        model.objects.filter(**where).order_by().values_list("registration_id", "unit_id")
        for model in (ReducedUnit, ExternalEntry)
    )
    for registration_id, unit_id in flagged.union(entered):
        found[registration_id].add(unit_id)
    return {pk: frozenset(units) for pk, units in found.items()}


def counting_evidence(judgement_ids: Iterable[int]) -> dict[int, list[int]]:
    """By judgement id, the ids of the pieces that were not set aside, in the order recorded. One query."""
    found: dict[int, list[int]] = defaultdict(list)
    pieces = EvidenceRecord.objects.filter(judgement__in=list(judgement_ids), set_aside_at=None).order_by("pk")
    for judgement_id, piece_id in pieces.values_list("judgement_id", "pk"):
        found[judgement_id].append(piece_id)
    return found
