"""Submitting a claim: what blocks it, which way it goes, and what happens when it is submitted twice."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from awarding.accounts.roles import Role
from awarding.accounts.standing import PermissionMissingError
from awarding.catalogue.models import Grade, UnitGroup
from awarding.findings.finding import Severity
from awarding.notices.models import Notice
from awarding.tenancy.scope import open_scope
from awarding.workflow.models import StatusEvent
from awarding.workflow.queries import history
from awarding.workflow.services import GuardedError, ReasonMissingError, StalePageError
from centres.models import Registration
from mitigations.models import Claim, ClaimCell
from mitigations.queries.findings import claim_findings
from mitigations.services.panel import decide_claim
from mitigations.services.submission import resume_claim, submit_claim, withdraw_claim
from tests.factories import make_claim, make_standing
from tests.factories.filling import fill_and_submit, fill_cells, fill_checklist
from tests.factories.sign_in import sign_in

pytestmark = pytest.mark.django_db


def submit(claim, actor, **fields):
    return submit_claim(actor=actor, claim=claim, expected_version=claim.version, **fields)


def codes(claim):
    return {finding.code: finding.severity for finding in claim_findings(claim)}


def test_clm_10_full_evidence_without_mitigation_goes_straight_to_a_verifier(scope, centre, contact):
    """CLM-10: nothing is left for the panel to weigh."""
    claim = fill_and_submit(make_claim(centre, contact, kind=""), contact)
    assert (claim.state, claim.queued_at, claim.submitted_by) == ("unallocated", None, contact.person)


def test_clm_10_a_mitigation_goes_to_the_panel_however_full_the_evidence(scope, centre, contact):
    """CLM-10, the other way: a mitigation is always weighed."""
    claim = fill_and_submit(make_claim(centre, contact), contact)
    assert claim.state == "queued" and claim.queued_at is not None


def test_clm_10_evidence_that_is_not_complete_goes_to_the_panel_without_a_mitigation(scope, centre, contact):
    """CLM-10, the other way: evidence that is not complete is always weighed."""
    assert fill_and_submit(make_claim(centre, contact, kind=""), contact, status="partial").state == "queued"


@pytest.mark.parametrize(
    ("kind", "words", "state"),
    [("", "Straight to an external verifier", "unallocated"), ("calculated_grade", "To the panel, because", "queued")],
)
def test_clm_10_the_page_says_where_it_goes_and_it_goes_there(client, aim, centre, contact, kind, words, state):
    """CLM-10, on the page: straight on without a mitigation, to the panel with one."""
    with open_scope(aim):
        claim = make_claim(centre, contact, kind=kind)
        fill_cells(claim, contact)
        fill_checklist(claim, contact)
        claim = Claim.objects.get(pk=claim.pk)
    sign_in(client, contact.person)
    address = reverse("mitigations:submit", args=["aim", claim.pk])
    page = client.get(address).content.decode()
    assert words in page and "/rules/CLM-10/" in page
    client.post(address, {"is_true": "on", "expected_version": claim.version, "answer": "Looked at."})
    with open_scope(aim):
        assert Claim.objects.get(pk=claim.pk).state == state


def test_clm_03_without_its_checklist_a_claim_is_not_submitted(scope, centre, contact):
    claim = make_claim(centre, contact)
    fill_cells(claim, contact)
    with pytest.raises(GuardedError) as refused:
        submit(claim, contact)
    assert [finding.rule for finding in refused.value.findings] == ["CLM-03"]
    assert Claim.objects.get(pk=claim.pk).state == "drafted"
    fill_checklist(claim, contact)
    assert submit(claim, contact).state == "queued"


def test_clm_04_a_blank_erac_can_be_submitted_with_its_checklist(scope, centre, contact):
    claim = make_claim(centre, contact, kind="")
    fill_checklist(claim, contact)
    assert codes(claim)["blank"] is Severity.INFORMS
    assert submit(claim, contact).state == "queued"


def test_mit_12_a_learner_claimed_in_every_unit_who_falls_short_blocks_with_group_and_shortfall(scope, centre, contact):
    claim = make_claim(centre, contact, learners=1, units=2)
    UnitGroup.objects.filter(qualification=claim.qualification).update(min_credits=50)
    fill_cells(claim, contact)
    fill_checklist(claim, contact)
    with pytest.raises(GuardedError, match="“Mandatory” is 30 credits short"):
        submit(claim, contact)
    UnitGroup.objects.filter(qualification=claim.qualification).update(min_credits=20)
    assert submit(claim, contact).state == "queued"


def test_mit_12_a_failing_grade_is_no_achievement(scope, centre, contact):
    claim = make_claim(centre, contact, learners=1, units=2)
    Grade.objects.create(
        scale=claim.qualification.unit_scale, code="U", label="Unclassified", rank=9, is_achieved=False
    )
    fill_cells(claim, contact)
    fill_cells(claim, contact, "U", only=1)
    assert codes(claim)["combination"] is Severity.BLOCKS


def test_mit_12_a_learner_with_empty_cells_is_claimed_for_units_only(scope, centre, contact):
    claim = make_claim(centre, contact, learners=1, units=2)
    fill_cells(claim, contact, only=1)
    assert codes(claim)["units_only"] is Severity.INFORMS
    assert "combination" not in codes(claim)


def test_mit_14_incomplete_units_left_out_must_be_answered(scope, centre, contact):
    claim = make_claim(centre, contact, learners=1, units=2)
    fill_checklist(claim, contact, "partial")
    fill_cells(claim, contact, only=1)
    with pytest.raises(ReasonMissingError):
        submit(claim, contact)
    moved = submit(claim, contact, answer="The learner left the second unit")
    assert moved.state == "queued"
    assert history(moved)[-1].reason == "The learner left the second unit"


def test_mit_14_claimed_incomplete_units_are_marked_and_ask_nothing(scope, centre, contact):
    claim = make_claim(centre, contact, learners=1, units=2)
    fill_checklist(claim, contact, "partial", only=1)
    fill_checklist_rest(claim, contact)
    fill_cells(claim, contact)
    submit(claim, contact)
    marks = ClaimCell.objects.filter(claim=claim).order_by("unit__position").values_list("is_incomplete", flat=True)
    assert list(marks) == [True, False]


def fill_checklist_rest(claim, actor):
    from mitigations.services.checklist import complete_rest
    from tests.factories.filling import places_of

    complete_rest(actor=actor, claim_id=claim.pk, row_keys=[row for row, _column in places_of(claim)])


def test_mit_06_learners_who_end_before_the_impact_date_are_named(scope, centre, contact):
    claim = make_claim(centre, contact, learners=2)
    assert "not_impacted" not in codes(claim)
    Registration.objects.filter(claim_rows__claim=claim, claim_rows__position=0).update(ends_on=dt.date(2020, 3, 19))
    assert codes(claim)["not_impacted"] is Severity.INFORMS


def test_mit_07_a_learner_whose_registration_ended_cannot_be_claimed_for(scope, centre, contact):
    claim = make_claim(centre, contact)
    fill_checklist(claim, contact)
    fill_cells(claim, contact)
    Registration.objects.filter(claim_rows__claim=claim).update(status=Registration.Status.WITHDRAWN)
    with pytest.raises(GuardedError) as refused:
        submit(claim, contact)
    assert "MIT-07" in [finding.rule for finding in refused.value.findings]


def test_clm_01_the_notice_to_the_panel_carries_the_number(scope, centre, contact, member):
    """CLM-01: a message about a claim carries its number."""
    claim = fill_and_submit(make_claim(centre, contact), contact)
    notice = Notice.objects.get(person=member.person)
    assert claim.number in notice.subject and notice.url == f"/ao/aim/panel/{claim.pk}/"


def test_submitting_twice_leaves_one_submission_and_says_so(scope, centre, contact):
    claim = make_claim(centre, contact)
    fill_and_submit(claim, contact)
    with pytest.raises(StalePageError, match="Waiting for the panel"):
        submit(claim, contact)
    events = StatusEvent.objects.filter(target_id=claim.pk, transition="submit_to_panel")
    assert events.count() == 1


def test_a_teacher_may_not_submit(scope, centre, contact):
    claim = make_claim(centre, contact)
    with pytest.raises(PermissionMissingError):
        submit(claim, make_standing(scope, Role.TEACHER, centre))


def test_withdrawing_needs_a_reason(scope, centre, contact):
    claim = make_claim(centre, contact)
    with pytest.raises(ReasonMissingError):
        withdraw_claim(actor=contact, claim=claim, reason=" ", expected_version=claim.version)
    assert (
        withdraw_claim(actor=contact, claim=claim, reason="Twice", expected_version=claim.version).state == "withdrawn"
    )


def test_clm_07_a_claim_approved_in_principle_waits_for_the_evidence_and_resumes_where_it_stood(
    scope, centre, contact, member
):
    claim = fill_and_submit(make_claim(centre, contact), contact, status="none")
    arrived = claim.queued_at
    decide_claim(
        actor=member, claim=claim, verdict="in_principle", reasons="Half is missing", expected_version=claim.version
    )
    claim = Claim.objects.get(pk=claim.pk)
    assert claim.state == "approved_in_principle"
    with pytest.raises(GuardedError) as refused:
        resume_claim(actor=contact, claim=claim, expected_version=claim.version)
    assert "CLM-06" in [finding.rule for finding in refused.value.findings]
    fill_checklist(claim, contact)
    resumed = resume_claim(actor=contact, claim=claim, expected_version=claim.version)
    assert (resumed.state, resumed.queued_at) == ("queued", arrived)
