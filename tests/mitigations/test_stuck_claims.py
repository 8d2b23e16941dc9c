"""Internal verification as a step, and claims that are stuck: who holds them, how long, moving them on (CLM-13)."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from awarding.accounts.roles import Role
from awarding.accounts.standing import PermissionMissingError
from awarding.frameworks.models import Adoption
from awarding.notices.models import Notice
from awarding.tenancy.scope import open_scope
from awarding.workflow.queries import history
from awarding.workflow.services import GuardedError, ReasonMissingError
from awarding.worklist.registry import work_items
from centres.models import CohortStaff
from mitigations.models import Claim, HoldLimit, InternalSignOff
from mitigations.queries.holding import hold, hold_limits, stuck_claims
from mitigations.services.holding import remind_holder, set_hold_limits
from mitigations.services.verification import move_on_claim, send_back_claim, sign_off_claim
from tests.factories import make_claim, make_membership, make_standing
from tests.factories.filling import fill_and_submit, fill_cells
from tests.factories.sign_in import sign_in

pytestmark = pytest.mark.django_db


def ask_for_internal_verification() -> None:
    """What the AO chose besides stays as it is."""
    for adoption in Adoption.objects.all():
        adoption.overrides = adoption.overrides | {"internal_verification.step": "before_submission"}
        adoption.save(update_fields=["overrides"])


@pytest.fixture
def asked(aim):
    """The AO has chosen that claims pass their internal verifier."""
    with open_scope(aim):
        ask_for_internal_verification()
    return aim


@pytest.fixture
def admin(aim):
    with open_scope(aim):
        return make_standing(aim, Role.AO_ADMIN)


def make_iv(ao, centre, claim):
    verifier = make_standing(ao, Role.INTERNAL_VERIFIER, centre)
    CohortStaff.objects.create(cohort=claim.cohort, person=verifier.person)
    return verifier


def client_of(standing) -> Client:
    client = Client()
    sign_in(client, standing.person)
    return client


def url(name, claim=None):
    return reverse(f"mitigations:{name}", kwargs={"ao": "aim"} | ({"claim_id": claim.pk} if claim else {}))


def age(claim, days: int) -> None:
    Claim.objects.filter(pk=claim.pk).update(state_since=timezone.now() - dt.timedelta(days=days, hours=1))


def test_clm_13_internal_verification_is_no_step_until_the_ao_asks_for_it(scope, centre, contact):
    assert fill_and_submit(make_claim(centre, contact), contact).state == "queued"
    ask_for_internal_verification()
    claim = fill_and_submit(make_claim(centre, contact), contact)
    assert (claim.state, claim.queued_at) == ("with_iv", None)


def test_clm_13_the_internal_verifier_signs_and_the_claim_goes_on_by_itself(asked, centre, contact):
    with open_scope(asked):
        claim = fill_and_submit(make_claim(centre, contact), contact)
        verifier = make_iv(asked, centre, claim)
        assert any(claim.number in str(item.title) for item in work_items(verifier))
    theirs = client_of(verifier)
    assert "Sign it off, or send it back" in theirs.get(url("claim", claim)).content.decode()
    answer = {"expected_version": claim.version, "answer": "pass", "words": ""}
    assert "Fill in" in theirs.post(url("sign_off", claim), answer).content.decode()
    assert theirs.post(url("sign_off", claim), answer | {"words": "Sampled four learners"}).status_code == 302
    with open_scope(asked):
        claim.refresh_from_db()
        assert claim.state == "queued" and claim.queued_at is not None
        signed = InternalSignOff.objects.get()
        assert (signed.recorded_by, signed.means, signed.note) == (verifier.person, "signed", "Sampled four learners")
        ordinary = fill_and_submit(make_claim(centre, contact, kind=""), contact)
        other = make_iv(asked, centre, ordinary)
        facts = {"note": "All seen", "expected_version": ordinary.version}
        assert sign_off_claim(actor=other, claim=ordinary, **facts).state == "unallocated"
    late = theirs.post(url("sign_off", claim), answer | {"words": "Again"})
    assert late.status_code == 409 and "Someone else decided first" in late.content.decode()


def test_clm_13_nobody_signs_off_their_own_teaching_or_a_cohort_that_is_not_theirs(asked, centre, contact):
    """CLM-13, refused: one’s own teaching, and a cohort of others."""
    with open_scope(asked):
        claim = make_claim(centre, contact)
        verifier = make_iv(asked, centre, claim)
        fill_cells(claim, verifier)
        claim = fill_and_submit(claim, contact)
        facts = {"claim": claim, "note": "Mine", "expected_version": claim.version}
        with pytest.raises(GuardedError, match="of its grades yourself"):
            sign_off_claim(actor=verifier, **facts)
        second = make_iv(asked, centre, claim)
        make_membership(second.person, Role.TEACHER, centre)
        with pytest.raises(GuardedError, match="You teach this cohort"):
            sign_off_claim(actor=second, **facts)
        with pytest.raises(Claim.DoesNotExist):
            sign_off_claim(actor=make_standing(asked, Role.INTERNAL_VERIFIER, centre), **facts)
        with pytest.raises(PermissionMissingError):
            sign_off_claim(actor=contact, **facts)


def test_the_internal_verifier_sends_a_claim_back_with_reasons(asked, centre, contact):
    with open_scope(asked):
        claim = fill_and_submit(make_claim(centre, contact), contact)
        verifier = make_iv(asked, centre, claim)
        with pytest.raises(ReasonMissingError):
            send_back_claim(actor=verifier, claim=claim, reason=" ", expected_version=claim.version)
        moved = send_back_claim(actor=verifier, claim=claim, reason="Unit 2", expected_version=claim.version)
        assert moved.state == "drafted"
        assert Notice.objects.filter(person=contact.person, body__contains="Unit 2").exists()


def test_clm_13_the_ao_moves_a_stuck_claim_on_in_three_clicks_with_who_confirmed_how_and_when(
    asked, centre, contact, admin
):
    """CLM-13: page, form, button; who confirmed, how and when stay with the claim."""
    with open_scope(asked):
        claim = fill_and_submit(make_claim(centre, contact), contact)
        fresh = fill_and_submit(make_claim(centre, contact), contact)
        verifier = make_iv(asked, centre, claim)
        age(claim, 6)
    ours = client_of(admin)
    work = ours.get("/").content.decode()
    assert "1 claim is stuck" in work and url("stuck") in work  # the first click
    listed = ours.get(url("stuck")).content.decode()
    assert claim.number in listed and fresh.number not in listed and str(verifier.person) in listed
    assert url("unstick", claim) in listed  # the second
    facts = {
        "expected_version": claim.version, "confirmed_by": "Grace Lindqvist, principal", "means": "email",
        "confirmed_on": timezone.localdate().isoformat(), "note": "The verifier is on furlough",
    }  # fmt: skip
    for missing in ("confirmed_by", "means", "note"):
        assert ours.post(url("unstick", claim), facts | {missing: ""}).status_code == 200
    later = (timezone.localdate() + dt.timedelta(days=1)).isoformat()
    assert "lies in the future" in ours.post(url("unstick", claim), facts | {"confirmed_on": later}).content.decode()
    assert client_of(contact).post(url("unstick", claim), facts).status_code == 403
    assert ours.post(url("unstick", claim), facts).status_code == 302  # the third
    with open_scope(asked):
        claim.refresh_from_db()
        assert claim.state == "queued" and claim.queued_at is not None
        event = history(claim)[-1]
        assert (event.transition, event.actor) == ("move_on_to_panel", admin.person)
        assert "Grace Lindqvist, principal (E-mail" in event.reason and "on furlough" in event.reason
        assert event.data["means"] == "email"
        kept = InternalSignOff.objects.get()
        assert (kept.confirmed_by, kept.recorded_by) == ("Grace Lindqvist, principal", admin.person)
    assert ours.post(url("unstick", claim), facts).status_code == 409


def test_clm_13_only_internal_verification_that_was_confirmed_moves_a_claim_on(asked, centre, contact, admin):
    """CLM-13, refused: without who confirmed it, or by means that confirm nothing."""
    with open_scope(asked):
        claim = fill_and_submit(make_claim(centre, contact), contact)
        facts = {
            "claim": claim,
            "means": "letter",
            "confirmed_on": timezone.localdate(),
            "expected_version": claim.version,
        }
        for who, note in ((" ", "Away"), ("Grace Lindqvist", " ")):
            with pytest.raises(ReasonMissingError):
                move_on_claim(actor=admin, confirmed_by=who, note=note, **facts)
        with pytest.raises(ValueError):
            move_on_claim(actor=admin, confirmed_by="G", note="Away", **(facts | {"means": "signed"}))
        assert Claim.objects.get(pk=claim.pk).state == "with_iv"


def test_clm_13_each_claim_names_its_holder_and_how_long_and_a_centre_hears_its_own_peoples_names_only(
    asked, centre, contact, admin, member
):
    with open_scope(asked):
        claim = fill_and_submit(make_claim(centre, contact), contact)
        verifier = make_iv(asked, centre, claim)
        age(claim, 9)
        claim.refresh_from_db()
        held = hold([claim], hold_limits())[0]
        assert (held.people, held.days, held.is_stuck) == (str(verifier.person), 9, True)
        sign_off_claim(actor=verifier, claim=claim, note="Seen", expected_version=claim.version)
        Claim.objects.filter(pk=claim.pk).update(opened_by=member.person, opened_at=timezone.now())
    assert f"The panel: {member.person}" in client_of(admin).get(url("claim", claim)).content.decode()
    assert str(member.person) not in client_of(contact).get(url("claim", claim)).content.decode()


def test_clm_13_stuck_claims_are_found_from_the_claims_by_those_who_move_them(client, asked, contact, admin):
    """CLM-13: the AO's people find them in two steps; for a centre there is no such page."""
    url = reverse("mitigations:stuck", args=["aim"])
    for who, may in ((admin, True), (contact, False)):
        sign_in(client, who.person)
        assert (url in client.get(reverse("mitigations:claims", args=["aim"])).content.decode()) is may
        assert (client.get(url).status_code == 200) is may


