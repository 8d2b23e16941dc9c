"""The facts of a claim, read once, and what the checks say about them."""

from __future__ import annotations

from collections import defaultdict

from awarding.catalogue.models import Grade, Qualification, QualificationUnit, UnitGroup
from awarding.findings.finding import Finding
from awarding.frameworks.queries import adopted_document
from centres.models import Centre, Registration
from mitigations.models import Claim, ClaimCell, EvidenceEntry
from mitigations.queries.grid import closed_places
from mitigations.rules.claim import check_claim
from mitigations.rules.combination import Combination, Group
from mitigations.rules.facts import ClaimFacts, EntryFacts, LearnerFacts, UnitFacts


def claim_facts(claim: Claim) -> ClaimFacts:
    """Everything that the checks look at, in a fixed number of queries however large the claim."""
    document = adopted_document(claim.adoption)
    units = [
        UnitFacts(row.pk, row.unit_id, row.unit.reference, row.unit.title)
        for row in claim.units.select_related("unit").order_by("position", "id")
    ]
    cells = ClaimCell.objects.filter(claim=claim).exclude(value="").values_list("learner_id", "unit_id", "value")
    entries = EvidenceEntry.objects.filter(claim=claim).values_list("learner_id", "unit_id", "status", "is_reachable")
    qualification = claim.qualification
    failing = failing_grades(qualification)
    return ClaimFacts(
        document=document,
        outcome=document.outcome(claim.mitigation) if claim.mitigation else None,
        learners=tuple(_learners(claim, failing)),
        units=tuple(units),
        cells={(learner, unit): value for learner, unit, value in cells},
        entries={(learner, unit): EntryFacts(status, reachable) for learner, unit, status, reachable in entries},
        combination=combination_of(qualification),
        failing=failing,
        has_direct_claims=claim.centre.direct_claims == Centre.DirectClaims.GRANTED,
        is_declined=bool(claim.mitigation_declined_reason),
        closed=closed_places(claim),
    )


def claim_findings(claim: Claim) -> list[Finding]:
    """What the rules say about the claim as it stands now (CLM-03 to -06, MIT-06, -07, -12, -14)."""
    return check_claim(claim_facts(claim))


def combination_of(qualification: Qualification) -> Combination:
    """The qualification's rules of combination, in two queries (MIT-12)."""
    places: dict[int, dict[int, int]] = defaultdict(dict)
    rows = QualificationUnit.objects.filter(qualification=qualification)
    for group_id, unit_id, credits in rows.values_list("group_id", "unit_id", "unit__credits"):
        places[group_id][unit_id] = credits
    groups = tuple(
        Group(group.name, places[group.pk], group.is_mandatory, group.min_units, group.min_credits)
        for group in UnitGroup.objects.filter(qualification=qualification)
    )
    return Combination(groups, qualification.min_credits)


def failing_grades(qualification: Qualification) -> frozenset[str]:
    """The codes of the unit scale that are no achievement, such as U."""
    grades = Grade.objects.filter(scale_id=qualification.unit_scale_id, is_achieved=False)
    return frozenset(grades.values_list("code", flat=True))


def _learners(claim: Claim, failing: frozenset[str]) -> list[LearnerFacts]:
    # Unit results belong to a later app; the relation's name is all that is known of them here.
    recorded: dict[int, set[int]] = defaultdict(set)
    rows = Registration.objects.filter(claim_rows__claim=claim, unit_results__isnull=False)
    for registration_id, unit_id in rows.values_list("pk", "unit_results__unit_id"):
        recorded[registration_id].add(unit_id)
    accepted = ClaimCell.objects.filter(claim_id=claim.continues_id, verdict=ClaimCell.Verdict.ACCEPTED)
    if claim.continues_id is not None:
        done = accepted.exclude(value="").exclude(value__in=failing)
        for registration_id, unit_id in done.values_list("learner__registration_id", "unit__unit_id"):
            recorded[registration_id].add(unit_id)
    return [
        LearnerFacts(
            row.pk,
            row.registration.learner.full_name,
            row.registration.ends_on,
            row.registration.status == Registration.Status.ACTIVE,
            frozenset(recorded[row.registration_id]),
        )
        for row in claim.learners.select_related("registration__learner").order_by("position", "id")
    ]
