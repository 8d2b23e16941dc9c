"""A claim that goes on from what a verifier returned: only that is to be filled in again."""

from __future__ import annotations

import pytest

from awarding.ui.grid import CellInput
from mitigations.models import Claim, ClaimCell
from mitigations.queries.findings import claim_findings
from mitigations.queries.grid import closed_places
from mitigations.services.continuation import continue_returned
from mitigations.services.grid import save_cells
from mitigations.services.submission import submit_claim
from tests.factories import make_claim
from tests.factories.filling import fill_and_submit, places_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def follow_on(scope, centre, contact):
    """Of two learners by two units the two cells on one diagonal were returned."""
    claim = fill_and_submit(make_claim(centre, contact), contact)
    cells = list(ClaimCell.objects.filter(claim=claim).order_by("learner__position", "unit__position"))
    ClaimCell.objects.filter(claim=claim).update(verdict="accepted")
    ClaimCell.objects.filter(pk__in=[cells[0].pk, cells[3].pk]).update(verdict="returned")
    made = continue_returned(actor=contact, claim=claim)
    return Claim.objects.select_related("centre", "qualification", "adoption__framework").get(pk=made.pk)


def test_what_was_accepted_is_closed_and_what_was_returned_is_open(follow_on, contact):
    assert len(closed_places(follow_on)) == 2
    results = save_cells(
        actor=contact, claim_id=follow_on.pk, cells=[CellInput(*place, "") for place in places_of(follow_on)]
    )
    assert [result.status for result in results] == ["saved", "refused", "refused", "saved"]


def test_clm_03_the_checklist_asks_for_the_returned_lines_only(follow_on, contact):
    assert "checklist_missing" not in {finding.code for finding in claim_findings(follow_on)}
    follow_on.evidence_entries.all().delete()
    finding = next(finding for finding in claim_findings(follow_on) if finding.code == "checklist_missing")
    assert "2 of 2" in str(finding.what)


def test_mit_12_units_accepted_on_the_first_claim_count(follow_on, contact):
    assert not {"combination", "units_only"} & {finding.code for finding in claim_findings(follow_on)}
    assert submit_claim(actor=contact, claim=follow_on, expected_version=follow_on.version).state == "queued"


def test_a_claim_of_its_own_has_nothing_closed(scope, centre, contact):
    assert closed_places(make_claim(centre, contact)) == frozenset()