def test_clm_13_the_ao_sets_how_long_is_too_long_and_never_is_never(aim, centre, contact, admin):
    with open_scope(aim):
        claim = fill_and_submit(make_claim(centre, contact), contact)
        age(claim, 10)
        assert not stuck_claims(admin, hold_limits()).exists()
    ours = client_of(admin)
    shown = {name: days or "" for name, days in (("drafted", None), ("queued", 10), ("with_iv", 0))}
    assert "must be 1 or more" in ours.post(url("hold_limits"), {"queued": 0}).content.decode()
    assert ours.post(url("hold_limits"), shown).status_code == 302
    with open_scope(aim):
        assert stuck_claims(admin, hold_limits()).get() == claim
        assert hold_limits()["with_iv"] is None
        assert HoldLimit.objects.filter(state="queued").count() == 1
        set_hold_limits(actor=admin, days={"queued": None})
        assert not stuck_claims(admin, hold_limits()).exists()
        with pytest.raises(PermissionMissingError):
            set_hold_limits(actor=contact, days={"queued": 1})


def test_a_reminder_reaches_the_holder_once_a_day(asked, centre, contact, admin):
    with open_scope(asked):
        claim = fill_and_submit(make_claim(centre, contact), contact)
        verifier = make_iv(asked, centre, claim)
        for _ in range(2):
            assert remind_holder(actor=admin, claim=claim) == 1
        assert Notice.objects.filter(person=verifier.person, subject__contains="waits for you").count() == 1
        with pytest.raises(PermissionMissingError):
            remind_holder(actor=contact, claim=claim)
