"""The special considerations panel."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
from django.db import connection
from django.utils import timezone

from awarding.accounts.roles import Role
from awarding.accounts.standing import PermissionMissingError
from awarding.notices.models import Notice
from awarding.tenancy.scope import open_scope
from awarding.workflow.queries import history
from awarding.workflow.services import GuardedError, ReasonMissingError, StalePageError
from centres.models import DeclaredInterest
from mitigations.models import Claim, PanelDecision
from mitigations.queries.panel import HELD_FOR, next_case, panel_queue, queue_page
from mitigations.services.checklist import LineInput, save_lines
from mitigations.services.panel import CaseHeldError, decide_claim, open_case
from mitigations.services.submission import submit_claim
from tests.factories import adopt_framework, make_ao, make_centre, make_claim, make_standing
from tests.factories.filling import fill_and_submit, fill_checklist, places_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def queued(scope, centre, contact):
    return fill_and_submit(make_claim(centre, contact), contact)


def decide(claim, actor, verdict="sufficient", reasons="All there", **fields):
    return decide_claim(
        actor=actor, claim=claim, verdict=verdict, reasons=reasons, expected_version=claim.version, **fields
    )


def test_clm_09_sufficient_sends_the_claim_to_its_verifier_with_the_reasons_kept(queued, member, contact):
    """CLM-09: found sufficient, the claim waits for its verifier and the centre reads the reasons."""
    decision = decide(queued, member)
    claim = Claim.objects.get(pk=queued.pk)
    assert (claim.state, decision.verdict, decision.reasons) == ("unallocated", "sufficient", "All there")
    notice = Notice.objects.get(person=contact.person)
    assert claim.number in notice.subject and "All there" in notice.body


def test_clm_08_a_decision_without_reasons_is_refused(queued, member):
    with pytest.raises(ReasonMissingError):
        decide(queued, member, reasons="  ")
    assert not PanelDecision.objects.exists()


def test_clm_08_a_member_with_a_declared_interest_decides_nothing_of_that_centre(queued, member, other_member):
    interest = DeclaredInterest.objects.create(person=member.person, centre=queued.centre, nature="Governor")
    for act in (open_case, decide):
        with pytest.raises(GuardedError) as refused:
            act(claim=queued, actor=member)
        assert refused.value.findings[0].rule == "CLM-08"
    assert next_case(member) is None and next_case(other_member) == queued
    interest.ended_at = timezone.now()
    interest.save()
    assert decide(queued, member).verdict == "sufficient"


def test_clm_09_insufficient_needs_the_next_step_and_its_date(queued, member):
    """CLM-09, refused: an insufficient claim without the agreed step, or without its date."""
    due = timezone.localdate() + dt.timedelta(days=14)
    with pytest.raises(ReasonMissingError, match="next step"):
        decide(queued, member, "insufficient", next_step_due=due)
    with pytest.raises(ReasonMissingError, match="by when"):
        decide(queued, member, "insufficient", next_step="Send the workbooks")
    decision = decide(queued, member, "insufficient", next_step="Send the workbooks", next_step_due=due)
    assert Claim.objects.get(pk=queued.pk).state == "returned"
    assert (decision.next_step, decision.next_step_due) == ("Send the workbooks", due)


def test_clm_12_a_returned_claim_keeps_its_place(queued, member, contact, centre):
    """CLM-12: what arrived first stays first, also after it came back."""
    later = fill_and_submit(make_claim(centre, contact), contact)
    due = timezone.localdate()
    decide(queued, member, "insufficient", next_step="Mend it", next_step_due=due)
    back = Claim.objects.get(pk=queued.pk)
    submit_claim(actor=contact, claim=back, expected_version=back.version)
    assert [claim.pk for claim in panel_queue()] == [queued.pk, later.pk]


def test_clm_12_out_of_turn_needs_a_reason_that_stays_in_the_history(queued, member, contact, centre):
    """CLM-12, refused: a later claim is neither opened nor decided first without a reason."""
    later = fill_and_submit(make_claim(centre, contact), contact)
    with pytest.raises(ReasonMissingError, match="arrived before"):
        open_case(actor=member, claim=later)
    with pytest.raises(ReasonMissingError, match="arrived before"):
        decide(later, member)
    open_case(actor=member, claim=later, reason="Apprenticeship starts on Monday")
    assert history(later)[-1].reason == "Apprenticeship starts on Monday"
    assert decide(later, member).verdict == "sufficient"


def test_clm_12_the_first_of_the_queue_needs_none(queued, member):
    open_case(actor=member, claim=queued)
    assert Claim.objects.get(pk=queued.pk).opened_by == member.person


def test_clm_12_a_case_that_somebody_holds_does_not_hold_up_the_rest(queued, member, other_member, contact, centre):
    later = fill_and_submit(make_claim(centre, contact), contact)
    open_case(actor=member, claim=queued)
    assert next_case(other_member) == later
    open_case(actor=other_member, claim=later)


def test_who_holds_a_case_is_said_and_half_an_hour_frees_it(queued, member, other_member):
    open_case(actor=member, claim=queued)
    with pytest.raises(CaseHeldError, match=str(member.person)):
        open_case(actor=other_member, claim=queued)
    Claim.objects.filter(pk=queued.pk).update(opened_at=timezone.now() - HELD_FOR - dt.timedelta(seconds=1))
    assert open_case(actor=other_member, claim=queued).opened_by == other_member.person


def test_deciding_frees_the_case(queued, member):
    open_case(actor=member, claim=queued)
    decide(queued, member)
    assert Claim.objects.get(pk=queued.pk).opened_by is None


def test_clm_04_a_blank_erac_is_approved_in_principle_and_not_found_sufficient(scope, centre, contact, member):
    claim = make_claim(centre, contact)
    fill_checklist(claim, contact)
    claim = submit_claim(actor=contact, claim=claim, expected_version=claim.version)
    with pytest.raises(GuardedError) as refused:
        decide(claim, member)
    assert [finding.rule for finding in refused.value.findings] == ["CLM-04"]
    assert decide(claim, member, "in_principle").verdict == "in_principle"


def test_clm_06_below_half_is_approved_in_principle_and_not_found_sufficient(scope, centre, contact, member):
    claim = fill_and_submit(make_claim(centre, contact), contact, status="none")
    with pytest.raises(GuardedError) as refused:
        decide(claim, member)
    assert [finding.rule for finding in refused.value.findings] == ["CLM-06"]
    assert decide(claim, member, "in_principle").verdict == "in_principle"


def test_clm_05_what_is_out_of_reach_for_good_does_not_keep_the_panel_from_judging(scope, centre, contact, member):
    claim = make_claim(centre, contact)
    lines = [LineInput(*place, status="none", is_reachable=False) for place in places_of(claim)]
    save_lines(actor=contact, claim_id=claim.pk, lines=lines)
    from tests.factories.filling import fill_cells

    fill_cells(claim, contact)
    claim = submit_claim(actor=contact, claim=claim, expected_version=claim.version)
    assert decide(claim, member).verdict == "sufficient"


def test_a_second_decision_hears_that_somebody_was_faster(queued, member, other_member):
    decide(queued, member)
    with pytest.raises(StalePageError, match="Someone else decided first"):
        decide(queued, other_member, "in_principle")
    assert PanelDecision.objects.count() == 1


def test_the_decision_keeps_the_findings_as_they_were(scope, centre, contact, member):
    claim = fill_and_submit(make_claim(centre, contact), contact, status="none")
    decision = decide(claim, member, "in_principle")
    assert "CLM-06" in [row["rule"] for row in decision.findings]


def test_the_centre_does_not_decide(queued, contact):
    with pytest.raises(PermissionMissingError):
        decide(queued, contact)


def test_the_queue_shows_place_findings_and_holder(queued, member, django_assert_num_queries):
    open_case(actor=member, claim=queued)
    _page, rows = queue_page(member, 1)
    assert [(row.place, row.is_held, row.is_yours) for row in rows] == [(1, True, True)]


@pytest.mark.django_db(transaction=True)
def test_two_who_decide_at_once_leave_one_decision_and_one_clear_message():
    ao = make_ao("aim")
    with open_scope(ao):
        adopt_framework()
        centre = make_centre()
        contact = make_standing(ao, Role.QUALITY_CONTACT, centre)
        members = [make_standing(ao, Role.PANEL_MEMBER) for _ in range(2)]
        claim = fill_and_submit(make_claim(centre, contact), contact)
    start, faults = threading.Barrier(2), []

    def act(actor, verdict):
        try:
            start.wait(10)
            with open_scope(ao):
                decide(claim, actor, verdict)
        except Exception as fault:
            faults.append(fault)
        finally:
            connection.close()

    threads = [
        threading.Thread(target=act, args=args) for args in zip(members, ("sufficient", "in_principle"), strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert [type(fault) for fault in faults] == [StalePageError]
    assert "Someone else decided first" in str(faults[0])
    with open_scope(ao):
        assert PanelDecision.objects.count() == 1
