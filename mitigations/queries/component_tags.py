"""Reads of requests for component grades, and the facts that their checks look at."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import QuerySet

from awarding.accounts.standing import Standing
from awarding.catalogue.models import Grade
from awarding.findings.finding import Finding
from awarding.frameworks.document import FrameworkDocument
from awarding.frameworks.queries import adopted_document
from awarding.tenancy.prepared import prepared
from mitigations.models import Claim, ComponentTag
from mitigations.queries.claims import visible_claims
from mitigations.queries.documents import open_adoption_for
from mitigations.rules.component_tag import RequestFacts, request_findings
from mitigations.rules.facts import Place, TagFacts


def visible_tags(standing: Standing) -> QuerySet[ComponentTag]:
    """The requests on the claims that this person sees, newest first."""
    rows = ComponentTag.objects.filter(claim__in=visible_claims(standing)).select_related(
        "centre", "claim__qualification", "claim__adoption__framework", "learner__registration__learner", "unit__unit",
        "drafted_by", "ao",
    )  # fmt: skip
    return rows.order_by("-id")


def waiting_tags() -> QuerySet[ComponentTag]:
    """The requests that wait for the AO, oldest first."""
    return ComponentTag.objects.filter(state="requested").order_by("state_since", "id")


def gives_component_tags(claim: Claim) -> bool:
    """Whether grades for single components belong to the claim: its framework's outcome for them is what it claims."""
    tags = adopted_document(claim.adoption).component_tags
    return tags is not None and claim.mitigation == tags.outcome


def tags_of_claim(document: FrameworkDocument, claim: Claim) -> dict[Place, TagFacts]:
    """{(row id, column id): its latest request}.

    One query, more where the claim goes on from another, none where it has nothing to do with such grades.
    """
    if document.component_tags is None or claim.mitigation != document.component_tags.outcome:
        return {}
    # In order of arrival: a later request takes the place of an earlier one that was turned down.
    own = {(learner, unit): TagFacts(state, grade) for learner, unit, state, grade in _tags(claim_id=claim.pk)}
    return _agreed_before(claim) | own if claim.continues_id is not None else own


def _agreed_before(claim: Claim) -> dict[Place, TagFacts]:
    """What was agreed on the claim that this one goes on from holds for its returned pieces as well. Three queries."""
    rows = dict(claim.learners.values_list("registration_id", "pk"))
    columns = dict(claim.units.values_list("unit_id", "pk"))
    agreed = ComponentTag.objects.filter(claim_id=claim.continues_id, state="agreed")
    return {
        (rows[registration_id], columns[unit_id]): TagFacts("agreed", grade)
        for registration_id, unit_id, grade in agreed.values_list("learner__registration_id", "unit__unit_id", "grade")
        if registration_id in rows and unit_id in columns
    }


@prepared
def _tags(*, claim_id: int) -> QuerySet[ComponentTag, Any]:
    rows = ComponentTag.objects.filter(claim_id=claim_id).order_by("id")
    return rows.values_list("learner_id", "unit_id", "state", "grade")


def tag_grades(claim: Claim) -> list[Grade]:
    """The grades that can be asked for, lowest first: those of the unit scale that are an achievement."""
    return list(Grade.objects.filter(scale_id=claim.qualification.unit_scale_id, is_achieved=True).order_by("rank"))


def tag_findings(tag: ComponentTag, on: date | None) -> list[Finding]:
    """What stands in the way of a request that is sent on a London day (CTB-01, -03, -04, -05).

    The days are those of the adoption in force, which may have moved since the claim was made; all else is as the claim
    pinned it.
    """
    claim = tag.claim
    pinned = adopted_document(claim.adoption)
    facts = RequestFacts(
        where=str(tag), on=on, statements=frozenset(tag.statements), tells=tag.tells,
        evidence_types=tuple(tag.evidence_types), evidence=tag.evidence,
    )  # fmt: skip
    found = request_findings(pinned, facts)
    current = adopted_document(open_adoption_for(claim))
    if current is pinned:
        return found
    late = [row for row in request_findings(current, facts) if row.rule == "CTB-05"]
    return late + [row for row in found if row.rule != "CTB-05"]
