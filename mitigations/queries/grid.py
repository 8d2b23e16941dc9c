"""Reads of the eRAC as a grid: a page of learners, all units, what is claimed, which grades are on the scale."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet

from awarding.catalogue.models import Grade, Qualification
from awarding.tenancy.prepared import prepared
from centres.models import PriorAchievement
from mitigations.models import Claim, ClaimCell, ClaimLearner, ClaimUnit

LEARNERS_PER_PAGE = 50
Place = tuple[int, int]  # ids of a row and a column


@dataclass(frozen=True)
class GridPage:
    """One page of a claim's grid; `cells`, `closed`, `brought` and `returned` (why the verifier did) by (row id, column id)."""

    page: Page
    units: list[ClaimUnit]
    cells: dict[tuple[int, int], ClaimCell]
    grades: list[Grade]
    closed: frozenset[Place]
    brought: dict[Place, PriorAchievement]
    returned: dict[Place, str]


def claim_units(claim: Claim) -> list[ClaimUnit]:
    """The columns in order, with their units."""
    return list(claim.units.select_related("unit").order_by("position", "id"))


def claim_learners(claim: Claim) -> list[ClaimLearner]:
    """The rows in order, with their learners."""
    return list(claim.learners.select_related("registration__learner").order_by("position", "id"))


def unit_grades(qualification: Qualification) -> list[Grade]:
    """The grades that a unit of the qualification can have, lowest first."""
    return list(Grade.objects.filter(scale_id=qualification.unit_scale_id).order_by("rank"))


def claim_cells(claim: Claim, learners: Iterable[ClaimLearner] | None = None) -> dict[tuple[int, int], ClaimCell]:
    """The claim's cells by (row id, column id), all of them or those of some learners."""
    cells = ClaimCell.objects.filter(claim=claim)
    if learners is not None:
        cells = cells.filter(learner_id__in=[learner.pk for learner in learners])
    return {(cell.learner_id, cell.unit_id): cell for cell in cells}


def closed_places(claim: Claim) -> frozenset[Place]:
    """Cells (row id, column id) in which nothing is to be filled in: what was not returned from the claim that this one
    goes on from, and what comes by credit transfer or recognition of prior learning."""
    return _settled_places(claim) | brought_places(claim).keys()


def brought_places(claim: Claim) -> dict[Place, PriorAchievement]:
    """{(row id, column id): what the learner brings there}. One query where nobody brings anything."""
    brought = _brought(claim_id=claim.pk)
    if not brought:
        return {}
    learners = dict(claim.learners.values_list("registration_id", "pk"))
    columns = dict(claim.units.values_list("unit_id", "pk"))
    return {(learners[row.registration_id], columns[row.unit_id]): row for row in brought if row.unit_id in columns}


@prepared
def _brought(*, claim_id: int) -> QuerySet[PriorAchievement]:
    return PriorAchievement.objects.filter(registration__claim_rows__claim_id=claim_id, ended_at=None).order_by("id")


def returned_places(claim: Claim) -> dict[Place, str]:
    """{(row id, column id): the verifier's reason} of what was returned from the claim that this one goes on from."""
    if claim.continues_id is None:
        return {}
    cells = ClaimCell.objects.filter(claim_id=claim.continues_id, verdict=ClaimCell.Verdict.RETURNED)
    rows = dict(claim.learners.values_list("registration_id", "pk"))
    columns = dict(claim.units.values_list("unit_id", "pk"))
    return {
        (rows[registration_id], columns[unit_id]): reason
        for registration_id, unit_id, reason in cells.values_list(
            "learner__registration_id", "unit__unit_id", "verdict_reason"
        )
        if registration_id in rows and unit_id in columns
    }


def _settled_places(claim: Claim, returned: dict[Place, str] | None = None) -> frozenset[Place]:
    if claim.continues_id is None:
        return frozenset()
    wanted = returned_places(claim) if returned is None else returned
    columns = list(claim.units.values_list("pk", flat=True))
    places = ((row, column) for row in claim.learners.values_list("pk", flat=True) for column in columns)
    return frozenset(place for place in places if place not in wanted)


def learners_page(claim: Claim, number: int | str | None) -> Page:
    """A page of the claim's learners."""
    rows = claim.learners.select_related("registration__learner").order_by("position", "id")
    return Paginator(rows, LEARNERS_PER_PAGE).get_page(number)


def grid_page(claim: Claim, number: int | str | None) -> GridPage:
    """One page of the grid in a fixed number of queries."""
    page = learners_page(claim, number)
    cells = claim_cells(claim, list(page))
    brought = brought_places(claim)
    returned = returned_places(claim)
    closed = _settled_places(claim, returned) | brought.keys()
    return GridPage(page, claim_units(claim), cells, unit_grades(claim.qualification), closed, brought, returned)


def marks_of(claim: Claim) -> str:
    """Which columns come later and which rows finish now, as one short text to compare (MIT-15): "12,15;3"."""
    later = claim.units.filter(is_later=True).order_by("pk").values_list("pk", flat=True)
    finishing = claim.learners.filter(finishes_now=True).order_by("pk").values_list("pk", flat=True)
    return f"{','.join(map(str, later))};{','.join(map(str, finishing))}"
