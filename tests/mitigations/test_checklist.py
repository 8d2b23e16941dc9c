"""The evidence checklist and what it adds up to."""

from __future__ import annotations

import pytest

from awarding.accounts.roles import Role
from awarding.findings.finding import Severity
from awarding.frameworks.models import Adoption
from mitigations.models import EvidenceEntry
from mitigations.queries.findings import claim_facts, claim_findings
from mitigations.rules.evidence import evidence_shares
from mitigations.services.checklist import LineInput, complete_rest, save_lines
from mitigations.services.grid import ClaimLockedError
from tests.factories import make_claim, make_standing
from tests.factories.awards import OPEN_WINDOW
from tests.factories.filling import fill_and_submit, fill_cells, fill_checklist, places_of

pytestmark = pytest.mark.django_db


def found(claim, code):
    return next((finding for finding in claim_findings(claim) if finding.code == code), None)


def test_clm_03_lines_without_a_state_block_and_are_counted(scope, centre, contact):
    claim = make_claim(centre, contact)
    fill_checklist(claim, contact, only=1)
    finding = found(claim, "checklist_missing")
    assert finding.severity is Severity.BLOCKS and "3 of 4" in str(finding.what)
    fill_checklist(claim, contact)
    assert found(claim, "checklist_missing") is None


def test_clm_03_the_checklist_is_owed_without_a_mitigation_too(scope, centre, contact):
    assert found(make_claim(centre, contact, kind=""), "checklist_missing").rule == "CLM-03"


def test_clm_05_evidence_out_of_reach_is_told_and_does_not_block(scope, centre, contact):
    claim = make_claim(centre, contact)
    fill_cells(claim, contact)
    fill_checklist(claim, contact)
    assert found(claim, "out_of_reach") is None
    line = LineInput(*places_of(claim)[0], status="none", is_reachable=False, note="Locked in the workshop")
    save_lines(actor=contact, claim_id=claim.pk, lines=[line])
    assert found(claim, "out_of_reach").severity is Severity.INFORMS
    assert not [finding for finding in claim_findings(claim) if finding.severity is Severity.BLOCKS]


def test_clm_06_below_half_is_told_and_does_not_block(scope, centre, contact):
    claim = make_claim(centre, contact, learners=1, units=4)
    fill_checklist(claim, contact, "none")
    fill_checklist(claim, contact, "complete", only=1)
    assert found(claim, "below_share").severity is Severity.INFORMS
    fill_checklist(claim, contact, "complete", only=2)
    assert found(claim, "below_share") is None


def test_clm_06_partial_components_count_as_the_framework_says(scope, centre, contact):
    claim = make_claim(centre, contact, learners=1, units=2)
    fill_checklist(claim, contact, "partial")
    assert evidence_shares(claim_facts(claim))[0].share == 0.5
    assert found(claim, "below_share") is None


def test_clm_06_the_share_is_the_frameworks_and_can_be_the_aos_own(scope, centre, contact):
    Adoption.objects.update(overrides=OPEN_WINDOW | {"thresholds.evidence_complete_share": 0.75})
    claim = make_claim(centre, contact, learners=1, units=2)
    fill_checklist(claim, contact, "partial")
    assert "75%" in str(found(claim, "below_share").what)


def test_clm_06_holds_for_calculated_grades_only(scope, centre, contact):
    claim = make_claim(centre, contact, kind="adapted_assessment")
    fill_checklist(claim, contact, "none")
    assert found(claim, "below_share") is None


def test_a_line_made_from_an_older_version_is_a_conflict(scope, centre, contact):
    claim = make_claim(centre, contact)
    place = places_of(claim)[0]
    lines = [LineInput(*place, status="partial", version="0")]
    assert save_lines(actor=contact, claim_id=claim.pk, lines=lines)[0].status == "saved"
    lines = [LineInput(*place, status="complete", version="0")]
    result = save_lines(actor=contact, claim_id=claim.pk, lines=lines)[0]
    assert (result.status, result.theirs) == ("conflict", "partial")
    assert EvidenceEntry.objects.get(claim=claim).status == "partial"


@pytest.mark.parametrize("line", [{"status": "mostly"}, {"evidence_types": ("hearsay",)}, {"note": "x" * 501}])
def test_what_the_framework_does_not_know_is_refused(scope, centre, contact, line):
    claim = make_claim(centre, contact)
    result = save_lines(actor=contact, claim_id=claim.pk, lines=[LineInput(*places_of(claim)[0], **line)])[0]
    assert result.status == "refused"
    assert not EvidenceEntry.objects.filter(claim=claim).exists()


def test_completing_the_rest_overwrites_nothing(scope, centre, contact):
    claim = make_claim(centre, contact)
    fill_checklist(claim, contact, "none", only=1)
    row = places_of(claim)[0][0]
    assert complete_rest(actor=contact, claim_id=claim.pk, row_keys=[row]) == 1
    states = EvidenceEntry.objects.filter(claim=claim).order_by("unit__position").values_list("status", flat=True)
    assert list(states) == ["none", "complete"]


def test_the_checklist_of_a_submitted_claim_is_locked(scope, centre, contact):
    claim = fill_and_submit(make_claim(centre, contact), contact)
    with pytest.raises(ClaimLockedError):
        fill_checklist(claim, contact, "none")


def test_an_internal_verifier_who_is_not_of_the_cohort_finds_no_such_claim(scope, centre, contact):
    claim = make_claim(centre, contact)
    with pytest.raises(type(claim).DoesNotExist):
        fill_checklist(claim, make_standing(scope, Role.INTERNAL_VERIFIER, centre))
