"""Second opinions, the chair, releasing apart, undoing, and several at once: as services."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from awarding.accounts.roles import Role
from awarding.accounts.standing import PermissionMissingError
from awarding.audit.models import AuditRecord
from awarding.notices.models import Notice
from awarding.workflow.services import GuardedError, ReasonMissingError, StalePageError
from centres.models import Cohort, DeclaredInterest
from mitigations.models import Claim, PanelCase, PanelDecision, PanelOpinion
from mitigations.queries.cases import cases_page, visible_opinions, waiting_cases
from mitigations.queries.panel import next_case, panel_queue
from mitigations.services.batches import MOST, BatchError, Picked, decide_batch, release_batch, undo_batch
from mitigations.services.generation import generate_claim
from mitigations.services.panel import (
    Said,
    decide_as_chair,
    decide_claim,
    give_second_opinion,
    open_case,
    waive_second_opinion,
)
from mitigations.services.panel_settings import change_panel_settings
from mitigations.services.release import release_case, undo_case
from mitigations.services.submission import withdraw_claim
from tests.factories import make_claim, make_registration, make_standing
from tests.factories.filling import fill_and_submit

pytestmark = pytest.mark.django_db


@pytest.fixture
def queued(scope, centre, contact):
    return fill_and_submit(make_claim(centre, contact), contact)


@pytest.fixture
def admin(scope):
    return make_standing(scope, Role.AO_ADMIN)


@pytest.fixture
def chair(scope):
    return make_standing(scope, Role.PANEL_CHAIR)


@pytest.fixture
def third(scope):
    return make_standing(scope, Role.PANEL_MEMBER)


def wish(admin, *, share=0, apart=False):
    return change_panel_settings(
        actor=admin, releases_apart=apart, second_opinion_share=share, in_principle_days=28, reminder_days=[7, 1]
    )


def decide(claim, actor, verdict="sufficient", reasons="All there", **fields):
    return decide_claim(
        actor=actor, claim=claim, verdict=verdict, reasons=reasons, expected_version=claim.version, **fields
    )


def second(claim, actor, verdict="sufficient", reasons="I agree"):
    case = PanelCase.objects.get(claim=claim, state="second")
    return give_second_opinion(actor=actor, case=case, expected_version=case.version, said=Said(verdict, reasons))


def fresh(claim):
    return Claim.objects.get(pk=claim.pk)


def case_of(claim):
    return PanelCase.objects.filter(claim=claim).latest("pk")


# --- decide and release apart --------------------------------------------------------------------


def test_at_once_is_the_default_and_the_case_is_released_with_the_decision(queued, member):
    decision = decide(queued, member)
    assert isinstance(decision, PanelDecision) and decision.released_by == member.person
    assert fresh(queued).state == "unallocated" and case_of(queued).state == "released"


def test_apart_nothing_of_the_claim_moves_until_the_release(queued, member, contact, admin):
    wish(admin, apart=True)
    before = Claim.objects.filter(pk=queued.pk).values("state", "version", "state_since", "queued_at").get()
    opinion = decide(queued, member, reasons="Kept back")
    assert isinstance(opinion, PanelOpinion) and case_of(queued).state == "decided"
    assert Claim.objects.filter(pk=queued.pk).values("state", "version", "state_since", "queued_at").get() == before
    assert not PanelDecision.objects.exists() and not Notice.objects.filter(person=contact.person).exists()
    assert next_case(member) is None, "a decided claim is not taken again"
    decision = release_case(actor=admin, case=case_of(queued))
    assert (decision.decided_by, decision.released_by) == (member.person, admin.person)
    assert fresh(queued).state == "unallocated"
    assert "Kept back" in Notice.objects.get(person=contact.person).body


def test_a_release_from_a_page_that_is_out_of_date_is_refused(queued, member, admin):
    wish(admin, apart=True)
    decide(queued, member)
    case = case_of(queued)
    release_case(actor=admin, case=case, expected_version=case.version)
    for version in (case.version, None):
        with pytest.raises(StalePageError):
            release_case(actor=member, case=case, expected_version=version)
    assert PanelDecision.objects.count() == 1


def test_undoing_needs_a_reason_and_puts_the_claim_back_in_its_place(queued, member, admin, centre, contact):
    later = fill_and_submit(make_claim(centre, contact), contact)
    wish(admin, apart=True)
    decide(queued, member)
    with pytest.raises(ReasonMissingError):
        undo_case(actor=admin, case=case_of(queued), reason=" ")
    undo_case(actor=admin, case=case_of(queued), reason="The wrong claim was open")
    assert [claim.pk for claim in panel_queue()] == [queued.pk, later.pk]
    with pytest.raises(StalePageError):
        release_case(actor=admin, case=case_of(queued))
    decide(queued, member, "in_principle")
    assert case_of(queued).round == 2


def test_a_released_decision_is_not_undone(queued, member):
    decide(queued, member)
    with pytest.raises(StalePageError):
        undo_case(actor=member, case=case_of(queued), reason="Too late")


def test_the_centre_neither_releases_nor_undoes(queued, member, contact, admin):
    wish(admin, apart=True)
    decide(queued, member)
    for act in (release_case, lambda **fields: undo_case(reason="No", **fields)):
        with pytest.raises(PermissionMissingError):
            act(actor=contact, case=case_of(queued))
    with pytest.raises(PermissionMissingError):
        wish(contact, apart=False)


def test_withdrawing_closes_what_the_panel_holds(queued, member, contact, admin):
    wish(admin, apart=True)
    decide(queued, member)
    withdraw_claim(actor=contact, claim=queued, reason="Claimed twice", expected_version=queued.version)
    assert case_of(queued).state == "overtaken"
    with pytest.raises(StalePageError):
        release_case(actor=admin, case=case_of(queued))


# --- second opinions -----------------------------------------------------------------------------


def test_a_drawn_case_waits_for_a_second_member_and_agreement_settles_it(queued, member, other_member, admin):
    wish(admin, share=100)
    first = decide(queued, member, reasons="First words")
    assert isinstance(first, PanelOpinion) and case_of(queued).state == "second"
    assert fresh(queued).state == "queued" and not PanelDecision.objects.exists()
    decision = second(queued, other_member)
    assert isinstance(decision, PanelDecision)
    assert (decision.reasons, decision.decided_by) == ("First words", member.person)
    assert fresh(queued).state == "unallocated"


def test_with_a_share_of_none_no_case_is_drawn(queued, member, admin):
    wish(admin, share=0)
    decide(queued, member)
    assert case_of(queued).draw["is_drawn"] is False


def test_the_first_opinion_is_hidden_until_the_second_is_given(queued, member, other_member, chair, admin):
    wish(admin, share=100, apart=True)
    decide(queued, member, reasons="Hidden words")
    case = case_of(queued)
    assert [one.given_by for one in visible_opinions(member, case)] == [member.person]
    for reader in (other_member, chair, admin):
        assert visible_opinions(reader, case) == []
        _page, rows = cases_page(reader, 1)
        assert [row.opinion for row in rows] == [None]
    trail = AuditRecord.objects.all().values_list("data", flat=True)
    assert not any("Hidden words" in str(data) or "sufficient" in str(data) for data in trail)
    second(queued, other_member)
    assert len(visible_opinions(admin, case_of(queued))) == 2


def test_nobody_gives_both_opinions(queued, member, other_member, admin):
    wish(admin, share=100)
    decide(queued, member)
    assert list(waiting_cases(member)) == [] and [c.claim_id for c in waiting_cases(other_member)] == [queued.pk]
    with pytest.raises(GuardedError, match="already"):
        second(queued, member)


def test_the_second_opinion_is_checked_like_the_first(scope, centre, contact, member, other_member, admin):
    claim = fill_and_submit(make_claim(centre, contact), contact, status="none")
    wish(admin, share=100)
    decide(claim, member, "in_principle")
    with pytest.raises(GuardedError) as refused:
        second(claim, other_member, "sufficient")
    assert [finding.rule for finding in refused.value.findings] == ["CLM-06"]
    with pytest.raises(ReasonMissingError):
        second(claim, other_member, "in_principle", " ")


def test_opinions_that_differ_go_to_a_chair_who_gave_neither(queued, member, other_member, chair, third, admin):
    wish(admin, share=100)
    decide(queued, member)
    assert isinstance(second(queued, other_member, "in_principle", "A unit is thin"), PanelOpinion)
    case = case_of(queued)
    assert case.state == "differing" and not PanelDecision.objects.exists()
    assert visible_opinions(third, case) == [] and len(visible_opinions(chair, case)) == 2
    said = Said("in_principle", "The chair's words")
    with pytest.raises(PermissionMissingError):
        decide_as_chair(actor=third, case=case, expected_version=case.version, said=said)
    decision = decide_as_chair(actor=chair, case=case, expected_version=case.version, said=said)
    assert (decision.reasons, decision.decided_by) == ("The chair's words", chair.person)
    assert fresh(queued).state == "approved_in_principle"


def test_a_chair_who_gave_an_opinion_does_not_decide_between(queued, member, chair, admin):
    wish(admin, share=100)
    decide(queued, chair)
    second(queued, member, "in_principle")
    case = case_of(queued)
    with pytest.raises(GuardedError, match="already"):
        decide_as_chair(actor=chair, case=case, expected_version=case.version, said=Said("sufficient", "Mine"))


def test_the_chair_may_go_on_without_a_second_opinion_with_a_reason(queued, member, other_member, chair, admin):
    wish(admin, share=100)
    decide(queued, member)
    case = case_of(queued)
    for actor, reason, fault in ((other_member, "Holidays", PermissionMissingError), (chair, "", ReasonMissingError)):
        with pytest.raises(fault):
            waive_second_opinion(actor=actor, case=case, expected_version=case.version, reason=reason)
    waive_second_opinion(actor=chair, case=case, expected_version=case.version, reason="Everybody else is away")
    assert fresh(queued).state == "unallocated"


def test_a_second_opinion_from_a_stale_page_is_told(queued, member, other_member, third, admin):
    wish(admin, share=100)
    decide(queued, member)
    case = case_of(queued)
    second(queued, other_member)
    with pytest.raises(StalePageError, match="Someone else decided first"):
        give_second_opinion(
            actor=third, case=case, expected_version=case.version, said=Said("sufficient", "Me, too")
        )  # fmt: skip


# --- declared interests on every way -------------------------------------------------------------


def test_clm_08_an_interest_keeps_a_member_from_the_second_opinion_the_chair_the_release_and_the_undoing(
    queued, member, other_member, chair, admin
):
    wish(admin, share=100, apart=True)
    decide(queued, member)

    def refused(actor, act):
        interest = DeclaredInterest.objects.create(person=actor.person, centre=queued.centre, nature="Governor")
        with pytest.raises(GuardedError) as fault:
            act(actor)
        assert {finding.rule for finding in fault.value.findings} == {"CLM-08"}
        interest.ended_at = timezone.now()
        interest.save()

    def as_chair(actor):
        case = case_of(queued)
        return decide_as_chair(
            actor=actor, case=case, expected_version=case.version, said=Said("sufficient", "Enough")
        )  # fmt: skip

    refused(other_member, lambda actor: second(queued, actor))
    assert second(queued, other_member, "in_principle").verdict == "in_principle"
    refused(chair, as_chair)
    as_chair(chair)
    refused(admin, lambda actor: release_case(actor=actor, case=case_of(queued)))
    refused(admin, lambda actor: undo_case(actor=actor, case=case_of(queued), reason="Mine"))
    assert release_case(actor=admin, case=case_of(queued)).verdict == "sufficient"


def test_clm_08_an_interest_declared_after_deciding_keeps_the_decision_from_its_release(queued, member, admin):
    wish(admin, apart=True)
    decide(queued, member)
    DeclaredInterest.objects.create(person=member.person, centre=queued.centre, nature="New job there")
    with pytest.raises(GuardedError, match="gave an opinion") as fault:
        release_case(actor=admin, case=case_of(queued))
    assert fault.value.findings[0].rule == "CLM-08"
    undo_case(actor=admin, case=case_of(queued), reason="The member has an interest now")
    assert fresh(queued).state == "queued"


def test_clm_08_in_a_batch_the_claims_of_a_centre_of_interest_are_refused_one_by_one(queued, member):
    DeclaredInterest.objects.create(person=member.person, centre=queued.centre, nature="Governor")
    done = decide_batch(actor=member, picked=[Picked(queued.pk, queued.version)], said=Said("sufficient", "All there"))
    assert "declared an interest" in done[0].fault and fresh(queued).state == "queued"


# --- several at once -----------------------------------------------------------------------------


@pytest.fixture
def three(scope, centre, contact):
    """Three claims of one qualification: the second with too little evidence."""
    first = make_claim(centre, contact)
    claims = [first]
    for name in ("Evening", "Weekend"):
        cohort = Cohort.objects.create(centre=centre, qualification=first.qualification, name=name)
        make_registration(centre, first.qualification, cohort=cohort)
        claims.append(generate_claim(actor=contact, cohort=cohort))
    statuses = ("complete", "none", "complete")
    return [fill_and_submit(claim, contact, status=status) for claim, status in zip(claims, statuses, strict=True)]


def picked(claims):
    return [Picked(claim.pk, claim.version) for claim in claims]


def test_clm_12_a_batch_decides_each_by_itself_and_names_what_is_refused(three, member):
    done = decide_batch(actor=member, picked=picked(three), said=Said("sufficient", "Alike"), turn_reason="One visit")
    assert [bool(one.fault) for one in done] == [False, True, False]
    assert "Less evidence is complete" in done[1].fault
    assert [fresh(claim).state for claim in three] == ["unallocated", "queued", "unallocated"]
    assert {decision.reasons for decision in PanelDecision.objects.all()} == {"Alike"}


def test_clm_12_a_batch_out_of_turn_needs_a_reason(queued, three, member):
    done = decide_batch(actor=member, picked=picked(three[2:]), said=Said("sufficient", "Alike"))
    assert "arrived before" in done[0].fault
    done = decide_batch(
        actor=member, picked=picked(three[2:]), said=Said("sufficient", "Alike"), turn_reason="Hardship"
    )
    assert not done[0].fault


def test_a_batch_is_of_one_centre_and_qualification_and_not_too_many(queued, three, member):
    with pytest.raises(BatchError, match="one centre"):
        decide_batch(actor=member, picked=picked([queued, three[0]]), said=Said("sufficient", "Alike"))
    with pytest.raises(BatchError, match="at most"):
        decide_batch(actor=member, picked=[Picked(n, 1) for n in range(MOST + 1)], said=Said("sufficient", "Alike"))
    with pytest.raises(BatchError, match="at least one"):
        release_batch(actor=member, picked=[])
    assert not PanelCase.objects.exists()


def test_a_case_that_somebody_holds_is_left_out_of_a_batch(three, member, other_member):
    open_case(actor=other_member, claim=three[0])
    done = decide_batch(actor=member, picked=picked([three[0]]), said=Said("sufficient", "Alike"))
    assert "has this case open" in done[0].fault


def test_several_are_undone_and_released_together_until_they_are_released(three, member, admin):
    wish(admin, apart=True)
    decide_batch(actor=member, picked=picked(three), said=Said("in_principle", "Wait"), turn_reason="One visit")
    cases = [Picked(case.pk, case.version) for case in PanelCase.objects.order_by("pk")]
    assert not any(one.fault for one in undo_batch(actor=admin, picked=cases[:1], reason="Wrong button"))
    done = release_batch(actor=admin, picked=cases)
    assert [bool(one.fault) for one in done] == [True, False, False]
    done = undo_batch(actor=admin, picked=cases, reason="Too late")
    assert all(one.fault for one in done)
    assert [fresh(claim).state for claim in three] == ["queued", "approved_in_principle", "approved_in_principle"]


def test_the_settings_refuse_what_makes_no_sense(admin):
    from django.core.exceptions import ValidationError

    with pytest.raises(ValidationError):
        wish(admin, share=101)
    seed = wish(admin, share=10).draw_seed
    assert seed and wish(admin, share=20).draw_seed == seed, "the seed stays until another is asked for"


def test_clm_09_the_next_step_is_kept_with_the_opinion_and_told_with_the_release(queued, member, admin):
    wish(admin, apart=True)
    due = timezone.localdate() + dt.timedelta(days=9)
    decide(queued, member, "insufficient", next_step="Send the logbooks", next_step_due=due)
    decision = release_case(actor=admin, case=case_of(queued))
    assert (decision.next_step, decision.next_step_due) == ("Send the logbooks", due)
    assert fresh(queued).state == "returned"
