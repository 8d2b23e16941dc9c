"""Reads of external verification: who has what, the sample of a claim, the evidence sent for it."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db.models import Count, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from awarding.accounts.models import User
from awarding.accounts.queries import holders
from awarding.accounts.roles import Permission, Role
from awarding.accounts.standing import Standing
from awarding.workflow.models import StatusEvent
from mitigations.models import Claim, ClaimCell, ClaimLearner, ClaimUnit
from qa_sampling.models import Allocation, EvidenceFile, SamplePick


def open_allocations(standing: Standing) -> QuerySet[Allocation]:
    """The verifier's own open allocations, the earliest due first."""
    return (
        Allocation.objects.filter(verifier=standing.person, ended_at=None)
        .select_related("claim__centre", "claim__qualification", "claim__cohort")
        .annotate(
            pieces=Count("claim__sample_picks", filter=~Q(claim__sample_picks__verdict="swapped"), distinct=True),
            decided=Count(
                "claim__sample_picks",
                filter=Q(claim__sample_picks__verdict__in=["accepted", "returned"]),
                distinct=True,
            ),
        )
        .order_by("due_on", "id")
    )


def claims_to_allocate() -> QuerySet[Claim]:
    """Claims that wait for a verifier, in the order in which they first came to wait: `arrived` (CLM-12).

    One that was taken back from a verifier keeps its place.
    """
    first = StatusEvent.objects.filter(
        target_type=Claim._meta.label_lower, target_id=OuterRef("pk"), target="unallocated"
    ).order_by("id")
    return (
        Claim.objects.filter(state="unallocated")
        .select_related("centre", "qualification", "cohort")
        .annotate(arrived=Coalesce(Subquery(first.values("at")[:1]), "state_since"))
        .order_by("arrived", "id")
    )


def claims_with_verifiers() -> QuerySet[Allocation]:
    return (
        Allocation.objects.filter(ended_at=None)
        .select_related("claim__centre", "claim__qualification", "verifier")
        .order_by("due_on", "id")
    )


def verifiers() -> QuerySet[User]:
    """The AO's external verifiers, by name."""
    return holders({Role.EXTERNAL_VERIFIER}).order_by("name", "pk")


def find_allocation(standing: Standing, claim_id: int) -> Allocation | None:
    """This verifier's open allocation of the claim, or None."""
    return (
        Allocation.objects.filter(claim_id=claim_id, verifier=standing.person, ended_at=None)
        .select_related("claim__centre", "claim__qualification", "claim__cohort", "claim__adoption__framework")
        .first()
    )


@dataclass
class SampleRow:
    """One learner of the claim; for each unit the cell, None where nothing is claimed, the pick, and "learner:unit"."""

    learner: ClaimLearner
    cells: list[tuple[ClaimUnit, ClaimCell | None, SamplePick | None, str]] = field(default_factory=list)


def sample_rows(claim: Claim, units: list[ClaimUnit], learners: list[ClaimLearner]) -> list[SampleRow]:
    """The claim's grid for these learners with what is sampled and decided. Two queries."""
    ids = [learner.pk for learner in learners]
    cells = {(c.learner_id, c.unit_id): c for c in ClaimCell.objects.filter(claim=claim, learner_id__in=ids)}
    picks = {
        (p.learner_id, p.unit_id): p
        for p in SamplePick.objects.filter(claim=claim, learner_id__in=ids).exclude(verdict=SamplePick.Verdict.SWAPPED)
    }
    rows = []
    for learner in learners:
        row = SampleRow(learner)
        for unit in units:
            key = (learner.pk, unit.pk)
            cell = cells.get(key)
            claimed = cell if cell and cell.value else None
            row.cells.append((unit, claimed, picks.get(key), f"{learner.pk}:{unit.pk}"))
        rows.append(row)
    return rows


def learners_of(claim: Claim) -> QuerySet[ClaimLearner]:
    return ClaimLearner.objects.filter(claim=claim).select_related("registration__learner").order_by("position", "id")


def units_of(claim: Claim) -> list[ClaimUnit]:
    return list(ClaimUnit.objects.filter(claim=claim).select_related("unit").order_by("position", "id"))


def picks_of(claim: Claim) -> list[SamplePick]:
    """Every piece ever picked, with its files in force, oldest first. Two queries."""
    files = EvidenceFile.objects.filter(removed_at=None).select_related("file", "uploaded_by")
    return list(
        SamplePick.objects.filter(claim=claim)
        .select_related("learner__registration__learner", "unit__unit", "picked_by", "replaces")
        .prefetch_related(Prefetch("files", queryset=files, to_attr="files_in_force"))
        .order_by("id")
    )


def visible_picks(standing: Standing) -> QuerySet[SamplePick]:
    """Pieces whose evidence this person may see: the allocated verifier's, the centre's own once asked for, the AO's."""
    picks = SamplePick.objects.select_related(
        "claim__centre", "claim__qualification", "learner__registration__learner", "unit__unit"
    )
    reach = standing.reach(Permission.EVIDENCE_VIEW)
    if reach is None and not is_verifier_only(standing):
        return picks
    mine = Q(claim__allocations__verifier=standing.person, claim__allocations__ended_at=None)
    return picks.filter(mine | Q(claim__centre_id__in=standing.centre_ids, requested_at__isnull=False)).distinct()


def is_verifier_only(standing: Standing) -> bool:
    """True for a person whose only AO-wide role is external verifier: they see what is allocated to them."""
    return {role for role, centre in standing.grants if centre is None} == {Role.EXTERNAL_VERIFIER}


def requested_picks(claim: Claim) -> list[SamplePick]:
    """What the centre is asked to send, open pieces first."""
    return sorted(
        (pick for pick in picks_of(claim) if pick.requested_at is not None),
        key=lambda p: (p.verdict != SamplePick.Verdict.OPEN, p.pk),
    )
