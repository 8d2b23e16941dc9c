"""The facts of a claim, read once, and what the checks say about them."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.db.models import QuerySet

from awarding.catalogue.models import Grade, Qualification
from awarding.catalogue.queries.combination import combination_with_names
from awarding.findings.finding import Finding
from awarding.frameworks.queries import adopted_document
from awarding.tenancy.prepared import prepared
from centres.models import PriorAchievement, Registration
from centres.queries.direct_claims import has_direct_claims
from mitigations.models import Claim, ClaimCell, ClaimLearner, ClaimUnit, EvidenceEntry, ImpactCase
from mitigations.queries.component_tags import tags_of_claim
from mitigations.queries.grid import closed_places
from mitigations.queries.outcomes import carried_from
from mitigations.queries.templates import template_facts
from mitigations.queries.verification import record_facts
from mitigations.rules.claim import check_claim
from mitigations.rules.facts import ClaimFacts, EntryFacts, LearnerFacts, UnitFacts


def claim_facts(claim: Claim) -> ClaimFacts:
    """Everything that the checks look at, in a fixed number of queries however large the claim."""
    document = adopted_document(claim.adoption)
    is_direct = holds_direct_claims(claim)
    qualification = claim.qualification
    failing = failing_grades(qualification)
    combination, names = combination_with_names(qualification)
    return ClaimFacts(
        document=document,
        outcome=document.outcome(claim.mitigation) if claim.mitigation else None,
        learners=tuple(_learners(claim, failing)),
        units=tuple(UnitFacts(*row) for row in _units(claim_id=claim.pk)),
        cells={(learner, unit): value for learner, unit, value in _cells(claim_id=claim.pk)},
        entries={
            (learner, unit): EntryFacts(status, reachable, tuple(types), why)
            for learner, unit, status, reachable, types, why in _entries(claim_id=claim.pk)
        },
        combination=combination,
        unit_names=names,
        failing=failing,
        has_direct_claims=is_direct,
        verifier_record=record_facts(claim) if is_direct else None,
        is_declined=bool(claim.mitigation_declined_reason),
        closed=closed_places(claim),
        template=template_facts(claim.checklist_template),
        tags=tags_of_claim(document, claim),
        carried_from=carried_from(document, claim),
    )


@prepared
def _units(*, claim_id: int) -> QuerySet[ClaimUnit, Any]:
    rows = ClaimUnit.objects.filter(claim_id=claim_id).order_by("position", "id")
    return rows.values_list("pk", "unit_id", "unit__reference", "unit__title", "is_later")


@prepared
def _cells(*, claim_id: int) -> QuerySet[ClaimCell, Any]:
    return ClaimCell.objects.filter(claim_id=claim_id).exclude(value="").values_list("learner_id", "unit_id", "value")


@prepared
def _entries(*, claim_id: int) -> QuerySet[EvidenceEntry, Any]:
    return EvidenceEntry.objects.filter(claim_id=claim_id).values_list(
        "learner_id", "unit_id", "status", "is_reachable", "evidence_types", "reach_reason"
    )


def holds_direct_claims(claim: Claim) -> bool:
    """Whether the claim is a direct-claims centre's, under a framework that knows such claims (CLM-11)."""
    is_known = adopted_document(claim.adoption).in_force("CLM-11")
    return is_known and has_direct_claims(claim.centre_id, claim.qualification_id)


def claim_findings(claim: Claim) -> list[Finding]:
    """What the rules say about the claim as it stands now (CLM-03 to -06, MIT-06, -07, -12, -14)."""
    return check_claim(claim_facts(claim))


def failing_grades(qualification: Qualification) -> frozenset[str]:
    """The codes of the unit scale that are no achievement, such as U."""
    scale_id = qualification.unit_scale_id
    return frozenset(_failing(scale_id=scale_id)) if scale_id is not None else frozenset()


@prepared
def _failing(*, scale_id: int) -> QuerySet[Grade, str]:
    return Grade.objects.filter(scale_id=scale_id, is_achieved=False).values_list("code", flat=True)


def accepted_registrations(claim: Claim) -> set[int]:
    """The registrations on a claim that were taken in case by case under its framework (MIT-08). One query."""
    return set(_accepted(claim_id=claim.pk, framework_code=claim.adoption.framework.code))


@prepared
def _accepted(*, claim_id: int, framework_code: str) -> QuerySet[ImpactCase, int]:
    cases = ImpactCase.objects.filter(registration__claim_rows__claim_id=claim_id, state="accepted")
    return cases.filter(framework_code=framework_code).values_list("registration_id", flat=True)


def _learners(claim: Claim, failing: frozenset[str]) -> list[LearnerFacts]:
    recorded: dict[int, set[int]] = defaultdict(set)
    for registration_id, unit_id, grade in _recorded(claim_id=claim.pk):
        if grade not in failing:
            recorded[registration_id].add(unit_id)
    accepted = ClaimCell.objects.filter(claim_id=claim.continues_id, verdict=ClaimCell.Verdict.ACCEPTED)
    if claim.continues_id is not None:
        done = accepted.exclude(value="").exclude(value__in=failing)
        for registration_id, unit_id in done.values_list("learner__registration_id", "unit__unit_id"):
            recorded[registration_id].add(unit_id)
    taken_in = accepted_registrations(claim)
    brought: dict[int, set[int]] = defaultdict(set)
    for registration_id, unit_id in _brought(claim_id=claim.pk):
        brought[registration_id].add(unit_id)
    return [
        LearnerFacts(
            pk,
            f"{given_names} {family_name}",
            ends_on,
            status == Registration.Status.ACTIVE,
            frozenset(recorded[registration_id] | brought[registration_id]),
            transferred=frozenset(brought[registration_id] - recorded[registration_id]),
            is_taken_in=registration_id in taken_in,
            finishes_now=finishes_now,
        )
        for pk, registration_id, given_names, family_name, ends_on, status, finishes_now in _rows(claim_id=claim.pk)
    ]


@prepared
def _recorded(*, claim_id: int) -> QuerySet[Registration, tuple[int, int, str]]:
    # Unit results belong to a later app; the relation's name is all that is known of them here.
    rows = Registration.objects.filter(claim_rows__claim_id=claim_id, unit_results__isnull=False)
    return rows.values_list("pk", "unit_results__unit_id", "unit_results__grade")


@prepared
def _brought(*, claim_id: int) -> QuerySet[PriorAchievement, tuple[int, int]]:
    rows = PriorAchievement.objects.filter(registration__claim_rows__claim_id=claim_id, ended_at=None)
    return rows.values_list("registration_id", "unit_id")


@prepared
def _rows(*, claim_id: int) -> QuerySet[ClaimLearner, Any]:
    shown = ("pk", "registration_id", "registration__learner__given_names", "registration__learner__family_name",
             "registration__ends_on", "registration__status", "finishes_now")  # fmt: skip
    return ClaimLearner.objects.filter(claim_id=claim_id).order_by("position", "id").values_list(*shown)
