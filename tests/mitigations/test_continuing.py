"""Learners who carry on: units of the disrupted months are mitigated, later ones assessed as usual (MIT-15)."""

from __future__ import annotations

import pytest
from django.urls import reverse

from awarding.accounts.roles import Role
from awarding.audit.models import AuditRecord
from awarding.tenancy.scope import open_scope
from awarding.workflow.services import GuardedError, StalePageError
from mitigations.models import Claim, ClaimCell, ClaimLearner, ClaimUnit, EvidenceEntry
from mitigations.queries.findings import claim_facts, claim_findings
from mitigations.queries.grid import marks_of
from mitigations.rules.evidence import evidence_shares
from mitigations.services.generation import generate_claim
from mitigations.services.later_units import mark_later_units
from tests.factories import make_claim, make_standing
from tests.factories.results import make_verified
from tests.factories.sign_in import sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def claim(scope, centre, contact) -> Claim:
    """Two learners, three units, the first unit claimed with complete evidence, nothing said about the rest."""
    made = make_claim(centre, contact, learners=2, units=3)
    for row in made.learners.all():
        put(made, row, 0)
    return made


def column(claim: Claim, position: int) -> ClaimUnit:
    return claim.units.get(position=position)


def put(claim: Claim, row: ClaimLearner, position: int, *, status: str = "complete", value: str = "Pass") -> None:
    unit = column(claim, position)
    ClaimCell.objects.update_or_create(claim=claim, learner=row, unit=unit, defaults={"value": value})
    held = {"status": status, "evidence_types": ["completed_unit"]}
    EvidenceEntry.objects.update_or_create(claim=claim, learner=row, unit=unit, defaults=held)


def codes(claim: Claim) -> set[str]:
    return {finding.code for finding in claim_findings(Claim.objects.get(pk=claim.pk))}


def test_mit_15_later_units_ask_for_no_evidence_and_the_others_stay_mitigated(claim, contact):
    assert "checklist_missing" in codes(claim) and "below_share" in codes(claim)
    later = [column(claim, 1).pk, column(claim, 2).pk]
    mark_later_units(actor=contact, claim_id=claim.pk, units=later, finishing=[], expected=";")
    told = next(f for f in claim_findings(claim) if f.code == "later_units")
    assert told.rule == "MIT-15" and column(claim, 2).unit.reference in str(told.what)
    assert not codes(claim) & {"checklist_missing", "below_share"}
    assert [share.share for share in evidence_shares(claim_facts(claim))] == [1, 1]
    assert AuditRecord.objects.filter(event="claim.later_units_marked", target_id=claim.pk).count() == 1


def test_mit_15_a_later_unit_is_not_claimed_from_incomplete_work_though_a_mitigated_one_may_be(claim, contact):
    row = claim.learners.first()
    put(claim, row, 1, status="partial")
    put(claim, row, 2, status="partial")
    assert "later_claimed_early" not in codes(claim)
    mark_later_units(actor=contact, claim_id=claim.pk, units=[column(claim, 2).pk], finishing=[])
    stops = next(f for f in claim_findings(claim) if f.code == "later_claimed_early")
    assert (stops.rule, stops.severity.value, str(stops.where)) == (
        "MIT-15",
        "blocks",
        row.registration.learner.full_name,
    )
    put(claim, row, 2, status="complete")
    assert "later_claimed_early" not in codes(claim)


def test_mit_15_for_a_learner_who_finishes_now_every_unit_is_mitigated(claim, contact):
    staying, finishing = claim.learners.all()
    later = column(claim, 2)
    mark_later_units(actor=contact, claim_id=claim.pk, units=[later.pk], finishing=[finishing.pk])
    facts = claim_facts(Claim.objects.get(pk=claim.pk))
    assert facts.later == {(staying.pk, later.pk)}
    put(claim, finishing, 2, status="partial")
    assert "later_claimed_early" not in codes(claim)


def test_mit_15_results_of_the_earlier_claim_stand_as_evidence_for_the_later_units(scope):
    from results.services import processing

    scene = make_verified(scope, learners=1, units=3)
    ClaimCell.objects.filter(claim=scene.claim, unit=scene.unit(2)).delete()
    processing.record_results(claim_id=scene.claim.pk)
    processing.finish_processing(claim_id=scene.claim.pk, facts={})
    second = generate_claim(actor=scene.contact, cohort=scene.claim.cohort)
    assert "earlier_results" in codes(second)
    put(second, second.learners.get(), 2)
    found = {finding.code: finding for finding in claim_findings(second)}
    assert found["earlier_results"].rule == "MIT-15"
    assert not found.keys() & {"combination", "units_only", "checklist_missing", "below_share", "incomplete_left_out"}


def test_mit_15_without_earlier_results_the_same_claim_is_short(scope, centre, contact):
    claim = make_claim(centre, contact, learners=1, units=3)
    put(claim, claim.learners.get(), 2)
    assert codes(claim) & {"units_only"} and "checklist_missing" in codes(claim)
    assert "earlier_results" not in codes(claim)


def test_mit_15_refusals_nothing_left_no_mitigation_and_a_stale_page(claim, contact, centre):
    every = list(claim.units.values_list("pk", flat=True))
    with pytest.raises(GuardedError, match="nothing to claim a mitigation for"):
        mark_later_units(actor=contact, claim_id=claim.pk, units=every, finishing=[])
    with pytest.raises(StalePageError):
        mark_later_units(actor=contact, claim_id=claim.pk, units=[], finishing=[], expected="1;2")
    plain = make_claim(centre, contact, kind="no_change_needed")
    with pytest.raises(GuardedError, match="No mitigation is claimed"):
        mark_later_units(actor=contact, claim_id=plain.pk, units=[], finishing=[])
    assert marks_of(claim) == ";"


def test_mit_15_the_page_marks_them_and_the_grid_and_the_task_list_say_so(client, aim, centre, contact):
    with open_scope(aim):
        claim = make_claim(centre, contact, learners=2, units=3)
        later = column(claim, 2)
        title = later.unit.title
        other = make_standing(aim, Role.HEAD_OF_CENTRE, centre)
    sign_in(client, contact.person)
    address = reverse("mitigations:later_units", args=["aim", claim.pk])
    page = client.get(address).content.decode()
    assert title in page and "/rules/MIT-15/" in page
    assert "cannot be chosen now" in client.post(address, {"units": ["999999"], "expected": ";"}).content.decode()
    page = client.post(address, {"units": [str(later.pk)], "expected": ";"}, follow=True).content.decode()
    assert "Assessed later, as usual, for 2 of the learners" in page and "1 unit" in page
    grid = client.get(reverse("mitigations:grid", args=["aim", claim.pk])).content.decode()
    assert f"{title} (assessed later, as usual)" in grid
    assert "Somebody else has changed" in client.post(address, {"expected": ";"}, follow=True).content.decode()
    sign_in(client, other.person)
    assert client.get(address).status_code == 403
